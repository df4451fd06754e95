"""The oracle: looks into the workbook's cells and nowhere else. It never asks the agent."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile

from clawtrace_core.model.event import Check
from costcraft.evaluate import Graded
from examples.planted.books import Book, Cell, read_cells

ORACLE = "cell-match"
TOLERANCE = 0.005


def grade(given: Book, expected: Mapping[str, Cell], path: Path) -> Graded:
    """Compare a workbook with the expected cells, by value and by type.

    `given` is the workbook as it was handed out: no cell but the expected ones may differ from it.
    """
    try:
        cells = read_cells(path.read_bytes(), given)
    except (OSError, ValueError, KeyError, BadZipFile) as error:  # no workbook, or none that can be read
        check = Check(name=path.name, passed=False, expected="a workbook", got=f"{type(error).__name__}: {error}")
        return Graded(success=False, score=Decimal(0), checks=(check,))
    return compare(given, expected, cells)


def compare(given: Book, expected: Mapping[str, Cell], cells: Mapping[str, Cell]) -> Graded:
    """The same of cells."""
    before = given.cells
    wanted = {place: (value, cells.get(place)) for place, value in expected.items()}
    others = sorted(
        place for place in (cells.keys() | before.keys()) - expected.keys() if cells.get(place) != before.get(place)
    )
    pairs = {**wanted, **{place: (before.get(place), cells.get(place)) for place in others}}
    checks = tuple(
        Check(name=place, passed=_same(value, got), expected=value, got=got) for place, (value, got) in pairs.items()
    )
    right = sum(check.passed for check in checks)
    return Graded(success=right == len(checks), score=round(Decimal(right) / len(checks), 4), checks=checks)


def _same(wanted: Cell, got: Cell) -> bool:
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return abs(wanted - got) <= TOLERANCE
    return type(wanted) is type(got) and wanted == got
