"""How far a run is: a bar with files, bytes, rate and remaining time on a terminal, and nothing elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MEGA = 1_000_000


@contextmanager
def progress(total: int, *, is_quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show how many of ``total`` files are done; yield what is called with the bytes of each.

    Parameters
    ----------
    total : int
        How many files there are.
    is_quiet : bool
        Whether to show nothing.
    """
    has_rich = find_spec("rich") is not None  # not in Slicer
    if is_quiet or not has_rich or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _size: None
        return
    from rich.console import Console  # noqa: PLC0415  only where it is seen
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Rate(ProgressColumn):
        """Bytes so far, and in a second."""

        def render(self, task: Task) -> Text:
            size, seconds = task.fields["size"] / _MEGA, task.elapsed or 0
            return Text(f"{size:,.0f} MB  {size / seconds if seconds else 0:,.1f} MB/s")

    columns = (
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} files"),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, size=0)
        seen = 0

        def done(size: int) -> None:
            nonlocal seen
            seen += size
            bar.update(task, advance=1, size=seen)

        yield done
