"""Runs without a window: for scripts in Slicer, and for whoever drives Slicer from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from GreycloakLib.anonymizers import open_anonymizer
from GreycloakLib.orders import Order, Summary
from GreycloakLib.run import Run
from GreycloakLib.selection import select_folder, select_series
from GreycloakLib.targets.database import DatabaseTarget
from GreycloakLib.targets.folder import FolderTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path
    from typing import Any

    from GreycloakLib.choices import Choices
    from GreycloakLib.selection import Selection
    from GreycloakLib.targets import Target


def finish(steps: Generator[None, None, Any], between: Callable[[], object] = lambda: None) -> Any:  # noqa: ANN401
    """Run steps to their end, and return what they return.

    Parameters
    ----------
    steps : generator
        What is to be done.
    between : callable
        Called after each step, as ``slicer.app.processEvents``.
    """
    try:
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
            between()
    finally:
        steps.close()


def anonymize_folder(
    source: Path,
    choices: Choices,
    *,
    destination: Path | None = None,
    database: Any = None,  # noqa: ANN401  a ctkDICOMDatabase
    make_indexer: Callable[[], Any] | None = None,
    between: Callable[[], object] = lambda: None,
) -> Summary:
    """Anonymize a folder into a folder, the DICOM database, or both.

    Raises
    ------
    ProblemError
        If nothing can be delivered; the message says why.
    """
    selection = finish(select_folder(source), between)
    return _run(selection, choices, _targets(destination, source, database, make_indexer), between)


def anonymize_series(
    series: Iterable[str],
    choices: Choices,
    *,
    database: Any,  # noqa: ANN401
    destination: Path | None = None,
    make_indexer: Callable[[], Any] | None = None,
    between: Callable[[], object] = lambda: None,
) -> Summary:
    """Anonymize series of the DICOM database into a folder, the database (if there is an indexer), or both.

    Raises
    ------
    ProblemError
        If nothing can be delivered; the message says why.
    """
    selection = finish(select_series(database, series), between)
    return _run(selection, choices, _targets(destination, None, database, make_indexer), between)


def _targets(
    destination: Path | None,
    source: Path | None,
    database: Any,  # noqa: ANN401
    make_indexer: Callable[[], Any] | None,
) -> list[Target]:
    targets: list[Target] = [FolderTarget(destination, source)] if destination else []
    if database is not None and make_indexer is not None:
        targets.append(DatabaseTarget(database, make_indexer))
    if not targets:
        raise ValueError("say where the copies go: a destination, or a database and what makes an indexer")
    return targets


def _run(selection: Selection, choices: Choices, targets: list[Target], between: Callable[[], object]) -> Summary:
    run = Run(Order(selection.files, targets), lambda is_cancelled: open_anonymizer(choices, is_cancelled))
    finish(run.steps(), between)
    assert run.summary is not None
    return run.summary
