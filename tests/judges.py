"""What independent programs say of an object."""

from __future__ import annotations

import re
import subprocess
from collections import Counter

# What depends on values and positions, and not on which rule of PS3.3 is broken.
INCIDENTAL = [
    (re.compile(r"= <[^<>]*>|(?<=InstanceUID )[\d.]+|(?<=value )\d+(?= of attribute)|item \d+|\[\d+\]"), "()"),
    (re.compile(r"(value is|value of|Value) <[^<>]*>"), r"\1 ()"),
    (
        re.compile(r"\b(?:2\.25|1\.[0-9.]+\d)\b\.?[0-9.]*|0x[0-9a-f]{5,}\b(?!,)|\b\d{3,}\b", re.IGNORECASE),
        "#",
    ),
    (re.compile(r"\s+"), " "),
]


def errors(path):
    """Return what dciodvfy calls an error, and how often."""
    done = subprocess.run(["dciodvfy", path], capture_output=True, timeout=120, check=False)
    found = Counter()
    for line in (done.stdout + b"\n" + done.stderr).decode("latin-1").replace(str(path), "FILE").splitlines():
        if line.startswith("Error"):
            for pattern, text in INCIDENTAL:
                line = pattern.sub(text, line)  # noqa: PLW2901
            found[line.strip()] += 1
    return found


def printed_report(path):
    """Return a structured report as DCMTK prints it; it refuses one whose content tree is not valid."""
    done = subprocess.run(["dsrdump", path], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode("latin-1")
    return done.stdout.decode("latin-1")
