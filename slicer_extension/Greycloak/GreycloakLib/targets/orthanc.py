"""An Orthanc, by REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from GreycloakLib.anonymizers import Anonymizer
    from GreycloakLib.in_background import Background
    from GreycloakLib.orthanc import Orthanc
    from GreycloakLib.outputs import Output
    from GreycloakLib.targets import OnDone, Steps


class OrthancTarget:
    """An Orthanc.

    Parameters
    ----------
    orthanc : Orthanc
        The server.
    """

    def __init__(self, orthanc: Orthanc) -> None:
        self.title = _("Orthanc")
        self._orthanc = orthanc
        self._there: set[str] = set()
        self._sent: list[str] = []

    def refuse_profile(self, anonymizer: Anonymizer) -> None:
        """Object to a profile that keeps UIDs: a copy would take the place of its original, if that is there."""
        if anonymizer.keeps_uids:
            raise ProblemError(
                _(
                    "This profile keeps UIDs: in an Orthanc that has the originals, the copies could not be told from "
                    "them. Choose a profile that replaces UIDs, or deliver to a folder."
                )
            )

    def check(self, outputs: Sequence[Output], anonymizer: Anonymizer, background: Background) -> Steps:
        """Object if Orthanc does not answer, or has an image with the same UID and other content."""
        del anonymizer
        yield from background.do(self._orthanc.system)
        series = dict.fromkeys(output.series_uid for output in outputs)
        known = set()
        for one in series:
            if (yield from background.do(self._orthanc.find, one)):
                known.add(one)
        for output in outputs:
            if output.series_uid in known and (yield from background.do(self._is_taken, output)):
                raise ProblemError(
                    _(
                        "Orthanc has an image of this project already that was anonymized in another way, perhaps with "
                        "another profile. Delete it there, or choose another project. Nothing was delivered."
                    )
                )

    def _is_taken(self, output: Output) -> bool:
        found = self._instances(output.sop_instance_uid)
        if found:
            self._there.add(output.sop_instance_uid)
        return any(self._orthanc.file(instance) != output.path.read_bytes() for instance in found)

    def _instances(self, uid: str) -> list[str]:
        return [str(one["ID"]) for one in self._orthanc.find(uid) if one.get("Type") == "Instance"]

    def deliver(self, outputs: Sequence[Output], background: Background, on_done: OnDone) -> Steps:
        """Send the files."""
        for done, output in enumerate(outputs, start=1):
            if output.sop_instance_uid not in self._there:
                self._sent.append(output.sop_instance_uid)  # before: an answer may get lost
                yield from background.do(self._store, output)
            on_done(done)

    def _store(self, output: Output) -> None:
        self._orthanc.store(output.path.read_bytes())

    def undo(self, background: Background) -> Steps:
        """Delete what was sent and was not there before."""
        while self._sent:
            yield from background.do(self._delete, self._sent[-1])
            self._sent.pop()

    def _delete(self, uid: str) -> None:
        for instance in self._instances(uid):
            self._orthanc.delete(instance)

    def release(self) -> None:
        """Let go of the connections."""
        self._orthanc.close()
