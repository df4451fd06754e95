"""The oracle: looks into the workbook's cells and nowhere else. It never asks the agent."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from examples.sheets.tasks import SheetTask

ORACLE = "cell-match"
TOLERANCE = 0.005

Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCheck:
    """One cell: what had to be there and what was; None is an empty cell."""

    name: str
    passed: bool
    expected: object
    got: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The verdict on one workbook."""

    checks: tuple[CellCheck, ...]

    @property
    def success(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def score(self) -> float:
        """Share of checks passed, 0 to 1."""
        return sum(check.passed for check in self.checks) / len(self.checks)


def grade(task: SheetTask, path: Path, before: Path) -> Grade:
    """Compare the workbook with the task's expected cells, by value and by type.

    `before` is the workbook as it was handed out: no cell but the expected ones may differ from it.
    """
    cells, old = cells_of(path), cells_of(before)
    checks = [_check(name, wanted, cells.get(name)) for name, wanted in task.expected.items()]
    others = sorted((cells.keys() | old.keys()) - task.expected.keys())
    strays = [_check(name, old.get(name), cells.get(name)) for name in others if cells.get(name) != old.get(name)]
    return Grade(checks=(*checks, *strays))


def cells_of(path: Path) -> Cells:
    """Every cell of a workbook that holds something, by `Sheet!A1`."""
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return {
            f"{page.title}!{get_column_letter(column)}{row}": value
            for page in book.worksheets
            for row, values in enumerate(page.iter_rows(values_only=True), start=1)
            for column, value in enumerate(values, start=1)
            if value is not None
        }
    finally:
        book.close()


def _check(name: str, wanted: object, got: object) -> CellCheck:
    return CellCheck(name=name, passed=_same(wanted, got), expected=wanted, got=got)


def _same(wanted: object, got: object) -> bool:
    if _is_number(wanted) and _is_number(got):
        return abs(float(str(wanted)) - float(str(got))) <= TOLERANCE
    return type(wanted) is type(got) and wanted == got


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
