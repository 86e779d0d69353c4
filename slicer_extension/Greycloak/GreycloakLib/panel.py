"""The panel: its sections, and how they work together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from GreycloakLib import browser
from GreycloakLib.i18n import _
from GreycloakLib.output_section import OutputSection, Wanted
from GreycloakLib.preview_section import PreviewSection
from GreycloakLib.problems import ProblemError
from GreycloakLib.profile_section import ProfileSection
from GreycloakLib.run_section import RunSection
from GreycloakLib.scene_section import SceneSection
from GreycloakLib.source_section import SourceSection

if TYPE_CHECKING:
    from GreycloakLib.choices import Choices
    from GreycloakLib.host import Host
    from GreycloakLib.orders import Summary
    from GreycloakLib.run import Run
    from GreycloakLib.selection import Selection
    from GreycloakLib.targets import Target


class Panel:
    """Greycloak's panel.

    Parameters
    ----------
    ui : object
        Its widgets by name.
    host : Host
        The running Slicer.
    """

    def __init__(self, ui: Any, host: Host) -> None:  # noqa: ANN401
        self._ui, self._host = ui, host
        self.source = SourceSection(ui, host, self._changed)
        self.profile = ProfileSection(ui, self._changed)
        self.preview = PreviewSection(ui, self._previewed, self._tell)
        self.output = OutputSection(ui, self._changed)
        self.run = RunSection(ui, self._make_run, self._show_busy, self._show_result)
        self.scene = SceneSection(ui, host)
        self._changed()

    def take_browser_selection(self) -> None:
        """Take what is selected in the DICOM browser, as its button asks."""
        if self.run.is_running:
            self.run.say(_("A run is under way: wait for it, or cancel it."))
        else:
            self.source.take_browser_selection()

    def anonymize_on_import(self) -> None:
        """Let a person choose a folder of which only anonymized copies enter the database."""
        if not self.run.is_running and self.source.choose_folder():
            self._ui.databaseCheck.setChecked(True)

    def _changed(self) -> None:
        """Forget a preview that is no longer true; offer what can be done."""
        self.preview.clear()
        ready = bool(self.source.selection.files) and not self.source.is_counting and not self.run.is_running
        self._ui.previewButton.setEnabled(ready)
        self._ui.runButton.setEnabled(ready)

    def _previewed(self) -> tuple[Selection, Choices] | None:
        self.run.say("")  # what is shown there is of an earlier time
        choices = self._ready_choices()
        return None if choices is None else (self.source.selection, choices)

    def _ready_choices(self) -> Choices | None:
        """Return the choices once everything that they need is installed."""
        choices = self.profile.choices()
        try:
            self._host.ensure_packages(choices)
        except ProblemError as problem:
            self._tell(problem)
            return None
        return choices

    def _make_run(self) -> Run | None:
        try:
            wanted = self.output.wanted()
        except ProblemError as problem:
            self._tell(problem)
            return None
        choices = self._ready_choices()
        if choices is None:
            return None
        from GreycloakLib.anonymizers import identifiers_left, open_anonymizer  # noqa: PLC0415  needs what may have to be installed
        from GreycloakLib.orders import Order  # noqa: PLC0415
        from GreycloakLib.run import Run  # noqa: PLC0415

        try:
            targets = self._targets(wanted)
            left = identifiers_left(choices)
        except ProblemError as problem:
            self._tell(problem)
            return None
        question = _("This profile does not remove the patient's identity. It leaves: {left}. Go on?")
        if left and not self._host.confirm(question.format(left=", ".join(left))):
            self.run.say(_("Nothing was done: choose another profile."))
            return None
        self.profile.remember()
        self.output.remember()
        order = Order(
            self.source.selection.files, targets, wanted.report, wanted.crosswalk, self._host.temporary_folder(), left
        )
        return Run(order, lambda is_cancelled: open_anonymizer(choices, is_cancelled))

    def _targets(self, wanted: Wanted) -> list[Target]:
        from GreycloakLib.orthanc import Orthanc  # noqa: PLC0415  needs the core
        from GreycloakLib.targets.database import DatabaseTarget  # noqa: PLC0415
        from GreycloakLib.targets.folder import FolderTarget  # noqa: PLC0415
        from GreycloakLib.targets.orthanc import OrthancTarget  # noqa: PLC0415

        targets: list[Target] = []
        if wanted.folder:
            targets.append(FolderTarget(wanted.folder, self.source.folder))
        if wanted.address:
            targets.append(OrthancTarget(Orthanc(wanted.address, wanted.user, wanted.password)))
        if wanted.database:  # last: what others refuse never shows up in the browser
            database = self._host.database()
            if database is None:
                raise ProblemError(_("Slicer's DICOM database is not open: open the DICOM module once."))
            targets.append(DatabaseTarget(database, self._host.make_indexer))
        return targets

    def _show_busy(self, busy: bool) -> None:  # noqa: FBT001  a callback
        ui = self._ui
        for section in (ui.sourceSection, ui.profileSection, ui.outputSection, ui.sceneSection):
            section.setEnabled(not busy)
        ready = bool(self.source.selection.files) and not busy
        ui.runButton.setEnabled(ready)
        ui.previewButton.setEnabled(ready)

    def _show_result(self, summary: Summary) -> None:
        database = self._host.database()
        if database is not None and self._ui.databaseCheck.checked:
            browser.show_studies(self._host.browser_widget(), database, summary.study_uids)

    def _tell(self, problem: Exception) -> None:
        """Show what went wrong, in the panel: what a message box says, Slicer writes into its log."""
        is_ours = isinstance(problem, ProblemError)
        text = str(problem) if is_ours else _("Greycloak failed ({kind}).").format(kind=type(problem).__name__)
        self.run.say(text)

    def close(self) -> None:
        """Give up what runs; nothing is delivered."""
        for section in (self.source, self.preview, self.run):
            section.close()
        self.scene.forget()
