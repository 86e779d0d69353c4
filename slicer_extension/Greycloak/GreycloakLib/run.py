"""A run: anonymize files into a private folder, check them, and only then deliver them, all or none."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from greycloak import Deidentified, Quarantined
from greycloak.quiet import quiet
from greycloak.summary import Tally
from GreycloakLib.crosswalk import prepare_crosswalk
from GreycloakLib.i18n import _
from GreycloakLib.in_background import Background
from GreycloakLib.orders import ANONYMIZING, CHECKING, DELIVERING, UNDOING, Order, Progress, Summary
from GreycloakLib.outputs import Output, Staging
from GreycloakLib.pending_file import PendingFile, prepare_report, put_back, put_in_place
from GreycloakLib.problems import CancelledError, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from GreycloakLib.anonymizers import Anonymizer
    from GreycloakLib.targets import Steps, Target

_CHECKED = {
    "PatientID": "patient_id",
    "StudyInstanceUID": "study_uid",
    "SeriesInstanceUID": "series_uid",
    "SOPInstanceUID": "sop_instance_uid",
}


class Run:
    """Does what was ordered, a little with each step.

    Parameters
    ----------
    order : Order
        What to do.
    open_anonymizer : callable
        Returns who anonymizes; is given a function that tells whether the run was cancelled.

    Attributes
    ----------
    progress : Progress
        How far it is.
    summary : Summary or None
        What it has done, when it is through.
    """

    def __init__(self, order: Order, open_anonymizer: Callable[[Callable[[], bool]], Anonymizer]) -> None:
        self.progress = Progress(total=len(order.files))
        self.summary: Summary | None = None
        self._order = order
        self._open = open_anonymizer
        self._background = Background()
        self._is_cancelled = False
        self._staging: Staging | None = None
        self._anonymizer: Anonymizer | None = None
        self._outputs: list[Output] = []
        self._places: set[Path] = set()
        self._quarantined: list[tuple[Path, Quarantined]] = []
        self._tally = Tally()
        self._begun: list[Target] = []
        self._pending: list[PendingFile] = []
        self._report: PendingFile | None = None

    def cancel(self) -> None:
        """Stop soon, and deliver nothing."""
        self._is_cancelled = True

    def steps(self) -> Steps:
        """Run.

        Raises
        ------
        ProblemError
            If nothing can be delivered; the message says why.
        CancelledError
            If it was cancelled.
        """
        trouble: BaseException | None = None
        try:
            yield from self._work()
        except GeneratorExit:  # the window is gone, and nobody will ask for more steps
            self._is_cancelled = True
            self._background.rest_at_once()
            for target in reversed(self._begun):
                with suppress(Exception):  # the others are to be cleaned all the same
                    for _step in target.undo(self._background):
                        pass
            self._leave_nothing()
            self._background.close()
            raise
        except Exception as error:  # noqa: BLE001  it is raised again when everything is cleaned up
            trouble = error
        yield from self._background.rest()
        try:
            yield from self._do(self._leave_nothing)
        except Exception as error:  # noqa: BLE001  what came first is what matters
            trouble = trouble or error
        self._background.close()
        if trouble is not None:
            raise trouble

    def _work(self) -> Steps:
        order, progress = self._order, self.progress
        yield from self._do(_check_paths, order)
        anonymizer = yield from self._do(self._open, lambda: self._is_cancelled)
        self._anonymizer = anonymizer
        for target in order.targets:
            target.refuse_profile(anonymizer)
        self._staging = yield from self._do(_make_staging, order.temporary)
        if order.report:
            yield from self._do(self._prepare_report, order.report)

        progress.stage = ANONYMIZING
        for path in order.files:
            yield from self._do(self._anonymize, path)
            progress.done += 1
            progress.quarantined = self._tally.quarantined
            progress.skipped = self._tally.skipped.total()
            yield
            self._stop_if_cancelled()
        if self._report:
            yield from self._do(self._report.finish)
        self._check_subjects()

        progress.stage = CHECKING
        for target in order.targets if self._outputs else ():
            yield from self._stoppable(target.check(self._outputs, anonymizer, self._background))
        if order.crosswalk and self._outputs:
            pseudonyms = list(dict.fromkeys(output.pseudonym for output in self._outputs))
            rows = yield from self._do(anonymizer.crosswalk, pseudonyms)
            yield from self._do(lambda path: self._pending.append(prepare_crosswalk(path, rows)), order.crosswalk)

        yield from self._deliver(anonymizer)
        self.summary = self._summed_up()

    def _prepare_report(self, path: Path) -> None:
        self._report = prepare_report(path)
        self._pending.append(self._report)

    def _anonymize(self, path: Path) -> None:
        """Anonymize one file, here in the background."""
        assert self._anonymizer is not None
        assert self._staging is not None
        outcome = self._anonymizer.deidentify(path)
        output = None
        self._stop_if_cancelled()  # it may have taken a while
        if isinstance(outcome, Deidentified):
            try:
                output = self._staging.add(outcome)
            except OSError as error:
                raise ProblemError(
                    _("The folder for temporary files cannot be written: {said}.").format(said=error.strerror or "?")
                ) from None
            if output is None:
                outcome = Quarantined("output-differs")
            else:
                output = _read_back(output)
                if output is None:
                    outcome = Quarantined("internal-error", "not as written")
        if output is not None:
            if output.place not in self._places:  # another file of the same image adds nothing
                self._places.add(output.place)
                self._outputs.append(output)
                self._tally.add(self.progress.done + 1, outcome)
        else:
            self._tally.add(self.progress.done + 1, outcome)
        if isinstance(outcome, Quarantined):
            self._quarantined.append((path, outcome))
        if self._report:
            line = self._anonymizer.report(path, outcome, str(output.place) if output else None)
            try:
                self._report.stream.write(json.dumps(line) + "\n")
            except OSError as error:
                raise ProblemError(
                    _("The report cannot be written: {said}.").format(said=error.strerror or "?")
                ) from None

    def _check_subjects(self) -> None:
        """See that every patient has a Patient ID of his own, whatever the profile writes there."""
        ids: dict[str, str] = {}
        for output in self._outputs:
            if not output.patient_id or ids.setdefault(output.patient_id, output.pseudonym) != output.pseudonym:
                raise ProblemError(
                    _(
                        "With this profile, several patients would share one Patient ID, or have none: their images "
                        "would be one patient's. Choose a profile that writes the pseudonym into Patient ID."
                    )
                )

    def _deliver(self, anonymizer: Anonymizer) -> Steps:
        """Deliver everything, note it, and give report and crosswalk their names; or take all of it back."""
        progress = self.progress
        progress.stage = DELIVERING
        try:
            for target in self._order.targets if self._outputs else ():
                self._begun.append(target)
                progress.where, progress.done, progress.total = target.title, 0, len(self._outputs)
                yield from self._stoppable(target.deliver(self._outputs, self._background, self._note_done))
            put_in_place(self._pending)
            try:
                yield from self._do(anonymizer.note_run, len(self._outputs), len(self._quarantined))
            except BaseException:
                put_back(self._pending)
                raise
            self._begun.clear()
            kept, self._pending = self._pending, []
            for pending in kept:
                pending.keep()
        except Exception as error:
            progress.stage = UNDOING
            yield from self._background.rest()
            left = yield from self._undo()
            if left:
                raise ProblemError(
                    _("{said} What had been delivered to {where} could not be taken back.").format(
                        said=error if isinstance(error, ProblemError) else _("The run was stopped."),
                        where=", ".join(left),
                    )
                ) from None
            raise

    def _undo(self) -> Generator[None, None, list[str]]:
        """Take back what was delivered; return where that was not possible."""
        left = []
        while self._begun:
            target = self._begun.pop()
            try:
                yield from target.undo(self._background)
            except Exception:  # noqa: BLE001  the others are to be cleaned all the same
                left.append(target.title)
        return left

    def _note_done(self, done: int) -> None:
        self.progress.done = done

    def _stoppable(self, steps: Steps) -> Steps:
        """Run steps until they end or somebody cancels."""
        is_told = False
        try:
            while True:
                if self._is_cancelled and not is_told:
                    is_told = True
                    steps.throw(CancelledError())
                else:
                    next(steps)
                yield
        except StopIteration:
            self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        if self._is_cancelled:
            raise CancelledError

    def _do(self, function: Callable[..., Any], *arguments: Any) -> Generator[None, None, Any]:  # noqa: ANN401
        return self._background.do(function, *arguments)

    def _leave_nothing(self) -> None:
        """Remove what is not to stay."""
        with ExitStack() as stack:  # each of them, even if another fails
            if self._anonymizer:
                stack.callback(self._anonymizer.close)
            if self._staging:
                stack.callback(self._staging.remove)
            for target in self._order.targets:
                stack.callback(target.release)
            for pending in self._pending:
                stack.callback(pending.discard)

    def _summed_up(self) -> Summary:
        outputs = self._outputs
        studies = tuple(dict.fromkeys(output.study_uid for output in outputs))
        return Summary(
            anonymized=len(outputs),
            quarantined=tuple(self._quarantined),
            tally=self._tally,
            patients=len({output.pseudonym for output in outputs}),
            studies=len(studies),
            series=len({output.series_uid for output in outputs}),
            study_uids=studies,
            where=tuple(target.title for target in self._order.targets) if outputs else (),
            left=self._order.left,
        )


def _check_paths(order: Order) -> None:
    """See that report and crosswalk take nobody's place."""
    written = [path.resolve() for path in (order.report, order.crosswalk) if path]
    if len(set(written)) < len(written):
        raise ProblemError(_("Report and crosswalk cannot be one file."))
    if written and not set(written).isdisjoint(path.resolve() for path in order.files):
        raise ProblemError(_("Report and crosswalk must not take the place of a file that is anonymized."))


def _make_staging(parent: Path | None) -> Staging:
    try:
        return Staging(parent)
    except OSError as error:
        raise ProblemError(
            _("There is no place for temporary files: {said}.").format(said=error.strerror or "?")
        ) from None


def _read_back(output: Output) -> Output | None:
    """Read a new file with another reader than the one that wrote it; None if it does not say what it should."""
    import pydicom  # noqa: PLC0415  slow to load

    with quiet():
        read = pydicom.dcmread(output.path, stop_before_pixels=True, specific_tags=[*_CHECKED, "PatientName"])
        found = {keyword: str(read.get(keyword, "")) for keyword in (*_CHECKED, "PatientName")}
    wanted = {keyword: getattr(output, name) for keyword, name in _CHECKED.items()}
    if any(found[keyword] != value for keyword, value in wanted.items() if value.isascii()):
        output.path.unlink()
        return None
    return replace(output, patient_name=found["PatientName"])
