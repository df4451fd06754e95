"""Plays of the demo with no framework at all."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from examples.sheets.conversation import Asked, Got, Said, Turn
from examples.sheets.policy import next_said
from examples.sheets.tasks import SheetTask
from examples.sheets.tools import SheetError, SheetTools

MOST_TURNS = 40


@pytest.fixture
def converse() -> Callable[[SheetTools, str, str], list[Turn]]:
    """Play a request with no framework at all; the whole conversation."""

    def play(tools: SheetTools, request: str, instructions: str) -> list[Turn]:
        turns: list[Turn] = [Asked(text=request)]
        for _ in range(MOST_TURNS):
            said = next_said(instructions, turns)
            turns.append(said)
            if not said.calls:
                return turns
            for call in said.calls:
                try:
                    turns.append(Got(text=getattr(tools, call.name)(**call.args)))
                except SheetError as reason:
                    turns.append(Got(text=str(reason), failed=True))
        raise AssertionError(f"no answer after {MOST_TURNS} turns")

    return play


@pytest.fixture
def drive(
    converse: Callable[[SheetTools, str, str], list[Turn]],
) -> Callable[[SheetTask, str, Path], tuple[Path, Path]]:
    """Play a task under some instructions; the workbook before and after."""

    def play(task: SheetTask, instructions: str, folder: Path) -> tuple[Path, Path]:
        given = task.prepare(folder / "given")
        used = folder / "used.xlsx"
        shutil.copyfile(given, used)
        assert isinstance(converse(SheetTools(used), task.request, instructions)[-1], Said)
        return given, used

    return play
