"""The answer key, in the schema of MIDI-B: a table of an SQLite database, a JSON list of checks for each object.

Schema and names of actions and categories: arXiv 2508.01889 and the public scorer, CBIIT/MIDI_validation_script.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ACTIONS = (
    *("tag_retained", "text_notnull", "text_retained", "text_removed", "date_shifted", "uid_changed"),
    *("uid_consistent", "patid_consistent", "pixels_retained", "pixels_hidden"),
)
# Which of the groups of categories one belongs to.
_GROUPS = (
    ("HIPAA", "hipaa", "z"),
    ("DICOM-IOD", "dicom", "iod"),
    ("DICOM-SAFE", "dicom", "safe"),
    ("DICOM-P15", "dicom", "p15"),
    ("TCIA-PTKB", "tcia", "ptkb"),
    ("TCIA-P15", "tcia", "p15"),
    ("TCIA-REV", "tcia", "rev"),
)
_COLUMNS = "Group Modality SOPClassUID PatientID StudyInstanceUID SeriesInstanceUID SOPInstanceUID PixelDigest".split()


@dataclass(frozen=True, slots=True)
class Check:
    """One question about one attribute of one object.

    Attributes
    ----------
    action : str
        One of ``ACTIONS``.
    place : str
        Where: ``<(0010,0010)>``, with items ``[<0000>]`` and creators ``<(0009,"GEMS_IDEN_01",04)>``.
    keyword : str
        The attribute's name, for reports.
    category : str
        MIDI-B's.
    value : str
        What the attribute holds.
    text : str
        What of it must stay, or go.
    kind : str
        What is planted: for reports.
    """

    action: str
    place: str
    keyword: str
    category: str
    value: str = ""
    text: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The checks of an object, and whose object it is."""

    path: str
    modality: str
    sop_class: str
    patient_id: str
    study: str
    series: str
    instance: str
    digest: str
    checks: tuple[Check, ...]
    gaps: int = 0


def write_key(path: Path, answers: Iterable[Answers]) -> None:
    """Write the answer key."""
    path.unlink(missing_ok=True)
    columns = ", ".join(f'"{column}" TEXT' for column in (*_COLUMNS, "AnswerData"))
    with sqlite3.connect(path) as database:
        database.execute(f'CREATE TABLE answer_data ("index" INTEGER, {columns})')
        database.execute("CREATE TABLE source_files (SOPInstanceUID TEXT, path TEXT, gaps INTEGER)")
        for index, each in enumerate(answers):
            ids = (each.modality, each.sop_class, each.patient_id, each.study, each.series, each.instance, each.digest)
            row = (index, "planted", *ids, json.dumps(_listed(each.checks), ensure_ascii=False))
            database.execute(f"INSERT INTO answer_data VALUES ({', '.join('?' * len(row))})", row)
            database.execute("INSERT INTO source_files VALUES (?, ?, ?)", (each.instance, each.path, each.gaps))
    database.close()


def read_key(path: Path) -> Iterator[Answers]:
    """Read an answer key."""
    database = sqlite3.connect(path)
    chosen = ", ".join(f'answer_data."{column}"' for column in _COLUMNS[1:])
    query = f"SELECT path, {chosen}, AnswerData, gaps FROM answer_data JOIN source_files USING (SOPInstanceUID)"
    for row in database.execute(query):
        *ids, listed, gaps = row
        yield Answers(*ids, checks=tuple(_check(entry) for entry in json.loads(listed).values()), gaps=gaps)
    database.close()


def write_map(path: Path, mapping: dict[str, str]) -> None:
    """Write a map of UIDs or patient IDs as a participant hands it in."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id_old", "id_new"))
        writer.writerows(sorted(mapping.items()))


def read_map(path: Path) -> dict[str, str]:
    """Read such a map."""
    with path.open(newline="", encoding="utf-8") as stream:
        return {row["id_old"]: row["id_new"] for row in csv.DictReader(stream)}


def _listed(checks: tuple[Check, ...]) -> dict[str, dict[str, object]]:
    return {
        str(index): {
            "scope": "<Instance>",
            "tag": check.place.rpartition("]")[2],
            "tag_ds": check.place,
            "tag_name": f"<{check.keyword}>",
            "value": f"<{check.value}>",
            "action": f"<{check.action}>",
            "action_text": f"<{check.text}>",
            "answer_category": check.category,
            "answer_category_v2": _grouped(check.category),
            "planted": check.kind,
        }
        for index, check in enumerate(checks)
    }


def _grouped(category: str) -> dict[str, object]:
    grouped: dict[str, object] = {
        "prev_cat": category,
        "hipaa": {"z": None, "m": None},
        "dicom": {"p15": None, "iod": None, "safe": None},
        "tcia": {"ptkb": None, "p15": None, "rev": None},
    }
    for start, group, name in _GROUPS:
        if category.startswith(start):
            grouped[group][name] = category
            break
    return grouped


def _check(entry: dict[str, str]) -> Check:
    bare = {name: str(entry[name])[1:-1] for name in ("action", "tag_name", "value", "action_text")}
    return Check(
        bare["action"],
        entry["tag_ds"],
        bare["tag_name"],
        str(entry["answer_category"]),
        bare["value"],
        bare["action_text"],
        str(entry["planted"]),
    )
