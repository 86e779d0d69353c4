"""A window with the tables of the DICOM database, to choose from."""

from __future__ import annotations

from typing import Any

import ctk
import qt

from GreycloakLib.browser import series_selected_in
from GreycloakLib.i18n import _

_SIZE = (1000, 600)


def choose_series(database: Any, parent: Any) -> list[str]:  # noqa: ANN401  a ctkDICOMDatabase, and a window
    """Return the series that a person chooses; none if the window is closed."""
    dialog = qt.QDialog(parent)
    dialog.setWindowTitle(_("Choose what is to be anonymized"))
    dialog.resize(*_SIZE)
    layout = qt.QVBoxLayout(dialog)
    tables = ctk.ctkDICOMTableManager()
    tables.setDICOMDatabase(database)
    layout.addWidget(tables)
    buttons = qt.QDialogButtonBox()  # what is or-ed would be taken for an orientation there
    buttons.setStandardButtons(qt.QDialogButtonBox.Ok | qt.QDialogButtonBox.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    layout.addWidget(buttons)
    accepted = dialog.exec_()
    chosen = series_selected_in(tables, database) if accepted else []
    dialog.deleteLater()
    return chosen
