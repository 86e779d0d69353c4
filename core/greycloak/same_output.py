"""Whether two outputs say the same: how an earlier output of an object is told from one that was made in another way.

Everything is compared, but what makes no difference to whoever uses them: which version of Greycloak has made them, and
Encrypted Attributes, of which each sealing is different. So a profile that has changed, or a Greycloak that cleans
more, shows by what it does to this very object.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from greycloak.actions.stamps import DEIDENTIFICATION_METHOD, ENCRYPTED_ATTRIBUTES_SEQUENCE
from greycloak.files import is_same_content, read_file
from greycloak.quiet import quiet
from greycloak.stream import Malformed, cut_elements, read_part10

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

    from greycloak.stream.part10 import Source

_CUT = frozenset({DEIDENTIFICATION_METHOD, ENCRYPTED_ATTRIBUTES_SEQUENCE})
_OF_SYNTAX = frozenset({0x00280004, 0x00280006, 0x7FE00001, 0x7FE00002, ENCRYPTED_ATTRIBUTES_SEQUENCE})
"""What another transfer syntax may change: Photometric Interpretation, Planar Configuration, offsets."""

_VERSION = re.compile(rb"Greycloak \d[^ \\]*")


def say_the_same(one: Source, other: Source, *, may_be_transcoded: bool = False) -> bool:
    """Tell whether two files hold the same object, made in the same way.

    Parameters
    ----------
    one, other : bytes or mmap
        Files; what cannot be read as DICOM is the same only if every byte is.
    may_be_transcoded : bool
        Whether somebody may have written one of them anew in another transfer syntax: if so, all is compared but
        what follows from that, pixels above all.
    """
    try:
        contents = _content(one), _content(other)
    except Malformed:
        return one[:] == other[:]
    if may_be_transcoded and contents[0][0] != contents[1][0]:
        try:
            return _values(one) == _values(other)
        except Exception:  # noqa: BLE001  what pydicom cannot read, it fails on in many ways
            return False
    return contents[0] == contents[1]


def _values(source: Source) -> Dataset:
    """Return all elements but those that say how pixels are written."""
    from pydicom import Dataset, dcmread  # noqa: PLC0415  rarely needed, and slow to load

    with quiet():
        found = dcmread(BytesIO(source[:]), stop_before_pixels=True)
        method = str(found.get("DeidentificationMethod", "")).encode()
        said = Dataset({element.tag: element for element in found if element.tag not in _OF_SYNTAX})
        said.DeidentificationMethod = _VERSION.sub(b"Greycloak", method).decode()
        return said


def files_say_the_same(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same object, made in the same way."""
    return is_same_content(one, other) or say_the_same(read_file(one), read_file(other))


def _content(source: Source) -> tuple[str, bytes, bytes, bool]:
    """Return all that counts: transfer syntax, elements, method without its version, and whether anything is sealed."""
    part10 = read_part10(source)
    rest, cut = cut_elements(part10.data, part10.start, part10.encoding, _CUT)
    method = cut.get(DEIDENTIFICATION_METHOD, b"")[8:].rstrip(b" \0")  # behind its header, whose length may differ
    return (
        part10.plain_syntax_uid,
        b"".join(rest),
        _VERSION.sub(b"Greycloak", method),
        ENCRYPTED_ATTRIBUTES_SEQUENCE in cut,
    )
