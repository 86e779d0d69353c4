"""What would become of a file, or of a folder series by series; nothing is recorded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greycloak.files import read_file
from greycloak.outcomes import Deidentified, Quarantined, Refused, Skipped
from greycloak.pixels.device_regions import attributes_asked
from greycloak.pixels.risk import ATTRIBUTES, burned_in_risks
from greycloak.preview import Preview, preview
from greycloak.reporting.words import note_in_words, risk_in_words
from greycloak.standard.dictionary import tag_for_keyword
from greycloak.standard.uids import name_of_uid
from greycloak.stream import Malformed, read_part10, top_values

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from greycloak.engine import Engine
    from greycloak.outcomes import Outcome
    from greycloak.stream.part10 import Source

_SERIES, _SOP_CLASS = 0x0020000E, 0x00080016
_MODALITY = 0x00080060


@dataclass
class SeriesPreview:
    """What would become of the objects of a series.

    Attributes
    ----------
    example : Path
        The object that stands for all of them.
    kind : str
        What they are.
    count : int
        How many there are.
    refused : Counter of str
        Why some would be quarantined, and how many.
    skipped : Counter of str
        What some are instead, and how many.
    preview : Preview or None
        The example, before and after.
    warnings : tuple of str
        What a person should look at, in plain words.
    """

    example: Path
    kind: str
    count: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    preview: Preview | None = None
    warnings: tuple[str, ...] = ()


def preview_files(
    engine: Engine, files: list[Path], on_progress: Callable[[int, int], None] = lambda *_: None
) -> list[SeriesPreview]:
    """Return what would become of files: a preview for each series, in the order in which they come.

    Parameters
    ----------
    engine : Engine
        With a project that rehearses, nothing is recorded.
    files : list of Path
        The files.
    on_progress : callable
        Is told how many are done, and how many there are.
    """
    found: dict[object, SeriesPreview] = {}
    through: set[object] = set()
    for number, path in enumerate(files, start=1):
        source, outcome = _outcome(engine, path)
        key, kind = (Skipped, "Files that are no objects") if isinstance(outcome, Skipped) else _series_of(source)
        series = found.setdefault(key, SeriesPreview(path, kind))
        series.count += 1
        if isinstance(outcome, Quarantined):
            series.refused[str(Quarantined(outcome.reason))] += 1
        elif isinstance(outcome, Skipped):
            series.skipped[str(outcome)] += 1
        elif key not in through:
            through.add(key)
            series.example = path
        on_progress(number, len(files))
    for series in found.values():
        _complete(engine, series)
    return list(found.values())


def _outcome(engine: Engine, path: Path) -> tuple[Source, Outcome]:
    try:
        source = read_file(path)
    except OSError as error:
        return b"", Quarantined("unreadable", error.strerror or "")
    return source, engine.deidentify(source)


def _complete(engine: Engine, series: SeriesPreview) -> None:
    try:
        source = read_file(series.example)
    except OSError as error:
        series.preview = Preview(Quarantined("unreadable", error.strerror or ""), ())
        return
    series.preview = preview(engine, source)
    series.warnings = warnings_of(source, series.preview.outcome)


def warnings_of(source: Source, outcome: Outcome) -> tuple[str, ...]:
    """Return what a person should look at, in plain words."""
    if not isinstance(outcome, Deidentified):
        return tuple(map(risk_in_words, burned_in_risks(_attributes(source))))
    count = len(outcome.masks)
    masked = f"masked in its pixels: {count} area{'' if count == 1 else 's'}"
    said = [*map(note_in_words, outcome.notes), *([masked] if outcome.masks else [])]
    return tuple(dict.fromkeys(said))


def _top(source: Source, tags: set[int]) -> dict[int, str]:
    """Return values of the top level; nothing of what cannot be read."""
    try:
        part10 = read_part10(source)
        found = top_values(part10.data, part10.start, part10.encoding, tags)
    except (Malformed, Refused):
        return {}
    return {tag: bytes(value).strip(b"\0 ").decode("latin-1") for tag, value in found.items()}


def _series_of(source: Source) -> tuple[object, str]:
    """Return what tells a series, and what kind of objects it has."""
    top = _top(source, {_SERIES, _SOP_CLASS, _MODALITY})
    if not top:
        return "unreadable", "Files that cannot be read"
    sop_class = top.get(_SOP_CLASS, "")
    kind = name_of_uid(sop_class) or top.get(_MODALITY, "") or "Objects of unknown kind"
    return (top.get(_SERIES, ""), sop_class), kind


def _attributes(source: Source) -> dict[str, str]:
    tags = {keyword: tag_for_keyword(keyword) for keyword in {*ATTRIBUTES, *attributes_asked()}}
    top = _top(source, {tag for tag in tags.values() if tag is not None})
    return {keyword: top[tag] for keyword, tag in tags.items() if tag in top}
