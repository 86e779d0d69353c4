"""What runs in the worker process only: here alone numpy, codecs and a reader of text are imported."""
