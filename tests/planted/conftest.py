"""The benchmark lives in examples/, a plain package at the root of the repository."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from examples.planted.rehearsal import Rehearsed  # noqa: E402


def wrong(run: Rehearsed) -> set[str]:
    """Cells that show something else than they should; in which form they hold it does not count here."""
    return {check.name for check in run.graded.checks if _shown(check.expected) != _shown(check.got)}


def _shown(value: object) -> object:
    try:
        return round(float(str(value)), 2)
    except ValueError:
        return value


@pytest.fixture
def is_worse() -> object:
    """Whether one cell more shows what it should not in a run than in another, or a value is no longer written."""

    def compare(less: Rehearsed, whole: Rehearsed) -> bool:
        return bool(wrong(less) - wrong(whole)) or bool(set(_written(whole)) - set(_written(less)))

    return compare


def _written(run: Rehearsed) -> Iterator[object]:
    for acted in run.acted:
        if acted.tool == "write_cell" and acted.arguments["value"] is not None:
            yield acted.arguments["value"]
