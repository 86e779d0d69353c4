"""Fill tables, a little at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_ROWS_PER_STEP = 40
MAX_ROWS = 5000
"""More rows than these nobody reads; the filter finds the others."""


def prepare(table: Any, titles: Sequence[str], widths: Sequence[int] = ()) -> None:  # noqa: ANN401  a QTableWidget
    """Give a table its columns.

    Parameters
    ----------
    table : QTableWidget
        The table.
    titles : sequence of str
        Titles of the columns.
    widths : sequence of int
        Widths of the first columns, in pixels.
    """
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    for column, width in enumerate(widths):
        table.setColumnWidth(column, width)


def fill(
    table: Any,  # noqa: ANN401
    rows: Sequence[Sequence[str]],
    *,
    checked: Sequence[bool] | None = None,
) -> Generator[None, None, None]:
    """Fill a table; its first column has check boxes if it is said which are checked."""
    table.setRowCount(0)
    shown = rows[:MAX_ROWS]
    table.setRowCount(len(shown))
    for number, row in enumerate(shown):
        for column, text in enumerate(row):
            cell = qt.QTableWidgetItem(text)
            cell.setToolTip(text)
            if checked is not None and column == 0:
                cell.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled)
                cell.setCheckState(qt.Qt.Checked if checked[number] else qt.Qt.Unchecked)
            table.setItem(number, column, cell)
        if number % _ROWS_PER_STEP == _ROWS_PER_STEP - 1:
            yield
