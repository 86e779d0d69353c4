"""The section Output: where the copies go, and what is written beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError
from GreycloakLib.remembering import recall, remember

if TYPE_CHECKING:
    from collections.abc import Callable

_YES, _NO = "true", "false"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the copies are to go.

    Attributes
    ----------
    database : bool
        Whether into Slicer's DICOM database.
    folder, crosswalk, report : Path or None
        Where they are wanted.
    address, user, password : str
        The Orthanc; empty if none is wanted.
    """

    database: bool
    folder: Path | None
    crosswalk: Path | None
    report: Path | None
    address: str = ""
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Show no path, address or password."""
        return "Wanted(...)"


class OutputSection:
    """Lets a person say where the copies go.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    on_change : callable
        Called when a choice has changed.
    """

    def __init__(self, ui: Any, on_change: Callable[[], None]) -> None:  # noqa: ANN401
        self._ui, self._on_change = ui, on_change
        ui.databaseCheck.setChecked(recall("toDatabase", _YES) == _YES)
        ui.orthancCheck.setChecked(recall("toOrthanc", _NO) == _YES)
        ui.orthancAddressEdit.setText(recall("outputAddress"))
        ui.orthancUserEdit.setText(recall("outputUser"))
        for box in (ui.databaseCheck, ui.folderCheck, ui.orthancCheck, ui.crosswalkCheck, ui.reportCheck):
            box.toggled.connect(lambda *_a: self._changed())
        ui.folderButton.clicked.connect(lambda *_a: self._choose_folder())
        ui.crosswalkButton.clicked.connect(
            lambda *_a: self._choose_file(ui.crosswalkCheck, ui.crosswalkEdit, _("Crosswalk"), "crosswalk.csv")
        )
        ui.reportButton.clicked.connect(
            lambda *_a: self._choose_file(ui.reportCheck, ui.reportEdit, _("Report"), "report.jsonl")
        )
        self._show_orthanc()

    def wanted(self) -> Wanted:
        """Return what was chosen.

        Raises
        ------
        ProblemError
            If something is checked and not filled in, or nothing is checked.
        """
        ui = self._ui
        to_orthanc = bool(ui.orthancCheck.checked)
        if not (ui.databaseCheck.checked or ui.folderCheck.checked or to_orthanc):
            raise ProblemError(_("Say where the copies go: check at least one output."))
        if to_orthanc and not ui.orthancAddressEdit.text.strip():
            raise ProblemError(_("Fill in the address of Orthanc, or uncheck it."))
        return Wanted(
            database=bool(ui.databaseCheck.checked),
            folder=_path(ui.folderCheck, ui.folderEdit, _("Choose the output folder, or uncheck it.")),
            crosswalk=_path(ui.crosswalkCheck, ui.crosswalkEdit, _("Choose a file for the crosswalk, or uncheck it.")),
            report=_path(ui.reportCheck, ui.reportEdit, _("Choose a file for the report, or uncheck it.")),
            address=ui.orthancAddressEdit.text.strip() if to_orthanc else "",
            user=ui.orthancUserEdit.text.strip() if to_orthanc else "",
            password=ui.orthancPasswordEdit.text if to_orthanc else "",
        )

    def remember(self) -> None:
        """Keep what names nobody."""
        ui = self._ui
        remember("toDatabase", _YES if ui.databaseCheck.checked else _NO)
        remember("toOrthanc", _YES if ui.orthancCheck.checked else _NO)
        remember("outputAddress", ui.orthancAddressEdit.text.strip())
        remember("outputUser", ui.orthancUserEdit.text.strip())

    def _changed(self) -> None:
        self._show_orthanc()
        self._on_change()

    def _show_orthanc(self) -> None:
        ui = self._ui
        for widget in (ui.orthancAddressEdit, ui.orthancUserLabel, ui.orthancUserEdit, ui.orthancPasswordEdit):
            widget.setVisible(bool(ui.orthancCheck.checked))

    def _choose_folder(self) -> None:
        name = qt.QFileDialog.getExistingDirectory(None, _("Output folder"))
        if name:
            self._ui.folderEdit.setText(name)
            self._ui.folderCheck.setChecked(True)
            self._on_change()

    def _choose_file(self, box: Any, edit: Any, title: str, name: str) -> None:  # noqa: ANN401
        chosen = qt.QFileDialog.getSaveFileName(None, title, name)
        if chosen:
            edit.setText(chosen)
            box.setChecked(True)
            self._on_change()


def _path(box: Any, edit: Any, missing: str) -> Path | None:  # noqa: ANN401
    if not box.checked:
        return None
    if not edit.text.strip():
        raise ProblemError(missing)
    return Path(edit.text.strip())
