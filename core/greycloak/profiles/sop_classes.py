"""SOP Classes by name, pattern or UID."""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatchcase
from functools import cache

from greycloak.standard.uids import name_of_uid, sop_classes

_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")


def parse_sop_class(text: str) -> str:
    """Check a UID (``1.2.840.10008.5.1.4.1.1.2``), a name (``CT Image Storage``) or a pattern (``*SR Storage``).

    Raises
    ------
    ValueError
        If no SOP Class that the standard registers has such a name.
    """
    if _UID.fullmatch(text):
        return text
    names = list(sop_classes().values())
    if not any(_fits_name(text, name) for name in names):
        close = difflib.get_close_matches(text, names, n=1)
        meant = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"no SOP Class is called {text!r}{meant}; expected a name, a pattern with * or ?, or a UID")
    return text


def _fits_name(pattern: str, name: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())


@cache
def fits_sop_class(pattern: str, uid: str) -> bool:
    """Tell whether a SOP Class is what a name, pattern or UID says."""
    return pattern == uid or _fits_name(pattern, name_of_uid(uid))
