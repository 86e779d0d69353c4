#!/usr/bin/env python3
"""Write the bill of materials (CycloneDX) of an installed wheel: every package that comes with it, with its licence.

Called by ``make sbom``; installs the wheel with its extras in a virtual environment that is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = SchemaVersion.V1_6
SAID_IN_WORDS = {
    "ahocorasick-rs": "Apache-2.0",
    "flatbuffers": "Apache-2.0",
    "opencv-python-headless": "Apache-2.0",
    "protobuf": "BSD-3-Clause",
}
"""SPDX identifiers of packages whose metadata name their licence in words of their own ("Apache 2.0")."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python, draft = Path(folder, "env", "bin", "python"), Path(folder, "bill.json")
        run("venv", "--without-pip", python.parents[1])
        run(
            "pip",
            "--python",
            python,
            "install",
            "--quiet",
            "--no-compile",
            f"{options.wheel}[documents,ocr,pixels,postgres]",
        )
        asked: list[str | Path] = [
            "--output-reproducible",
            "--spec-version",
            SCHEMA.to_version(),
            "--output-file",
            draft,
        ]
        run("cyclonedx_py", "environment", "--pyproject", ROOT / "pyproject.toml", *asked, python)
        bill = json.loads(draft.read_text(encoding="utf-8"))
    bill["metadata"]["component"]["version"] = options.wheel.name.split("-")[1]  # pyproject.toml does not say it
    for component in bill["components"]:
        if known := SAID_IN_WORDS.get(canonicalize_name(component["name"])):
            component.setdefault("licenses", [{"license": {"id": known}}])
    text = json.dumps(bill, indent=2) + "\n"
    if trouble := JsonStrictValidator(SCHEMA).validate_str(text):
        print(f"sbom: not valid: {trouble}", file=sys.stderr)
        return 1
    options.output.write_text(text, encoding="utf-8")
    print(f"wrote {options.output}: {len(bill['components'])} packages")
    return 0


def run(module: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
