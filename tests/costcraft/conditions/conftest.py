"""A real distillation: sessions that read twice, and one kind of slip that a check caught."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clawtrace_core import Check, Session
from costcraft import Distillation, distill

ROWS = "row | A | B\n" + "\n".join(f"{n} | item {n} | {n * 7}" for n in range(40))
READ = ("read_sheet", {"sheet": "Ledger"}, ROWS)
WRITE = ("write_cell", {"cell": "B7", "value": "412.5"}, "ok")


@pytest.fixture
def distilled(recorded: Callable[..., Session], skill: Path, tmp_path: Path) -> Distillation:
    """One portable prune (reading twice) and one repair of this kind of task (text for a number)."""
    for n in range(4):
        wrong = Check(name="B7", passed=False, expected=412.5, got="412.5")
        session = recorded(f"s-{n}", f"sheet-{n}", [READ, READ, WRITE])
        session.record_outcome(success=False, checks=[wrong])
    return distill(tmp_path / "runs", skill, tmp_path / "out")
