"""The section Run: start, follow, cancel, and see what became of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import qt

from GreycloakLib.i18n import _
from GreycloakLib.problems import CancelledError, ProblemError
from GreycloakLib.tables import fill, prepare
from GreycloakLib.ticking import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable

    from GreycloakLib.orders import Progress, Summary
    from GreycloakLib.run import Run

_log = logging.getLogger("greycloak.slicer")
_PERCENT = 100
_MOST_FITTED = 200


class RunSection:
    """Drives a run and shows how far it is.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    make_run : callable
        Returns what is to be run; None if it cannot be done, which has been told then.
    on_busy : callable
        Is told whether something runs.
    on_through : callable
        Is given the summary of a run that has delivered.
    """

    def __init__(
        self,
        ui: Any,  # noqa: ANN401
        make_run: Callable[[], Run | None],
        on_busy: Callable[[bool], None],
        on_through: Callable[[Summary], None],
    ) -> None:
        self._ui, self._make_run, self._on_busy, self._on_through = ui, make_run, on_busy, on_through
        self._ticker, self._table = Ticker(), Ticker()
        self._run: Run | None = None
        prepare(ui.quarantineTable, (_("Quarantined file"), _("Why"), _("What to do")), (100, 170))
        ui.quarantineTable.setTextElideMode(qt.Qt.ElideMiddle)  # paths differ at their end
        ui.quarantineTable.hide()
        ui.progressBar.hide()
        ui.cancelButton.setEnabled(False)
        ui.runButton.clicked.connect(lambda *_a: self.start())
        ui.cancelButton.clicked.connect(lambda *_a: self.cancel())

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._ticker.is_busy

    @property
    def longest_turn(self) -> float:
        """The longest time that the window had to wait, in seconds."""
        return self._ticker.longest

    def start(self) -> None:
        """Run."""
        if self.is_running:
            return
        run = self._make_run()
        if run is None:
            return
        self._run = run
        self._show_busy(busy=True)
        self._ui.summaryLabel.setText("")
        self._ui.quarantineTable.hide()
        self._ticker.start(run.steps(), self._ended, self._show_progress)

    def cancel(self) -> None:
        """Stop soon."""
        if self._run is not None and self.is_running:
            self._run.cancel()
            self._ui.statusLabel.setText(_("Cancelling..."))

    def say(self, text: str) -> None:
        """Show a line, and nothing of an earlier run beside it."""
        self._ui.statusLabel.setText(text)
        self._ui.summaryLabel.setText("")
        self._ui.quarantineTable.hide()

    def _show_busy(self, *, busy: bool) -> None:
        ui = self._ui
        ui.cancelButton.setEnabled(busy)
        ui.progressBar.setVisible(busy)
        self._on_busy(busy)

    def _show_progress(self) -> None:
        if self._run is None or not self.is_running:
            return
        progress = self._run.progress
        self._ui.progressBar.setValue(_PERCENT * progress.done // max(progress.total, 1))
        self._ui.statusLabel.setText(_told(progress))

    def _ended(self, _result: object, error: Exception | None) -> None:
        run, self._run = self._run, None
        assert run is not None
        self._show_busy(busy=False)
        if isinstance(error, CancelledError):
            self.say(_("Cancelled. Nothing was delivered."))
        elif isinstance(error, ProblemError):
            self.say(str(error))
        elif error is not None:
            # The message of a foreign exception may hold values of the images: only its kind is told.
            _log.error("a run failed with an unforeseen %s", type(error).__name__)
            self.say(_("Greycloak failed ({kind}). Nothing was delivered.").format(kind=type(error).__name__))
        if run.summary is not None:
            self._show_summary(run.summary)

    def _show_summary(self, summary: Summary) -> None:
        ui = self._ui
        ui.statusLabel.setText(
            _("Done: delivered to {where}.").format(where=", ".join(summary.where))
            if summary.where
            else _("Nothing could be anonymized, so nothing was delivered.")
        )
        ui.summaryLabel.setText(_counts(summary))
        rows = [(str(path), str(why), why.remedy) for path, why in summary.quarantined]
        ui.quarantineTable.setVisible(bool(rows))
        self._table.start(fill(ui.quarantineTable, rows), lambda *_a: self._fit_rows(len(rows)))
        if summary.where:
            self._on_through(summary)

    def _fit_rows(self, count: int) -> None:
        """Show sentences whole, unless there are so many that measuring them would hold up the window."""
        if count <= _MOST_FITTED:
            self._ui.quarantineTable.resizeRowsToContents()

    def close(self) -> None:
        """Give up what runs; nothing is delivered."""
        self._ticker.stop()
        self._table.stop()


def _counts(summary: Summary) -> str:
    """Say what was done in numbers, and what to look at."""
    from greycloak.summary import show_counts  # noqa: PLC0415  the core may be found only now

    tally = summary.tally
    said = [
        _(
            "Patients: {patients}, studies: {studies}, series: {series}, files: {files}. Quarantined: {quarantined}."
        ).format(
            files=summary.anonymized,
            patients=summary.patients,
            studies=summary.studies,
            series=summary.series,
            quarantined=len(summary.quarantined),
        )
    ]
    if summary.left:
        left = ", ".join(summary.left)
        said.append(_("The copies still say whose images these are: this profile leaves {left}.").format(left=left))
    if tally.skipped:
        said.append(_("Skipped, as they are no images: {kinds}.").format(kinds=show_counts(tally.skipped)))
    if tally.inspected or tally.masked:
        said.append(
            _("Searched for text in their pixels: {inspected}; masked: {masked}.").format(
                inspected=tally.inspected, masked=tally.masked
            )
        )
    if tally.at_risk:
        said.append(
            _("May show identity in their pixels: {count} ({risks}). Look at them before you share them.").format(
                count=tally.at_risk, risks=show_counts(tally.risks)
            )
        )
    if tally.doubtful:
        said.append(
            _("Contradict what came first under their patient or study: {count} ({doubts}).").format(
                count=tally.doubtful, doubts=show_counts(tally.doubts)
            )
        )
    return "\n".join(said)


def _told(progress: Progress) -> str:
    counts = {"done": progress.done, "total": progress.total, "where": progress.where}
    known = {
        "opening": _("Opening profile, key and store..."),
        "anonymizing": _("Anonymized {done} of {total} files."),
        "checking": _("Checking before delivery..."),
        "delivering": _("Delivering to {where}: {done} of {total} files."),
        "undoing": _("Taking back what was delivered..."),
    }
    said = known[progress.stage].format(**counts)
    if progress.quarantined:
        said += " " + _("Quarantined: {count}.").format(count=progress.quarantined)
    if progress.skipped:
        said += " " + _("Skipped: {count}.").format(count=progress.skipped)
    return said
