"""Read a crosswalk: who is behind each pseudonym, as ``greycloak pseudonyms export`` or anybody else writes it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NEW = ("pseudonym", "new_patient_id", "anonymized_patient_id", "new id", "id_new")
_OLD = ("patient_id", "original_patient_id", "patientid", "old id", "id_old")


class CrosswalkError(Exception):
    """The file cannot be used; the message says why, and nothing of what stands in it."""


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Who is who.

    Attributes
    ----------
    people : dict of str to frozenset of (str, str)
        What is known of the original of each pseudonym: column and value.
    original_ids : dict of str to str
        Original Patient ID by pseudonym.
    """

    people: dict[str, frozenset[tuple[str, str]]]
    original_ids: dict[str, str]


def read_crosswalk(path: Path) -> Crosswalk:
    """Read a CSV file whose first line names its columns.

    Raises
    ------
    CrosswalkError
        If it cannot be read, or has no column for pseudonym and original.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CrosswalkError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'no CSV in UTF-8'}") from None
    columns = {(name or "").strip().lower(): name for name in (lines[0] if lines else {})}
    new = next((columns[name] for name in _NEW if name in columns), None)
    old = next((columns[name] for name in _OLD if name in columns), None)
    if new is None or old is None:
        raise CrosswalkError(f"{path}: the first line has to name the columns pseudonym and patient_id")
    people: dict[str, frozenset[tuple[str, str]]] = {}
    originals: dict[str, str] = {}
    for line in lines:
        pseudonym = (line[new] or "").strip()
        known = {
            (name, value.strip())
            for name, column in columns.items()
            if column not in {new, "number", "days", "merged_into", None} and (value := str(line[column] or "")).strip()
        }
        people[pseudonym] = people.get(pseudonym, frozenset()) | known
        originals[pseudonym] = (line[old] or "").strip()
    return Crosswalk(people, originals)
