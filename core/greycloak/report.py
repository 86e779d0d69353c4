"""What a report says of one object: a JSON line, without original values unless they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greycloak._version import __version__
from greycloak.outcomes import Change, Deidentified, Outcome, Quarantined, Skipped
from greycloak.standard.confidentiality import EDITION
from greycloak.standard.dictionary import name_of

if TYPE_CHECKING:
    from greycloak.engine import Engine
    from greycloak.pixels.areas import Mask
    from greycloak.stream.levels import Path as TagPath

_MAX_SHOWN = 200
OUTCOMES = {Deidentified: "deidentified", Quarantined: "quarantined", Skipped: "skipped"}
"""How a report calls what became of an object."""


def report_line(
    engine: Engine, outcome: Outcome, *, input_digest: str | None, output: str | None = None, with_values: bool = False
) -> dict[str, Any]:
    """Return the report of one object.

    Parameters
    ----------
    engine : Engine
        Which produced the outcome.
    outcome : Deidentified, Quarantined or Skipped
        What became of the object.
    input_digest : str or None
        SHA-256 of the input, hexadecimal: tells which object is meant without naming anybody.
    output : str, optional
        Where the new object is.
    with_values : bool
        Whether to show original values; such a report is as sensitive as the object.
    """
    line: dict[str, Any] = {
        "input_sha256": input_digest,
        "outcome": OUTCOMES[type(outcome)],
        "profile": engine.profile.name,
        "profile_digest": engine.profile.digest(),
        "project": engine.project.name,
        "greycloak": __version__,
        "standard": f"PS3.15 {EDITION}",
    }
    if isinstance(outcome, Quarantined):
        return line | {"reason": outcome.reason, "detail": outcome.detail, "remedy": outcome.remedy}
    if isinstance(outcome, Skipped):
        return line | {"kind": outcome.kind}
    return line | {
        "output": output,
        "notes": list(outcome.notes),
        "masks": [mask_line(mask) for mask in outcome.masks],
        "changes": [change_line(change, with_values=with_values) for change in outcome.changes],
    }


def mask_line(mask: Mask) -> dict[str, Any]:
    """Return what was masked in the pixels as a report shows it: in pixels, from the upper left corner."""
    line: dict[str, Any] = {"area": list(mask.area.rectangle), "reason": mask.reason}
    if mask.frame is not None:
        line["frame"] = mask.frame
    return line if mask.confidence is None else line | {"confidence": round(mask.confidence, 3)}


def change_line(change: Change, *, with_values: bool = False) -> dict[str, Any]:
    """Return one change as the report and the preview show it."""
    rule = change.rule
    line = {
        "path": path_text(change.path),
        "name": name_of(rule.tag),
        "action": _ACTION_DONE.get(rule.action, rule.action),
        "rule": rule.source,
        "section": rule.section,
    }
    return line | {"original": value_text(change.original)} if with_values else line


_ACTION_DONE = {"look": "withhold", "check": "withhold"}


def path_text(path: TagPath) -> str:
    """Write a path as ``(0008,1140)[0].(0008,1155)``; items count from 0."""
    text = ""
    for at, part in enumerate(path):
        text += f"[{part}]." if at % 2 else f"({part >> 16:04X},{part & 0xFFFF:04X})"
    return text


def value_text(raw: bytes) -> str:
    """Write a raw value for people: its text, or how many bytes it has."""
    text = raw.rstrip(b"\0 ").decode("latin-1")
    return text[:_MAX_SHOWN] if text.isprintable() else f"<{len(raw)} bytes>"
