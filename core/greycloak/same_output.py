"""Whether two outputs say the same: how an earlier output of an object is told from one that was made in another way.

Everything is compared, but what makes no difference to whoever uses them: which version of Greycloak has made them, and
Encrypted Attributes, of which each sealing is different. So a profile that has changed, or a Greycloak that cleans
more, shows by what it does to this very object.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.actions.stamps import DEIDENTIFICATION_METHOD, ENCRYPTED_ATTRIBUTES_SEQUENCE
from greycloak.files import is_same_content, read_file
from greycloak.stream import Malformed, cut_elements, read_part10

if TYPE_CHECKING:
    from pathlib import Path

    from greycloak.stream.part10 import Source

_CUT = frozenset({DEIDENTIFICATION_METHOD, ENCRYPTED_ATTRIBUTES_SEQUENCE})
_VERSION = re.compile(rb"Greycloak \d[^ \\]*")


def say_the_same(one: Source, other: Source) -> bool:
    """Tell whether two files hold the same object, made in the same way.

    Parameters
    ----------
    one, other : bytes or mmap
        Files; what cannot be read as DICOM is the same only if every byte is.
    """
    try:
        return _content(one) == _content(other)
    except Malformed:
        return one[:] == other[:]


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
