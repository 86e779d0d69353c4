"""The section Loaded data: what in the scene tells who the patient is, and taking it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.i18n import _
from GreycloakLib.scene import Finding, SceneCheck
from GreycloakLib.tables import MAX_ROWS, fill, prepare
from GreycloakLib.ticking import Ticker

if TYPE_CHECKING:
    from GreycloakLib.host import Host

_WIDTHS = (150, 150)


class SceneSection:
    """Lists what a saved scene would tell, and clears it.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    host : Host
        The running Slicer.
    """

    def __init__(self, ui: Any, host: Host) -> None:  # noqa: ANN401
        self._ui, self._host = ui, host
        self._findings: list[Finding] = []
        self._ticker = Ticker()
        prepare(ui.sceneTable, (_("Item"), _("What"), _("Value")), _WIDTHS)
        ui.sceneTable.hide()
        ui.sceneClearButton.setEnabled(False)
        ui.sceneCheckButton.clicked.connect(lambda *_a: self.check())
        ui.sceneClearButton.clicked.connect(lambda *_a: self.clear_checked())

    def check(self) -> None:
        """List what was found; what belongs to anonymized images is not checked."""
        host = self._host
        check = SceneCheck(host.scene(), host.subject_hierarchy(), host.make_id_list, host.is_anonymized)
        self._findings = check.findings()[:MAX_ROWS]
        found, copies = len(self._findings), sum(one.is_copy for one in self._findings)
        self._ui.sceneStatusLabel.setText(
            _("Found: {found}, of which {copies} belong to images that are anonymized.").format(
                found=found, copies=copies
            )
            if found
            else _("Nothing was found that tells who the patient is.")
        )
        self._ui.sceneTable.setVisible(bool(found))
        self._ui.sceneClearButton.setEnabled(False)
        rows = [(one.where, one.what, one.value) for one in self._findings]
        checked = [not one.is_copy for one in self._findings]
        self._ticker.start(fill(self._ui.sceneTable, rows, checked=checked), self._filled)

    def _filled(self, *_: object) -> None:
        self._ui.sceneClearButton.setEnabled(bool(self._findings))

    def clear_checked(self) -> None:
        """Take the checked lines out of the scene."""
        table = self._ui.sceneTable
        chosen = [
            finding for row, finding in enumerate(self._findings) if table.item(row, 0).checkState() == qt.Qt.Checked
        ]
        if not chosen:
            return
        question = _("Take {count} lines out of the scene? This cannot be undone.").format(count=len(chosen))
        if not self._host.confirm(question):
            return
        for finding in chosen:
            finding.clear()
        self.check()

    def forget(self) -> None:
        """Show nothing: the scene has changed."""
        self._ticker.stop()
        self._findings = []
        self._ui.sceneTable.setRowCount(0)
        self._ui.sceneTable.hide()
        self._ui.sceneStatusLabel.setText("")
        self._ui.sceneClearButton.setEnabled(False)
