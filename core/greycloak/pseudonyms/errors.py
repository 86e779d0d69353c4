"""What can go wrong with keys and store."""

from __future__ import annotations


class StoreError(Exception):
    """The pseudonym store cannot do what is needed now; the message says why and holds no identity."""
