"""A second opinion on whether objects are valid: dciodvfy, where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "dciodvfy"
_PATIENCE = 120
_NAMED = re.compile(r"(?:Element|Module)=<[\w &/-]*>")
_VALUES = re.compile(
    r"\b\d+(?:\.\d+){2,}|0x[0-9a-f]{5,}\b(?!,)|\b\d{3,}\b|(?<=value )\d+|\[\d+\]|item \d+", re.IGNORECASE
)


def program() -> str | None:
    """Return where dciodvfy is, if it is installed."""
    return shutil.which(NAME)


def errors(path: Path, judge: str) -> Counter[str]:
    """Return the errors of a file, without anything that depends on values."""
    command = [judge, str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603  a known program
    except (OSError, subprocess.TimeoutExpired):
        return Counter()
    found: Counter[str] = Counter()
    for line in (done.stdout + b"\n" + done.stderr).decode("latin-1").replace(str(path.resolve()), "FILE").splitlines():
        if line.startswith("Error"):
            found[_without_values(line)] += 1
    return found


def new_errors(original: Path, anonymized: Path, judge: str) -> list[str]:
    """Return the errors that the original did not have."""
    return sorted(errors(anonymized, judge) - errors(original, judge))


def _without_values(line: str) -> str:
    """Return what is wrong, and where; what stands in brackets otherwise may name people."""
    named = _NAMED.findall(line)
    said = _VALUES.sub("#", _NAMED.sub("", line).partition("<")[0])
    return " ".join([*said.removeprefix("Error").strip(" -=").split(), *named])
