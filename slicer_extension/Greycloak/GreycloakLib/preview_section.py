"""The section Preview: an image of the selection before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.i18n import _
from GreycloakLib.in_background import Background
from GreycloakLib.selection import instance_for_preview
from GreycloakLib.tables import MAX_ROWS, fill, prepare
from GreycloakLib.ticking import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from GreycloakLib.choices import Choices
    from GreycloakLib.preview import Shown
    from GreycloakLib.selection import Selection

_WIDTHS = (190, 130, 130, 90)


class PreviewSection:
    """Shows what becomes of an image, attribute by attribute, its picture and warnings.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    order : callable
        Sees that everything is installed, and returns selection and choices; None if it cannot be done.
    on_problem : callable
        Is given what went wrong.
    """

    def __init__(
        self,
        ui: Any,  # noqa: ANN401
        order: Callable[[], tuple[Selection, Choices] | None],
        on_problem: Callable[[Exception], None],
    ) -> None:
        self._ui, self._order, self._on_problem = ui, order, on_problem
        self._preview, self._table = Ticker(), Ticker()
        self._shown: Shown | None = None
        prepare(ui.previewTable, (_("Attribute"), _("Before"), _("After"), _("What"), _("Why")), _WIDTHS)
        ui.previewWarningLabel.hide()
        ui.pictureLabel.hide()
        ui.previewButton.clicked.connect(lambda *_a: self.show())
        ui.previewFilterEdit.textChanged.connect(lambda *_a: self._refill())
        ui.previewChangedCheck.toggled.connect(lambda *_a: self._refill())

    @property
    def is_busy(self) -> bool:
        """Whether a preview is being made, or shown."""
        return self._preview.is_busy or self._table.is_busy

    def show(self) -> None:
        """Preview an image of the selection."""
        ordered = self._order()
        if ordered is None:
            return
        selection, choices = ordered
        self.clear()
        self._ui.previewButton.setEnabled(False)
        self._preview.start(self._steps(selection, choices), self._done)

    def _steps(self, selection: Selection, choices: Choices) -> Generator[None, None, Shown | None]:
        from GreycloakLib.anonymizers import open_anonymizer  # noqa: PLC0415  needs what may have to be installed
        from GreycloakLib.preview import show  # noqa: PLC0415

        background = Background()
        try:
            path = instance_for_preview(selection)
            if path is None:
                return None
            anonymizer = yield from background.do(open_anonymizer, choices)
            try:
                return (yield from background.do(show, path, anonymizer))
            finally:
                anonymizer.close()
        finally:
            background.close()

    def _done(self, shown: Shown | None, error: Exception | None) -> None:
        self._ui.previewButton.setEnabled(True)
        if error is not None:
            self._on_problem(error)
        if shown is None:
            return
        self._shown = shown
        said = [_("It would be quarantined: {why}").format(why=shown.refusal)] if shown.refusal else []
        self._ui.previewWarningLabel.setText("\n".join([*said, *shown.warnings]))
        self._ui.previewWarningLabel.setVisible(bool(said or shown.warnings))
        self._show_picture(shown)
        self._refill()

    def _show_picture(self, shown: Shown) -> None:
        picture = qt.QPixmap()
        is_read = bool(shown.picture.ppm) and picture.loadFromData(shown.picture.ppm)
        if is_read:
            self._ui.pictureLabel.setPixmap(picture)
        else:
            self._ui.pictureLabel.setText(_("No picture: these pixels cannot be shown here. Look at the copy itself."))
        self._ui.pictureLabel.setVisible(bool(is_read or shown.picture.is_missed))

    def _refill(self) -> None:
        if self._shown is None:
            return
        from GreycloakLib.preview import before_text  # noqa: PLC0415  as above

        wanted, changed_only = self._ui.previewFilterEdit.text.strip().casefold(), self._ui.previewChangedCheck.checked
        words = _words()
        rows = [
            (
                f"{row.name} {row.path}",
                before_text(row),
                row.after or "",
                words[row.what],
                _why(row.rule, row.section, row.reason),
            )
            for row in self._shown.rows
            if not (changed_only and row.what == "kept")
        ]
        if wanted:
            rows = [row for row in rows if any(wanted in cell.casefold() for cell in row)]
        if len(rows) > MAX_ROWS:
            cut = _("{count} lines are shown of {total}: use the filter.").format(count=MAX_ROWS, total=len(rows))
            rows = [(cut, "", "", "", ""), *rows]
        self._table.start(fill(self._ui.previewTable, rows), lambda *_a: None)

    def clear(self) -> None:
        """Show nothing: what was shown is no longer what would be done."""
        self._shown = None
        self._preview.stop()
        self._table.stop()
        self._ui.previewButton.setEnabled(True)
        self._ui.previewTable.setRowCount(0)
        self._ui.previewWarningLabel.hide()
        self._ui.pictureLabel.clear()
        self._ui.pictureLabel.hide()

    close = clear


def _words() -> dict[str, str]:
    return {
        "kept": _("kept"),
        "removed": _("removed"),
        "emptied": _("emptied"),
        "replaced": _("replaced"),
        "added": _("added"),
    }


def _why(rule: str, section: str, reason: str) -> str:
    said = f"{rule} ({section})" if section else rule
    return f"{said}: {reason}" if reason else said
