"""Where anonymized files go: Slicer's database, a folder, an Orthanc."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from GreycloakLib.anonymizers import Anonymizer
    from GreycloakLib.in_background import Background
    from GreycloakLib.outputs import Output

Steps = Generator[None, None, None]
"""Something done a little at a time, so that nothing holds up the window."""

OnDone = Callable[[int], None]
"""Is told how many files are through."""


class Target(Protocol):
    """Takes the files of a run, all of them or none. What is wrong is a `ProblemError`."""

    title: str

    def refuse_profile(self, anonymizer: Anonymizer) -> None:
        """Object to a profile before anything is done."""

    def check(self, outputs: Sequence[Output], anonymizer: Anonymizer, background: Background) -> Steps:
        """Object to files before any is delivered anywhere."""

    def deliver(self, outputs: Sequence[Output], background: Background, on_done: OnDone) -> Steps:
        """Deliver them."""

    def undo(self, background: Background) -> Steps:
        """Take back what was delivered; what was there before stays."""

    def release(self) -> None:
        """Let go of what was held for the run, however it has ended."""
