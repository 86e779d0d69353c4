"""Encapsulated documents (PS3.3 section A.45): what can be cleaned is, and what cannot be proven clean is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.documents.cda import cleaned_cda
from greycloak.documents.models import cleaned_material, cleaned_obj, cleaned_stl
from greycloak.documents.pdf import cleaned_pdf
from greycloak.documents.proof import Cleaned, UnprovenError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Cleaned", "UnprovenError", "cleaned_document"]

_CLEANERS: dict[str, Callable[[bytes, Callable[[str], str]], Cleaned]] = {
    "1.2.840.10008.5.1.4.1.1.104.1": cleaned_pdf,
    "1.2.840.10008.5.1.4.1.1.104.2": cleaned_cda,
    "1.2.840.10008.5.1.4.1.1.104.3": cleaned_stl,
    "1.2.840.10008.5.1.4.1.1.104.4": cleaned_obj,
    "1.2.840.10008.5.1.4.1.1.104.5": cleaned_material,
}


def cleaned_document(sop_class: str, document: bytes, rename: Callable[[str], str]) -> Cleaned:
    """Clean an encapsulated document.

    Parameters
    ----------
    sop_class : str
        UID of the SOP Class of the object that holds it.
    document : bytes
        The document; a NUL at its end may be padding.
    rename : callable
        Returns what takes the place of a name inside, the same for the same name.

    Raises
    ------
    UnprovenError
        If nobody could tell whether it is clean.
    """
    cleaner = _CLEANERS.get(sop_class)
    if cleaner is None:
        raise UnprovenError("kind")
    return cleaner(document, rename)
