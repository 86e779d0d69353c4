"""A folder: ``pseudonym/study/series/instance.dcm``, as the command line writes it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from greycloak.files import is_same_content, publish, read_file
from GreycloakLib.folder_lock import FolderLock
from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from GreycloakLib.anonymizers import Anonymizer
    from GreycloakLib.in_background import Background
    from GreycloakLib.outputs import Output
    from GreycloakLib.targets import OnDone, Steps


class FolderTarget:
    """A folder.

    Parameters
    ----------
    folder : Path
        It is made if it is not there.
    source : Path or None
        The folder that is anonymized, if it is one: it must not hold the output, which would be anonymized again.
    """

    def __init__(self, folder: Path, source: Path | None = None) -> None:
        self.title = _("folder")
        self._folder = folder
        self._source = source
        self._written: list[Path] = []
        self._lock = FolderLock(folder)

    def refuse_profile(self, anonymizer: Anonymizer) -> None:
        """Object to nothing: a folder takes what any profile makes."""

    def check(self, outputs: Sequence[Output], anonymizer: Anonymizer, background: Background) -> Steps:
        """Object if the folder cannot be used, or has a file with the same UIDs and other content.

        From now on no other run delivers into it: it could count on files that are taken back here.
        """
        del anonymizer
        folder = self._folder.resolve()
        if self._source is not None and (folder == self._source.resolve() or self._source.resolve() in folder.parents):
            raise ProblemError(_("The output folder lies in the folder that is anonymized: choose another one."))
        yield from background.do(self._lock.acquire)
        for output in outputs:
            if (yield from background.do(self._is_taken, output)):
                raise ProblemError(
                    _(
                        "The folder has an image of this project already that was anonymized in another way, perhaps "
                        "with another profile. Choose another folder or another project. Nothing was delivered."
                    )
                )

    def _is_taken(self, output: Output) -> bool:
        place = self._folder / output.place
        return place.exists() and not is_same_content(place, output.path)

    def deliver(self, outputs: Sequence[Output], background: Background, on_done: OnDone) -> Steps:
        """Write the files; each is there as a whole or not at all."""
        for done, output in enumerate(outputs, start=1):
            yield from background.do(self._write, output)
            on_done(done)

    def _write(self, output: Output) -> None:
        place = self._folder / output.place
        was_there = place.exists()
        try:
            agrees = publish(place, [memoryview(read_file(output.path))])
        except OSError as error:
            raise ProblemError(_("The folder cannot be written: {said}.").format(said=error.strerror or "?")) from None
        if not agrees:
            raise ProblemError(_("Somebody else has written into the folder meanwhile."))
        if not was_there:
            self._written.append(place)

    def undo(self, background: Background) -> Steps:
        """Take back what was written, and folders that are empty then."""
        while self._written:
            yield from background.do(self._take_back, self._written.pop())

    def _take_back(self, place: Path) -> None:
        with suppress(FileNotFoundError):
            place.unlink()
        for folder in (place.parent, place.parent.parent, place.parent.parent.parent):
            with suppress(OSError):  # somebody's files are in it
                folder.rmdir()

    def release(self) -> None:
        """Let others deliver into the folder."""
        self._lock.release()
