"""What cleaning a document gives."""

from __future__ import annotations

from dataclasses import dataclass


class UnprovenError(ValueError):
    """Nobody could tell whether a document is clean.

    Parameters
    ----------
    what : str
        What stands in the way, in a word: ``image``, ``attachment``, ``encrypted``, ``drawing``, ``font``, ``damaged``,
        ``kind``, ``no-reader``.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A document without what needs no look, and what has to be looked at still.

    Attributes
    ----------
    document : bytes
        What is written instead.
    texts : tuple of str
        Everything in it that people can read.
    """

    document: bytes
    texts: tuple[str, ...] = ()
