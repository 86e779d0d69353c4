"""Encapsulated documents: cleaned where that can be proven, else refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.actions.context import SOP_CLASS_UID
from greycloak.actions.texts import clean
from greycloak.documents import UnprovenError, cleaned_document
from greycloak.outcomes import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding
    from greycloak.text.known import Known

_NAME_LENGTH = 8


def document_mapping(tag: int, encoding: Encoding, *, cleans: bool) -> Callable[[ObjectContext, bytes], bytes]:
    """Return the mapping of Encapsulated Document (0042,0011), for the splicer.

    Parameters
    ----------
    tag, encoding
        The attribute.
    cleans : bool
        Whether a document is cleaned; otherwise any is refused.
    """

    def mapping(context: ObjectContext, value: bytes) -> bytes:
        if not cleans:
            raise Refused("document")
        sop_class = context.captured.get(SOP_CLASS_UID, b"").strip(b"\0 ").decode("latin-1")
        try:
            cleaned = cleaned_document(sop_class, value, lambda name: _renamed(context, name))
        except UnprovenError as error:
            raise Refused("document-unproven", error.what) from None
        context.documents += cleaned.texts
        return encoding.element(tag, "OB", cleaned.document)

    return mapping


def check_documents(texts: Iterable[str], known: Known) -> None:
    """See that nothing in the documents that stay identifies anybody.

    Raises
    ------
    Refused
        If something does.
    """
    if any(clean(text, known, "clean")[1] for text in texts):
        raise Refused("document-unproven", "identity")


def _renamed(context: ObjectContext, name: str) -> str:
    """Return what a name inside is called from now on: the same in all objects of the project."""
    return "n" + context.project.derive_text(name.encode(), "0123456789abcdef", _NAME_LENGTH).decode("ascii")
