"""`costcraft tasks`, and how a set is found by its name."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from costcraft.errors import CostcraftError, TaskSetInvalid
from costcraft.evaluate import TaskSet, open_task_set

OWN = """
from decimal import Decimal

from costcraft.evaluate import Graded, Task


class Own:
    def __init__(self, seed=1):
        self.seed = seed

    def tasks(self):
        return [Task(id=f"t-{self.seed}")]

    def prepare(self, task, folder): ...

    def instruction(self, task):
        return "Do it."

    def grade(self, task, folder):
        return Graded(success=False, score=Decimal(0))


READY = Own(5)
NOTHING = 3


def breaks():
    raise OSError("no disk")
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a set of tasks in it."""
    (tmp_path / "own_tasks.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "broken_tasks.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "own_tasks", raising=False)
    return tmp_path


def test_a_set_of_one_s_own_is_made_or_taken_by_its_name(here: Path) -> None:
    assert [task.id for task in open_task_set("python:own_tasks:Own").tasks()] == ["t-1"]
    assert [task.id for task in open_task_set("python:own_tasks:Own", seed=7).tasks()] == ["t-7"]
    assert [task.id for task in open_task_set("python:own_tasks:READY").tasks()] == ["t-5"]


@pytest.mark.parametrize(
    ("told", "given", "why"),
    [
        ("sheet", {}, "expected spreadsheetbench, sheets, or python:MODULE:NAME"),
        ("spreadsheetbench", {}, "name the unpacked benchmark with --data PATH"),
        ("spreadsheetbench", {"data": Path("/nowhere")}, r"holds no dataset\.json"),
        ("spreadsheetbench", {"data": Path("/nowhere"), "seed": 1}, "takes no seed"),
        ("python:own_tasks", {}, "expected python:MODULE:NAME"),
        ("python:no_such_tasks:Own", {}, "no_such_tasks cannot be imported"),
        ("python:broken_tasks:Own", {}, "cannot be imported .ZeroDivisionError"),
        ("python:own_tasks:Other", {}, "own_tasks has no Other"),
        ("python:own_tasks:NOTHING", {}, "int lacks tasks, prepare, instruction or grade"),
        ("python:own_tasks:breaks", {}, r"breaks\(\) raised OSError: no disk"),
        ("python:own_tasks:READY", {"seed": 1}, "READY is made already; expected a class or function of seed"),
        ("python:own_tasks:Own", {"data": Path()}, r"Own\(\) raised TypeError"),
        ("python:own_tasks:Task", {}, r"Task\(\) raised TypeError"),
    ],
)
def test_a_name_that_leads_to_no_set_says_why(here: Path, told: str, given: dict[str, Any], why: str) -> None:
    with pytest.raises(TaskSetInvalid, match=why):
        open_task_set(told, **given)


def test_the_command_shows_the_floor_and_what_is_kept(bench: Any, run: Any) -> None:
    bench.add("good")
    bench.add("easy", ({"B1": 4}, {"B1": 4}))
    done = run(["tasks", "spreadsheetbench", "--data", bench.folder])
    assert done.exit_code == 0
    assert "floor: doing nothing passes 1 of 2 tasks (50.0%)" in done.output
    assert "kept: 1 tasks" in done.output
    told = json.loads(run(["tasks", "spreadsheetbench", "--data", bench.folder, "--keep-untouched", "--json"]).output)
    assert told["kept"] == ["good", "easy"]
    assert told["splits"]["evolve"] == []
    assert sorted(told["splits"]["held-out"]) == ["easy", "good"]


def test_the_command_takes_a_set_by_name_and_seed(here: Path, run: Any) -> None:
    told = json.loads(run(["tasks", "python:own_tasks:Own", "--seed", 9, "--json"]).output)
    assert told["kept"] == ["t-9"]
    assert told["tasks"][0]["gold_passes"] is None


def test_bad_input_is_an_error_of_costcraft_s_own(tmp_path: Path, run: Any) -> None:
    done = run(["tasks", "spreadsheetbench", "--data", tmp_path])
    assert isinstance(done.exception, CostcraftError)


def test_the_demo_s_tasks_are_a_set_with_as_many_seeds_as_one_likes(run: Any, tmp_path: Path) -> None:
    from examples.sheets.taskset import SheetTasks

    assert isinstance(SheetTasks(), TaskSet)
    told = json.loads(run(["tasks", "python:examples.sheets.taskset:SheetTasks", "--seed", 7, "--json"]).output)
    assert told["floor"] == {"passed": 0, "of": 24, "score": "0"}
    assert {each["gold_passes"] for each in told["tasks"]} == {True}
    assert {part: len(names) for part, names in told["splits"].items()} == {"evolve": 15, "held-out": 9}
    one, other = SheetTasks(7), SheetTasks(8)
    task = one.tasks()[0]
    assert one.instruction(task) == SheetTasks(7).instruction(task) != other.instruction(task)
    (tmp_path / "book.xlsx").write_bytes(b"no workbook")
    assert not one.grade(task, tmp_path).success
