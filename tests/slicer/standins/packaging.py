"""``slicer.packaging``: installing Python packages with the user's consent, with an outcome the test decides on.

The script is the answer to "pip_ensure": "installs", "declines", "fails" (which it does without a network, too).
"""

from __future__ import annotations

import logging
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from subprocess import CalledProcessError
from types import ModuleType

from packaging.requirements import InvalidRequirement, Requirement

from standins import dialogs


class Packaging(ModuleType):
    """The module. Packages in `present` count as installed, those in `absent` as missing, whatever Python has."""

    def __init__(self, slicer):
        super().__init__("slicer.packaging")
        self._slicer = slicer
        self.present: set[str] = set()
        self.absent: set[str] = set()

    def load_requirements(self, path):
        lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
        return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]

    def load_pyproject_dependencies(self, path):
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        if "project" not in data:
            raise KeyError(f"pyproject.toml has no [project] table: {path}")
        return [Requirement(each) for each in data["project"].get("dependencies", [])]

    def pip_check(self, req, _seen=None):
        del _seen
        return all(self._satisfied(each) for each in _requirements(req))

    def _satisfied(self, requirement):
        if requirement.marker is not None and not requirement.marker.evaluate():
            return True
        if requirement.name in self.absent:
            return False
        if requirement.name in self.present:
            return True
        try:
            return version(requirement.name) in requirement.specifier
        except PackageNotFoundError:
            return False

    def pip_ensure(
        self,
        requirements,
        constraints=None,
        skip_packages=None,
        prompt_install=True,
        prompt_restart=True,
        requester=None,
        skip_in_testing=True,
        show_progress=True,
    ):
        missing = [each for each in _requirements(requirements) if not self._satisfied(each)]
        if not missing:
            return None
        names = ", ".join(map(str, missing))
        if skip_in_testing and self._slicer.app.testingEnabled():
            logging.info("Testing mode is enabled: skipping pip_ensure for [%s]", names)
            return None
        del constraints, prompt_restart, show_progress
        outcome = dialogs.USER.asked("pip_ensure", names, requester=requester, prompt=prompt_install)
        if outcome == "declines" and prompt_install:
            raise RuntimeError("User declined package installation")
        if outcome == "fails":
            raise CalledProcessError(1, "pip install")
        self.present |= {each.name for each in missing}
        self.absent -= self.present
        return [] if skip_packages else None

    def pip_install(self, requirements, **options):
        raise AssertionError(f"pip_install of {requirements} with {options} asks nobody: call pip_ensure")

    def isPipInstallInProgress(self):
        return False


def _requirements(given):
    if isinstance(given, str):
        try:
            return [Requirement(given)]
        except InvalidRequirement:
            return [Requirement(each) for each in given.split()]
    if isinstance(given, Requirement):
        return [given]
    if isinstance(given, list):
        return [Requirement(each) if isinstance(each, str) else each for each in given]
    raise TypeError(f"Expected str, Requirement, or list, got {type(given).__name__}")
