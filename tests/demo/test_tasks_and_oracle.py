"""The tasks can be solved, and the oracle takes nothing for solved that is not."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from examples.sheets.intents import PERFECT, habits_of
from examples.sheets.oracle import grade
from examples.sheets.tasks import KINDS, SheetTask, make_task, make_tasks

FAULTLESS = (
    "Never repeat a tool call. List the sheets before you read one. Write numbers as numbers, never as text. "
    "Always read back what you wrote."
)
Drive = Callable[[SheetTask, str, Path], tuple[Path, Path]]


def solved(task: SheetTask, folder: Path) -> tuple[Path, Path]:
    """The workbook with its expected values, and as it was before."""
    given, used = task.prepare(folder / "given"), task.prepare(folder / "used")
    book = openpyxl.load_workbook(used)
    for name, value in task.expected.items():
        sheet, cell = name.rsplit("!", 1)
        book[sheet][cell] = value
    book.save(used)
    return given, used


def change(path: Path, sheet: str, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


@pytest.mark.parametrize("task", make_tasks(), ids=lambda task: task.name)
def test_a_policy_without_bad_habits_solves_every_task(task: SheetTask, tmp_path: Path, drive: Drive) -> None:
    assert habits_of(FAULTLESS) == PERFECT
    given, used = drive(task, FAULTLESS, tmp_path)
    assert grade(task, used, given).success


def test_tasks_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    assert make_tasks(12, 3) == make_tasks(12, 3)
    assert make_tasks(12, 3) != make_tasks(12, 4)


def test_there_are_tasks_of_every_kind_to_learn_from_and_to_hold_out() -> None:
    tasks = make_tasks()
    assert len(tasks) >= 12
    for split in ("evolve", "held-out"):
        assert {task.kind for task in tasks if task.split == split} == set(KINDS)
    assert len({task.request for task in tasks}) == len(tasks)


@pytest.mark.parametrize("kind", KINDS)
def test_the_expected_values_pass_and_an_untouched_workbook_fails(kind: str, tmp_path: Path) -> None:
    task = make_task(1, kind, "evolve", 5)
    given, used = solved(task, tmp_path)
    assert grade(task, used, given).success
    assert not grade(task, given, given).success
    assert grade(task, given, given).score == 0


def test_a_number_written_as_text_fails_and_the_check_quotes_both(tmp_path: Path) -> None:
    task = make_task(1, "total", "evolve", 5)
    given, used = solved(task, tmp_path)
    (name, value), *_ = task.expected.items()
    change(used, "Summary", name.split("!")[1], str(value))
    verdict = grade(task, used, given)
    assert not verdict.success
    assert [(c.name, c.passed, c.expected, c.got) for c in verdict.checks] == [(name, False, value, str(value))]


def test_a_change_beside_the_target_fails(tmp_path: Path) -> None:
    task = make_task(1, "total", "evolve", 5)
    given, used = solved(task, tmp_path)
    change(used, "Summary", "D9", 1)
    verdict = grade(task, used, given)
    assert not verdict.success
    assert [check.name for check in verdict.checks if not check.passed] == ["Summary!D9"]


def test_a_wrong_value_fails_and_a_rounding_of_the_last_bit_does_not(tmp_path: Path) -> None:
    task = make_task(1, "total", "evolve", 5)
    given, used = solved(task, tmp_path)
    (name, value), *_ = task.expected.items()
    cell = name.split("!")[1]
    change(used, "Summary", cell, float(value) + 0.01)
    assert not grade(task, used, given).success
    change(used, "Summary", cell, float(value) + 1e-9)
    assert grade(task, used, given).success
    change(used, "Summary", cell, True)
    assert not grade(task, used, given).success
