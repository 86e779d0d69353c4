"""Read lists of given pseudonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.profiles.id_schemes import PSEUDONYM
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterable

IMPORT_COLUMNS = ("patient_id", "pseudonym", "issuer", "days", "name")

_MAX_NAME = 64
_MAX_DAYS = 36500


def read_given(lines: Iterable[dict[str, str]]) -> list[tuple[Identity, str, str | None, int | None]]:
    """Return who gets what on a list: identity, pseudonym, name, and by how many days dates are shifted.

    Raises
    ------
    StoreError
        If a line cannot be used; the message has its number, and nothing of what stands there.
    """
    rows = []
    for number, row in enumerate(lines, start=1):
        try:
            rows.append(_read_row(row))
        except (AttributeError, TypeError):
            raise StoreError(f"line {number}: it has fewer or more fields than columns; nothing was imported") from None
        except ValueError as error:
            raise StoreError(f"line {number}: {error}; nothing was imported") from None
    return rows


def _read_row(row: dict[str, str]) -> tuple[Identity, str, str | None, int | None]:
    identity = Identity.of_text(row["patient_id"], row.get("issuer") or "")
    pseudonym = row["pseudonym"].strip()
    name, days = (row.get("name") or "").strip(), (row.get("days") or "").strip()
    if not identity.patient_id:
        raise ValueError("it has no patient_id")
    if not PSEUDONYM.fullmatch(pseudonym):
        raise ValueError("its pseudonym has to have letters, digits, spaces and _ . + -, at most 64")
    if not name.isascii() or not name.isprintable() or "\\" in name or len(name) > _MAX_NAME:
        raise ValueError("its name has to be printable ASCII without a backslash, at most 64 characters")
    try:
        shift = int(days) if days else None
    except ValueError:
        raise ValueError("its days are no number") from None
    if shift is not None and not 0 < abs(shift) <= _MAX_DAYS:
        raise ValueError(f"its days are 0, or more than {_MAX_DAYS}")
    if None in row:
        raise TypeError
    return identity, pseudonym, name or None, shift
