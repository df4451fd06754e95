"""Workbooks as values: what stands in each sheet, and the .xlsx file of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl

Cell = str | int | float | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What a workbook holds before the agent touches it."""

    sheets: Mapping[str, Sequence[Row]]
    """Name -> rows; in the workbook's order."""

    def save(self, path: Path) -> None:
        """Write the .xlsx file."""
        book = openpyxl.Workbook(write_only=True)
        for name, rows in self.sheets.items():
            page = book.create_sheet(name)
            for row in rows:
                page.append(row)
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)

    def cells(self) -> dict[str, Cell]:
        """Every cell that holds something, by `Sheet!A1`."""
        return dict(_cells(self.sheets))


def read_cells(path: Path) -> dict[str, Cell]:
    """The same of a file. Raises what openpyxl raises where it is no workbook."""
    book = openpyxl.load_workbook(path)
    return dict(_cells({page.title: list(page.iter_rows(values_only=True)) for page in book.worksheets}))


def _cells(sheets: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, Cell]]:
    for name, rows in sheets.items():
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value is not None:
                    yield f"{name}!{'ABCDEFGHIJ'[column]}{number}", value
