"""The section Source: what is to be anonymized."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.browser import selected_series
from GreycloakLib.chooser import choose_series
from GreycloakLib.finding_core import CoreMissingError, core_folder
from GreycloakLib.i18n import _
from GreycloakLib.selection import Selection, select_folder, select_series
from GreycloakLib.ticking import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable


class SourceSection:
    """Lets a person say what is to be anonymized, and counts it.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    host : Host
        What the panel knows of Slicer.
    on_change : callable
        Called when the selection has changed.

    Attributes
    ----------
    selection : Selection
        What was chosen.
    folder : Path or None
        The folder, if one was chosen.
    """

    def __init__(self, ui: Any, host: Any, on_change: Callable[[], None]) -> None:  # noqa: ANN401
        self._ui, self._host, self._on_change = ui, host, on_change
        self._ticker = Ticker()
        self.selection = Selection()
        self.folder: Path | None = None
        ui.selectionButton.clicked.connect(lambda *_a: self.take_browser_selection())
        ui.chooseButton.clicked.connect(lambda *_a: self.choose())
        ui.sourceFolderButton.clicked.connect(lambda *_a: self.choose_folder())
        ui.sourceWarningLabel.hide()

    @property
    def is_counting(self) -> bool:
        """Whether the selection is still being looked up."""
        return self._ticker.is_busy

    def take_browser_selection(self) -> None:
        """Take what is selected in the DICOM browser."""
        database = self._host.database()
        if database is None:
            self._say(_("Open the DICOM module first, and select what is to be anonymized."))
            return
        series = selected_series(self._host.browser_widget(), database)
        if not series:
            self._say(_("Nothing is selected in the DICOM browser."))
            return
        self._take_series(database, series)

    def choose(self) -> None:
        """Let a person choose in a window with the tables of the DICOM database."""
        database = self._host.database()
        if database is None:
            self._say(_("Slicer's DICOM database is not open: open the DICOM module once."))
            return
        series = choose_series(database, self._host.main_window())
        if series:
            self._take_series(database, series)

    def choose_folder(self) -> bool:
        """Let a person choose a folder; return whether one was chosen."""
        name = qt.QFileDialog.getExistingDirectory(None, _("Folder with DICOM files"))
        if not name:
            return False
        try:
            core_folder()  # whose way of finding files is used
        except CoreMissingError as error:
            self._say(str(error))
            return False
        self._begin(Path(name))
        self._ticker.start(select_folder(Path(name)), self._counted)
        return True

    def _take_series(self, database: Any, series: list[str]) -> None:  # noqa: ANN401
        self._begin(None)
        self._ticker.start(select_series(database, series), self._counted)

    def _begin(self, folder: Path | None) -> None:
        self.folder, self.selection = folder, Selection()
        self._ui.sourceLabel.setText(_("Counting..."))
        self._ui.sourceWarningLabel.hide()
        self._on_change()

    def _counted(self, selection: Selection | None, error: Exception | None) -> None:
        if selection is None:
            self._say(_("The selection cannot be read ({kind}).").format(kind=type(error).__name__))
            return
        self.selection = selection
        self._say(_described(selection))
        warnings = selection_warnings(selection)
        self._ui.sourceWarningLabel.setText("\n".join(warnings))
        self._ui.sourceWarningLabel.setVisible(bool(warnings))
        self._on_change()

    def _say(self, text: str) -> None:
        self._ui.sourceLabel.setText(text)

    def close(self) -> None:
        """Stop counting."""
        self._ticker.stop()


def _described(selection: Selection) -> str:
    if not selection.files:
        return _("There are no files in this selection.")
    if selection.patients is None:
        return _("A folder with {files} files.").format(files=len(selection.files))
    return _("Patients: {patients}, studies: {studies}, series: {series}, files: {files}.").format(
        patients=selection.patients, studies=selection.studies, series=selection.series, files=len(selection.files)
    )


def selection_warnings(selection: Selection) -> list[str]:
    """Return what a person should know of a selection."""
    found = []
    if selection.series_without_files:
        found.append(
            _(
                "Series of which files are not on this computer: {count}. What is missing is left out; retrieve it "
                "first if you need it."
            ).format(count=selection.series_without_files)
        )
    if selection.mixed_studies:
        found.append(
            _("Studies whose series name different patients: {count}. They cannot go to Slicer's database.").format(
                count=selection.mixed_studies
            )
        )
    return found
