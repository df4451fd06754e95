"""The tools: plain functions on one real workbook. Any framework can wrap them."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | None


class SheetError(Exception):
    """A tool was asked for what the workbook cannot do; the message says what would work."""


class SheetTools:
    """Tools bound to one .xlsx file. Every write is saved at once; calls from several threads take turns."""

    READING = ("list_sheets", "read_sheet", "read_range")
    WRITING = ("write_cell",)

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = Lock()

    def functions(self) -> list[Callable[..., str]]:
        """The tools themselves, in the order in which an agent is given them."""
        return [getattr(self, name) for name in (*self.READING, *self.WRITING)]

    def list_sheets(self) -> str:
        """List the names of the workbook's sheets, one per line."""
        with self._turn:
            book = openpyxl.load_workbook(self.path, read_only=True)
        try:
            return "\n".join(book.sheetnames)
        finally:
            book.close()

    def read_sheet(self, sheet: str) -> str:
        """Read a whole sheet. The first line names the columns, every line starts with its row number."""
        page = self._page(self._open(), sheet)
        return _lines(page, page.dimensions)

    def read_range(self, sheet: str, cells: str) -> str:
        """Read some cells of a sheet, such as B2 or B2:D9. Every line starts with its row number."""
        return _lines(self._page(self._open(), sheet), cells)

    def write_cell(self, sheet: str, cell: str, value: Value) -> str:
        """Write one value into one cell, such as B2, and save. A null value empties the cell."""
        with self._turn:
            book = openpyxl.load_workbook(self.path)
            page = self._page(book, sheet)
            try:
                page[cell].value = value
            except (ValueError, AttributeError, IndexError, CellCoordinatesException) as reason:
                raise SheetError(f"{cell!r} is not one cell; name it like B2") from reason
            book.save(self.path)
        return f"wrote {sheet}!{cell}"

    def _open(self) -> openpyxl.Workbook:
        with self._turn:
            return openpyxl.load_workbook(self.path)

    def _page(self, book: openpyxl.Workbook, sheet: str) -> Worksheet:
        if sheet not in book.sheetnames:
            raise SheetError(f"there is no sheet {sheet!r}; the workbook has: {', '.join(book.sheetnames)}")
        return book[sheet]


def _lines(page: Worksheet, cells: str) -> str:
    try:
        found: Any = page[cells]
    except (ValueError, IndexError, CellCoordinatesException) as reason:
        raise SheetError(f"{cells!r} is not a range; name it like B2 or B2:D9") from reason
    rows = found if isinstance(found, tuple) else ((found,),)
    rows = rows if isinstance(rows[0], tuple) else (rows,)
    lines = [" | ".join([str(row[0].row), *(_shown(cell.value) for cell in row)]) for row in rows]
    letters = [cell.column_letter for cell in rows[0]]
    return "\n".join([" | ".join(["row", *letters]), *lines])


def _shown(value: object) -> str:
    return "" if value is None else str(value)
