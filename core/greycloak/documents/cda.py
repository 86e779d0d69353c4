"""Clinical documents (HL7 CDA): read, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from greycloak.documents.proof import Cleaned, UnprovenError

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_SIZE = 1 << 24
# Of a CDA document, these elements hold other documents and pictures.
_MEDIA = frozenset({"nonXMLBody", "observationMedia", "regionOfInterest", "renderMultiMedia"})


def cleaned_cda(document: bytes, _rename: Callable[[str], str]) -> Cleaned:
    """Return a CDA document as it is, and every text in it.

    Raises
    ------
    UnprovenError
        If it is no XML, defines entities, or holds media.
    """
    texts: list[str] = []
    if len(document) > _MAX_SIZE:
        raise UnprovenError("damaged")

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] in _MEDIA or attributes.get("representation") == "B64":
            raise UnprovenError("image")
        texts.extend(attributes.values())
        texts.append(" ")

    def refuse(*_: object) -> None:
        raise UnprovenError("damaged")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse  # no entities, so nothing unfolds
    parser.StartElementHandler = start
    parser.CharacterDataHandler = texts.append
    parser.CommentHandler = texts.append
    parser.ProcessingInstructionHandler = lambda target, data: texts.extend((target, data))
    try:
        parser.Parse(document.rstrip(b"\0"), True)
    except expat.ExpatError as error:
        raise UnprovenError("damaged") from error
    return Cleaned(document, ("\n".join(text for text in texts if text.strip()),))
