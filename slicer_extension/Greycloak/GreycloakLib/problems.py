"""What keeps a run from delivering."""

from __future__ import annotations


class ProblemError(Exception):
    """Nothing can be delivered; the message is for the person at the screen, and names no patient."""


class CancelledError(Exception):
    """The person at the screen has had enough."""
