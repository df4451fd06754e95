"""The tools of both domains: plain functions on one real workbook. Any framework can wrap them.

The workbook stays in memory between calls and is saved by `close`, which whoever opens the tools calls however the run
ended. A process that is killed leaves the workbook as it was handed out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from examples.planted import Domain, ledger, stock
from examples.planted.books import LETTERS, Cell, Row, Sheets, cells_in, file_of, read_sheets
from examples.sheets.tools import SheetError

BUSY = 0.35
"""The share of workbooks whose service is busy once: the first call of it fails, the next one works."""
SERVICES = ("find_rows", "read_range", "set_rate", "book_out")
READING = ("list_sheets", "read_sheet", "read_range", "find_rows", "check_label")
_PLACE = re.compile(r"([A-J])([1-9]\d{0,2})")
OFFERED: Mapping[Domain, Sequence[str]] = {
    "ledger": ("list_sheets", "read_sheet", "read_range", "find_rows", "write_cell", "set_rate"),
    "stock": ("list_sheets", "read_sheet", "read_range", "find_rows", "write_cell", "book_out", "check_label"),
}


class PlantedTools:
    """Tools bound to one .xlsx file."""

    READING = READING

    def __init__(self, path: Path, domain: Domain, given: Sheets | None = None) -> None:
        """`given` are the sheets of a workbook that is in no file; it is not saved."""
        self.path, self.domain = path, domain
        self._sheets: dict[str, list[list[Cell]]] = {}
        self._given = given
        self._changed = False
        self.busy = False

    def functions(self) -> list[Callable[..., str]]:
        """The tools themselves, in the order in which an agent is given them."""
        return [getattr(self, name) for name in OFFERED[self.domain]]

    def close(self) -> None:
        """Save what was written."""
        if self._changed and self._given is None:
            self.path.write_bytes(file_of(self._sheets))
            self._changed = False

    def kept(self) -> object:
        """What `put_back` takes: equal ones are equal workbooks and equal services."""
        sheets = self._open().items()
        return tuple((name, tuple(map(tuple, rows))) for name, rows in sheets), self.busy

    def put_back(self, kept: Any) -> None:
        """The workbook and the services as they were kept."""
        sheets, self.busy = kept
        self._sheets = {name: [list(row) for row in rows] for name, rows in sheets}
        self._changed = True

    def cells(self) -> dict[str, Cell]:
        """Every cell that holds something now, by `Sheet!A1`."""
        return dict(cells_in(self._open()))

    def list_sheets(self) -> str:
        """List the names of the workbook's sheets, one per line."""
        return "\n".join(self._open())

    def read_sheet(self, sheet: str) -> str:
        """Read a whole sheet. The first line names the columns, every line starts with its row number."""
        return _shown(enumerate(self._page(sheet), start=1))

    def read_range(self, sheet: str, first: int, last: int) -> str:
        """Read the rows of a sheet from the first to the last one. Every line starts with its row number."""
        self._serve()
        return _shown(list(enumerate(self._page(sheet), start=1))[max(first, 1) - 1 : last])

    def find_rows(self, sheet: str, column: str, value: str) -> str:
        """Read the rows of a sheet whose column holds exactly this value, below the line with the columns' names."""
        self._serve()
        rows = list(enumerate(self._page(sheet), start=1))
        names = rows[0][1]
        if column not in names:
            raise SheetError(f"{sheet} has no column {column!r}; it has: {', '.join(map(str, names))}")
        at = names.index(column)
        return _shown([rows[0], *(row for row in rows[1:] if str(row[1][at]) == value)])

    def write_cell(self, sheet: str, cell: str, value: Cell) -> str:
        """Write one value into one cell, such as B2. A null value empties the cell."""
        page, place = self._page(sheet), _PLACE.fullmatch(cell)
        if place is None:
            raise SheetError(f"{cell!r} is not one cell; name it like B2")
        row, column = int(place[2]) - 1, LETTERS.index(place[1])
        page += [[] for _ in range(row + 1 - len(page))]
        page[row] += [None] * (column + 1 - len(page[row]))
        page[row][column] = value
        self._changed = True
        return f"wrote {sheet}!{cell}"

    def set_rate(self, name: str, percent: float) -> str:
        """Set the percent of a name in the sheet Rates. The book keeps rates in steps of its own."""
        self._serve()
        page = self._page(ledger.RATES)
        page[_row_of(page, name)][1] = ledger.kept(percent)
        self._changed = True
        return "the rate is set"

    def book_out(self, item: str, units: int) -> str:
        """Book units of an item out of the sheet Levels. They leave in whole boxes."""
        self._serve()
        page = self._page(stock.LEVELS)
        row = page[_row_of(page, item)]
        row[1] = int(str(row[1])) - stock.booked(units)
        self._changed = True
        return "booked out"

    def check_label(self, label: str) -> str:
        """Read what stands beside a label of the pick list: its line, below the line with the columns' names."""
        page = self._page(stock.TARGET)
        return _shown((at + 1, page[at]) for at in (0, _row_of(page, label)))

    def _open(self) -> dict[str, list[list[Cell]]]:
        if not self._sheets:
            given = read_sheets(self.path.read_bytes()) if self._given is None else self._given
            self._sheets = {name: [list(row) for row in rows] for name, rows in given.items()}
            self.busy = is_busy(given)
        return self._sheets

    def _serve(self) -> None:
        self._open()
        if self.busy:
            self.busy = False
            raise SheetError("the service was busy and nothing was done; try again")

    def _page(self, sheet: str) -> list[list[Cell]]:
        sheets = self._open()
        if sheet not in sheets:
            raise SheetError(f"there is no sheet {sheet!r}; list the sheets to see their names")
        return sheets[sheet]


def is_busy(sheets: Sheets) -> bool:
    """Whether the service of a workbook is busy once. The world's weather lies in the workbook: it is the same for
    every agent and every replay."""
    rows = list(sheets.values())[1]
    return int.from_bytes(sha256(repr(rows[1][:6]).encode()).digest()[:4]) < BUSY * 2**32


def _row_of(page: Sequence[Row], name: str) -> int:
    """Where a name stands, from 0."""
    for at, row in enumerate(page):
        if row[0] == name:
            return at
    raise SheetError(f"there is no line {name!r}")


def _shown(rows: Iterable[tuple[int, Row]]) -> str:
    return "\n".join(" | ".join([str(n), *("" if value is None else str(value) for value in row)]) for n, row in rows)
