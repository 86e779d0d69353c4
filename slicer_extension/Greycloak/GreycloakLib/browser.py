"""Greycloak in Slicer's DICOM browser: what is selected there, buttons in it, and showing what is new.

Slicer has no place for extensions there. Everything here looks before it touches, and leaves the browser as it is when
something is not as expected: the module works without.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.i18n import _
from GreycloakLib.selection import series_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_log = logging.getLogger("greycloak.slicer")

ANONYMIZE_BUTTON, IMPORT_BUTTON = "GreycloakAnonymizeButton", "GreycloakImportButton"
_AFTER_CHANGES = (100, 400, 1000)
"""When new studies are selected again, in milliseconds."""

_VISUAL_ACTIONS = "ActionsCollapsibleGroupBox"


def selected_series(browser: Any, database: Any) -> list[str]:  # noqa: ANN401  a SlicerDICOMBrowser, or None
    """Return the series that are selected in the DICOM browser, be it the tables or the visual one."""
    if browser is None:
        return []
    visual = getattr(browser, "dicomVisualBrowser", None)
    if visual is not None and getattr(browser, "useVisualDICOMBrowser", False):
        view = visual.patientView()
        series = list(view.selectedSeriesInstanceUIDs())
        return series or series_of(database, patients=view.selectedPatientUIDs())
    return series_selected_in(browser.dicomBrowser.dicomTableManager(), database)


def series_selected_in(tables: Any, database: Any) -> list[str]:  # noqa: ANN401  a ctkDICOMTableManager
    """Return the series that are selected in tables; if none are, those of the studies, or of the patients."""
    series = list(tables.currentSeriesSelection())
    if series:
        return series
    studies = tables.currentStudiesSelection()
    if studies:
        return series_of(database, studies=studies)
    return series_of(database, patients=tables.currentPatientsSelection())


def show_studies(browser: Any, database: Any, studies: Sequence[str]) -> None:  # noqa: ANN401
    """Show new studies in the DICOM browser, and select them.

    The database tells of its changes somewhat later, and the tables then forget what is selected: it is selected again,
    unless a person has selected something else meanwhile.
    """
    if browser is None:
        return
    try:
        _select(browser, database, studies)
        visual = getattr(browser, "dicomVisualBrowser", None)
        if visual is not None:
            visual.refreshBrowser()
            if getattr(browser, "useVisualDICOMBrowser", False):
                visual.patientView().selectPatientUIDs(_patients_of(database, studies))
    except Exception as error:  # noqa: BLE001  the images are there, whether they are shown or not
        _log.warning("the DICOM browser could not be refreshed: %s", type(error).__name__)
        return
    for pause in _AFTER_CHANGES:
        qt.QTimer.singleShot(pause, lambda: _select_again(browser, database, studies))


def _select(browser: Any, database: Any, studies: Sequence[str]) -> None:  # noqa: ANN401
    tables = browser.dicomBrowser.dicomTableManager()
    tables.updateTableViews()
    tables.setCurrentPatientsSelection(_patients_of(database, studies))
    tables.setCurrentStudiesSelection(list(studies))


def _select_again(browser: Any, database: Any, studies: Sequence[str]) -> None:  # noqa: ANN401
    try:
        tables = browser.dicomBrowser.dicomTableManager()
        if not tables.currentPatientsSelection() and not tables.currentStudiesSelection():
            _select(browser, database, studies)
    except Exception as error:  # noqa: BLE001  it may be closed by now
        _log.warning("the DICOM browser could not be refreshed: %s", type(error).__name__)


def _patients_of(database: Any, studies: Sequence[str]) -> list[str]:  # noqa: ANN401
    return list(dict.fromkeys(database.patientForStudy(study) for study in studies))


def add_buttons(browser: Any, on_anonymize: Callable[[], None], on_import: Callable[[], None]) -> bool:  # noqa: ANN401
    """Add buttons to the DICOM browser, once; return whether they are there.

    Parameters
    ----------
    browser : SlicerDICOMBrowser or None
        None as long as nobody has opened the DICOM module.
    on_anonymize, on_import : callable
        What they do.
    """
    if browser is None:
        return False
    try:
        if browser.findChild(qt.QPushButton, ANONYMIZE_BUTTON) is not None:
            return True
        layouts = [browser.actionButtonLayout]
        visual = getattr(browser, "dicomVisualBrowser", None)
        box = visual.findChild(qt.QWidget, _VISUAL_ACTIONS) if visual is not None else None
        if box is not None and box.layout() is not None:
            layouts.append(box.layout())
        for layout in layouts:
            _add(layout, ANONYMIZE_BUTTON, _("Anonymize..."), _("Open Greycloak with what is selected"), on_anonymize)
            tip = _("Choose a folder: only anonymized copies of its images enter the database")
            _add(layout, IMPORT_BUTTON, _("Anonymize on import..."), tip, on_import)
    except Exception as error:  # noqa: BLE001  another Slicer may have another browser
        _log.warning("the DICOM browser has no place for Greycloak's buttons: %s", type(error).__name__)
        return False
    return True


def _add(layout: Any, name: str, text: str, tip: str, action: Callable[[], None]) -> None:  # noqa: ANN401
    button = qt.QPushButton(text)
    button.objectName = name
    button.toolTip = tip
    button.clicked.connect(lambda *_a: action())
    if isinstance(layout, qt.QGridLayout):
        layout.addWidget(button, layout.rowCount(), 0)
    else:
        layout.addWidget(button)


def remove_buttons(browser: Any) -> None:  # noqa: ANN401
    """Take the buttons out again, as when the module is reloaded."""
    if browser is None:
        return
    for name in (ANONYMIZE_BUTTON, IMPORT_BUTTON):
        button = browser.findChild(qt.QPushButton, name)
        while button is not None:
            button.setParent(None)
            button.deleteLater()
            button = browser.findChild(qt.QPushButton, name)
