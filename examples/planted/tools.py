"""The tools of both domains: plain functions on one real workbook. Any framework can wrap them.

The workbook stays in memory between calls and is saved by `close`, which whoever opens the tools calls however the run
ended. A process that is killed leaves the workbook as it was handed out.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from examples.planted import Domain, ledger, stock
from examples.planted.books import Book, Cell
from examples.sheets.tools import SheetError

BUSY = 0.35
"""The share of workbooks whose service is busy once: the first call of it fails, the next one works."""
SERVICES = ("find_rows", "read_range", "set_rate", "book_out")
READING = ("list_sheets", "read_sheet", "read_range", "find_rows", "check_label")
OFFERED: Mapping[Domain, Sequence[str]] = {
    "ledger": ("list_sheets", "read_sheet", "read_range", "find_rows", "write_cell", "set_rate"),
    "stock": ("list_sheets", "read_sheet", "read_range", "find_rows", "write_cell", "book_out", "check_label"),
}


class PlantedTools:
    """Tools bound to one .xlsx file."""

    READING = READING

    def __init__(self, path: Path, domain: Domain) -> None:
        self.path, self.domain = path, domain
        self._changed = False
        self._book: openpyxl.Workbook | None = None
        self._busy = False

    def functions(self) -> list[Callable[..., str]]:
        """The tools themselves, in the order in which an agent is given them."""
        return [getattr(self, name) for name in OFFERED[self.domain]]

    def close(self) -> None:
        """Save what was written."""
        if self._changed and self._book is not None:
            self._book.save(self.path)
            self._changed = False

    def list_sheets(self) -> str:
        """List the names of the workbook's sheets, one per line."""
        return "\n".join(self._open().sheetnames)

    def read_sheet(self, sheet: str) -> str:
        """Read a whole sheet. The first line names the columns, every line starts with its row number."""
        return _shown(enumerate(self._page(sheet).iter_rows(values_only=True), start=1))

    def read_range(self, sheet: str, first: int, last: int) -> str:
        """Read the rows of a sheet from the first to the last one. Every line starts with its row number."""
        self._serve()
        rows = self._page(sheet).iter_rows(min_row=first, max_row=last, values_only=True)
        return _shown(enumerate(rows, start=first))

    def find_rows(self, sheet: str, column: str, value: str) -> str:
        """Read the rows of a sheet whose column holds exactly this value, below the line with the columns' names."""
        self._serve()
        rows = list(enumerate(self._page(sheet).iter_rows(values_only=True), start=1))
        names = rows[0][1]
        if column not in names:
            raise SheetError(f"{sheet} has no column {column!r}; it has: {', '.join(map(str, names))}")
        at = names.index(column)
        return _shown([rows[0], *(row for row in rows[1:] if str(row[1][at]) == value)])

    def write_cell(self, sheet: str, cell: str, value: Cell) -> str:
        """Write one value into one cell, such as B2. A null value empties the cell."""
        page = self._page(sheet)
        try:
            page[cell].value = value
        except (ValueError, AttributeError) as reason:
            raise SheetError(f"{cell!r} is not one cell; name it like B2") from reason
        self._changed = True
        return f"wrote {sheet}!{cell}"

    def set_rate(self, name: str, percent: float) -> str:
        """Set the percent of a name in the sheet Rates. The book keeps rates in steps of its own."""
        self._serve()
        page = self._page(ledger.RATES)
        page.cell(_row_of(page, name), 2).value = ledger.kept(percent)
        self._changed = True
        return "the rate is set"

    def book_out(self, item: str, units: int) -> str:
        """Book units of an item out of the sheet Levels. They leave in whole boxes."""
        self._serve()
        page = self._page(stock.LEVELS)
        cell = page.cell(_row_of(page, item), 2)
        cell.value = int(str(cell.value)) - stock.booked(units)
        self._changed = True
        return "booked out"

    def check_label(self, label: str) -> str:
        """Read what stands beside a label of the pick list: its line, below the line with the columns' names."""
        page = self._page(stock.TARGET)
        rows = [1, _row_of(page, label)]
        return _shown((n, next(page.iter_rows(min_row=n, max_row=n, values_only=True))) for n in rows)

    def _open(self) -> openpyxl.Workbook:
        if self._book is None:
            self._book = openpyxl.load_workbook(self.path)
            self._busy = is_busy(self._book[self._book.sheetnames[1]].iter_rows(values_only=True))
        return self._book

    def _serve(self) -> None:
        self._open()
        if self._busy:
            self._busy = False
            raise SheetError("the service was busy and nothing was done; try again")

    def _page(self, sheet: str) -> Worksheet:
        book = self._open()
        if sheet not in book.sheetnames:
            raise SheetError(f"there is no sheet {sheet!r}; list the sheets to see their names")
        page: Worksheet = book[sheet]
        return page


def is_busy(data: Any) -> bool:
    """Whether the service of a workbook with these rows is busy once. The world's weather lies in the workbook: it is
    the same for every agent and every replay."""
    drawn = int.from_bytes(sha256(repr([tuple(row) for row in data]).encode()).digest()[:4])
    return drawn < BUSY * 2**32


def busy_of(book: Book) -> bool:
    """The same, of a workbook that is no file yet."""
    return is_busy(list(book.sheets.values())[1])


def _row_of(page: Worksheet, name: str) -> int:
    for number, (value,) in enumerate(page.iter_rows(max_col=1, values_only=True), start=1):
        if value == name:
            return number
    raise SheetError(f"there is no {name!r} in the sheet {page.title}")


def _shown(rows: Any) -> str:
    return "\n".join(" | ".join([str(n), *("" if value is None else str(value) for value in row)]) for n, row in rows)
