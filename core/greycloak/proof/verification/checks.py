"""All that is checked in one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.proof.verification.claims import claim_problems
from greycloak.proof.verification.findings import Finding
from greycloak.proof.verification.identifiers import NO_OBJECTS
from greycloak.proof.verification.listed import listed_problems, standard_row, unlisted_dates
from greycloak.proof.verification.pixels import pixel_problems
from greycloak.proof.verification.private import private_problems
from greycloak.proof.verification.survivors import uids_in
from greycloak.report import path_text
from greycloak.standard.dictionary import name_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.objects import Element, Read
    from greycloak.proof.verification.survivors import Searcher
    from greycloak.standard.private import PrivateName

_RETAIN_UIDS = "retain-uids"
_SAID = {
    "name": "a name of the original",
    "id": "an identifier of the original",
    "date": "a date of the original",
    "institution": "an institution of the original",
    "address": "an address of the original",
    "phone": "a telephone number of the original",
    "device": "a device of the original",
}
_MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What must not be in an object.

    Attributes
    ----------
    searchers : tuple of Searcher
        They know whose identifiers.
    uids : set of str
        UIDs of originals.
    safe_private : container of PrivateName
        The private attributes that may be there after all.
    """

    searchers: tuple[Searcher, ...]
    uids: set[str]
    safe_private: Container[PrivateName]


def problems_of(
    number: int,
    name: str,
    read: Read,
    original: Read | None,
    claim: Claim,
    known: Forbidden,
) -> Iterator[Finding]:
    """Yield what is wrong with an object.

    Parameters
    ----------
    number : int
        Its number.
    name : str
        Its path below the folder that is verified.
    read, original : Read
        The object, and what it was made from, if that is known.
    claim : Claim
        What it claims.
    known : Forbidden
        What must not be in it.
    """
    yield from _identifiers(number, name, read, known.searchers)
    if _RETAIN_UIDS not in claim.options:
        yield from _uids(number, name, read, known.uids, claim)
    for element, what in listed_problems(read, original, claim):
        yield _at(number, "metadata", what, element)
    if original is not None:
        for element, what in unlisted_dates(read, original, claim):
            yield _at(number, "date", what, element)
    for tag, what in claim_problems(read, claim):
        yield Finding("claim", what, number, name_of(tag))
    for element, what in private_problems(read, claim, known.safe_private):
        yield _at(number, "private", what, element)
    for tag, what in pixel_problems(read, original, claim):
        yield Finding("pixels", what, number, name_of(tag))
    if original is not None:
        for way, what in sorted(read.missing - original.missing):
            yield Finding("iod", what, number, name_of(way[-1]), "/".join(map(name_of, way)))


def _identifiers(number: int, name: str, read: Read, searchers: Iterable[Searcher]) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for searcher in searchers:
        for hit in searcher.hits(read, name):
            path = hit.element.path if hit.element else ()
            if (path, hit.where, hit.kind) in seen:
                continue
            seen.add((path, hit.where, hit.kind))
            source = f" ({name_of(hit.tag)})" if hit.tag else ""
            what = f"{_SAID.get(hit.kind, 'an identifier of the original')}{source}"
            if hit.element:
                yield _at(number, "identifier", what, hit.element)
            else:
                yield Finding("identifier", what, number, hit.where, "", name if hit.where == "file name" else "")


def _uids(number: int, name: str, read: Read, uids: set[str], claim: Claim) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for element, where, uid in uids_in(read, name):
        place = (element.path if element else (), where)
        if uid not in uids or place in seen or (element and _retains(claim, element)):
            continue
        seen.add(place)
        if element:
            yield _at(number, "uid", "a UID of an original", element)
        else:
            yield Finding("uid", "a UID of an original", number, where, "", uid)


def _retains(claim: Claim, element: Element) -> bool:
    if element.tag in NO_OBJECTS:
        return True
    row = standard_row(element.tag)
    return row is not None and claim.retains(row)


def _at(number: int, kind: str, what: str, element: Element) -> Finding:
    value = element.text or (f"<{len(element.raw)} bytes>" if element.raw else "")
    return Finding(kind, what, number, name_of(element.tag), path_text(element.path), value[:_MAX_VALUE])
