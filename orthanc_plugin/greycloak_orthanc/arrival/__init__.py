"""What comes by itself: which of it is anonymized, and how it gets into the queue."""
