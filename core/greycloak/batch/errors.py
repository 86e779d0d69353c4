"""What keeps a run from starting or from going on; the messages are for people and name nobody."""

from __future__ import annotations


class BatchError(Exception):
    """A run cannot be done as it was asked for."""
