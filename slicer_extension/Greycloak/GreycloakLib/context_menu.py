"""An entry in the DICOM browser's context menus, which Slicer builds anew at each click."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("greycloak.slicer")

ACTION = "GreycloakAnonymizeAction"


class ContextMenu(qt.QObject):  # type: ignore[misc]  # Qt has no types in Slicer
    """Watches the tables of a DICOM browser for a new menu, and adds an entry to it.

    Parameters
    ----------
    tables : ctkDICOMTableManager
        The tables.
    on_anonymize : callable
        What the entry does.
    """

    def __init__(self, tables: Any, on_anonymize: Callable[[], None]) -> None:  # noqa: ANN401
        super().__init__()
        self._tables = tables
        self._on_anonymize = on_anonymize
        tables.installEventFilter(self)

    def eventFilter(self, _watched: Any, event: Any) -> bool:  # noqa: ANN401, N802  Qt's
        """See a menu come. It is a plain object still: nothing touches it until the next turn of the event loop."""
        if event.type() == qt.QEvent.ChildAdded:
            qt.QTimer.singleShot(0, self.extend)
        return False

    def extend(self) -> None:
        """Add the entry to menus that lack it."""
        try:
            for child in self._tables.children():
                if isinstance(child, qt.QMenu) and child.findChild(qt.QAction, ACTION) is None:
                    entry = qt.QAction(_("Anonymize..."), child)
                    entry.objectName = ACTION
                    entry.triggered.connect(lambda *_a: self._on_anonymize())
                    child.addAction(entry)
        except Exception as error:  # noqa: BLE001  the button is there, too
            _log.warning("the context menu cannot be extended: %s", type(error).__name__)

    def remove(self) -> None:
        """Watch no longer."""
        self._tables.removeEventFilter(self)
