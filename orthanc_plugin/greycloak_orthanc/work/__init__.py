"""The queue, and the processes that do what is in it."""
