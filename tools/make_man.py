"""Write the man page from what ``--help`` says: ``make man``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "greycloak.1"
_HOME = re.compile(r"\S*/\.local/share")


def main() -> None:
    """Write the page; defaults of this machine do not belong in it."""
    command = [
        *[str(Path(sys.executable).with_name("argparse-manpage")), "--module", "greycloak.cli"],
        *[
            "--function",
            "build_parser",
            "--project-name",
            "greycloak",
            "--prog",
            "greycloak",
            "--manual-title",
            "Greycloak",
        ],
        *["--description", "De-identify DICOM objects (PS3.15 Annex E)", "--url", "docs/cli.md"],
    ]
    environment = os.environ | {"HOME": "/home/you", "COLUMNS": "100"}
    for name in ("XDG_DATA_HOME", "GREYCLOAK_STORE", "GREYCLOAK_KEY_FILE", "GREYCLOAK_PROFILES"):
        environment.pop(name, None)
    page = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    lines = [line for line in page.splitlines() if not line.startswith(".TH ")]
    PAGE.write_text("\n".join(['.TH GREYCLOAK "1" "" "Greycloak" "User commands"', *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
