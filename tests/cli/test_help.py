"""What the command line says of itself: every command with an example, the shells, and the man page."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from greycloak.cli import build_parser

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(build_parser()._subparsers._group_actions[0].choices)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps(place, command):
    said = place.call(command, "--help").stdout
    assert said.startswith("usage: greycloak")
    assert len(said.splitlines()) > 5


def test_examples_of_the_help_are_commands_that_there_are():
    parser = build_parser()
    checked = 0
    for command in COMMANDS:
        epilog = parser._subparsers._group_actions[0].choices[command].epilog or ""
        for line in re.findall(r"^  (?:.*\| )?greycloak (.*?)(?: [|>].*)?$", epilog, re.MULTILINE):
            words = shlex.split(line)
            found, rest = parser.parse_known_args(words)
            assert found.command == words[0]
            assert not [word for word in rest if word.startswith("--")]
            checked += 1
    assert checked > 15


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_takes_the_completion(place, shell):
    script = place.call("completion", shell).stdout
    assert "--shift-dates" in script
    if shutil.which(shell):
        (place / "completion").write_text(script)
        subprocess.run([shell, "-n", str(place / "completion")], check=True)


def test_the_man_page_is_that_of_the_help():
    """Made anew with ``make man``."""
    page = (ROOT / "docs" / "greycloak.1").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"greycloak {command}" in page
    for option in ("--shift-dates", "--in-place", "--executor", "--settle"):
        assert option.replace("-", "\\-") in page
