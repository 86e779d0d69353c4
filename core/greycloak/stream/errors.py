"""What the byte engine says of objects that it cannot account for."""

from __future__ import annotations


class Malformed(ValueError):  # noqa: N818  a finding about the input, as much as an error
    """The bytes are not the DICOM that they claim to be.

    Parameters
    ----------
    reason : str
        A short code, as ``truncated``.
    detail : str
        Where and what, without any value of the data set.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
