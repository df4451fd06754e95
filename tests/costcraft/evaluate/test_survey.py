"""What a set of tasks is worth: its own answers, the floor, and sets that do not do their part."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from costcraft.errors import TaskSetInvalid
from costcraft.evaluate import Graded, Survey, Task, survey
from costcraft.evaluate.report import Chosen, lines_of, plain_survey
from costcraft.evaluate.spreadsheetbench import SpreadsheetBench
from costcraft.evaluate.survey import all_tasks

YES, NO = Graded(success=True, score=Decimal(1)), Graded(success=False, score=Decimal(0))


class Notes:
    """Write the word of the task into answer.txt. `odd` takes the place of a method."""

    def __init__(self, *names: str, **odd: Any) -> None:
        self.names = names
        for name, instead in odd.items():
            setattr(self, name, instead)

    def tasks(self) -> Any:
        return [Task(id=name) for name in self.names]

    def prepare(self, task: Task, folder: Path) -> Any:
        return folder.joinpath("asked.txt").write_text(task.id)

    def instruction(self, task: Task) -> Any:
        return f"Write {task.id} into answer.txt."

    def grade(self, task: Task, folder: Path) -> Any:
        path = folder / "answer.txt"
        return YES if path.is_file() and path.read_text() == task.id else NO


class Answered(Notes):
    def solve(self, task: Task, folder: Path) -> None:
        folder.joinpath("answer.txt").write_text(task.id)


def raises(*_: object) -> None:
    raise OSError("no disk")


@pytest.fixture
def look(tmp_path: Path) -> Callable[[Any], Survey]:
    return lambda tasks: survey(tasks, tmp_path / "survey")


def text_of(tasks: Any, found: Survey, **keep: bool) -> str:
    told = {"failing_gold": False, "passing_untouched": False, **keep}
    return "\n".join(lines_of("notes", found, Chosen.of(tasks, found, **told)))


def test_what_fails_its_gold_or_passes_untouched_is_told_and_left_out(bench: Any, look: Any) -> None:
    bench.add("good")
    bench.add("bad", position="Nowhere!B1")
    bench.add("easy", ({"B1": 4}, {"B1": 4}))
    bench.add("half", ({"B1": 4}, {"B1": 4}), ({"A1": 1}, {"B1": 1}))
    bench.add("gone")
    (bench.folder / "spreadsheet/gone/1_gone_answer.xlsx").unlink()
    tasks = SpreadsheetBench(bench.folder)
    found = look(tasks)
    assert [task.id for task in found.kept()] == ["good", "half"]
    assert [task.id for task in found.kept(failing_gold=True)] == ["good", "bad", "half"]
    assert [task.id for task in found.kept(passing_untouched=True)] == ["good", "easy", "half"]
    assert found.floor == (1, 3)
    assert found.floor_score == Decimal("0.5")
    text = text_of(tasks, found)
    for line in (
        "notes: 5 tasks, 6 cases",
        "cannot be graded: 1",
        "case 1 has no gold",
        "fail their own gold: 1",
        "bad: workbook_1.xlsx Nowhere!B1: expected \"a sheet 'Nowhere'\"",
        "pass untouched: 1 (easy)",
        "gold within reach: 0",
        "floor: doing nothing passes 1 of 3 tasks (33.3%), mean score 0.500",
        "kept: 2 tasks (evolve 0; held-out 2)",
    ):
        assert line in text


def test_the_plain_form_holds_the_same(bench: Any, look: Any) -> None:
    bench.add("good")
    bench.add("easy", ({"B1": 4}, {"B1": 4}))
    tasks = SpreadsheetBench(bench.folder)
    found = look(tasks)
    plain = plain_survey("bench", found, Chosen.of(tasks, found, failing_gold=False, passing_untouched=False))
    assert plain["floor"] == {"passed": 1, "of": 2, "score": "0.5"}
    assert plain["kept"] == ["good"]
    assert [each["untouched_passes"] for each in plain["tasks"]] == [False, True]
    assert {each["gold_passes"] for each in plain["tasks"]} == {True}


def test_a_set_without_answers_is_graded_and_what_is_not_known_is_said(look: Any) -> None:
    tasks = Notes("one", "two")
    found = look(tasks)
    assert [each.gold for each in found.looked] == [None, None]
    assert found.floor == (0, 2)
    assert len(found.kept()) == 2
    assert text_of(tasks, found).count("not known, the set cannot tell") == 3
    assert "kept: 2 tasks" in text_of(tasks, found).splitlines()


def test_a_set_of_one_s_own_is_held_against_its_answers(look: Any) -> None:
    def solve(task: Task, folder: Path) -> None:
        folder.joinpath("answer.txt").write_text("one")

    found = look(Answered("one", "two", solve=solve))
    assert [each.gold for each in found.looked] == [YES, NO]
    assert [task.id for task in found.kept()] == ["one"]


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"prepare": raises}, "prepare() raised OSError: no disk"),
        ({"instruction": raises}, "instruction() raised OSError: no disk"),
        ({"instruction": lambda task: "  "}, "instruction() gives no text"),
        ({"grade": raises}, "grade() raised OSError: no disk"),
        ({"grade": lambda task, folder: True}, "grade() answers True; expected costcraft.evaluate.Graded"),
        ({"solve": raises}, "solve() raised OSError: no disk"),
    ],
)
def test_a_task_whose_set_does_not_do_its_part_cannot_be_graded(look: Any, odd: Any, why: str) -> None:
    with pytest.raises(TaskSetInvalid, match="none of the 2 tasks can be graded; one: ") as error:
        look(Answered("one", "two", **odd))
    assert str(error.value).endswith(why)


@pytest.mark.parametrize(
    ("tasks", "why"),
    [
        (Notes(), "has no tasks"),
        (Notes("one", "two", "one"), "two tasks of the id 'one'"),
        (Notes(tasks=raises), r"tasks\(\) raised OSError: no disk"),
        (Notes(tasks=lambda: None), r"tasks\(\) raised TypeError"),
        (Notes(tasks=lambda: "ab"), r"tasks\(\) gives 'a'; expected"),
    ],
)
def test_a_set_that_has_no_tasks_to_give_is_told(look: Any, tasks: Any, why: str) -> None:
    with pytest.raises(TaskSetInvalid, match=why):
        look(tasks)


def test_what_a_set_cannot_tell_of_its_gold_is_said_and_stops_nothing(look: Any) -> None:
    tasks = Answered("one", gold_reachable=lambda task, folder: "it is in asked.txt", doubt=raises)
    found = look(tasks)
    assert found.looked[0].exposed == "it is in asked.txt"
    assert found.looked[0].doubt == "could not be told: OSError: no disk"
    assert len(found.kept()) == 1


def test_how_far_it_is_is_told_after_each_task(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    survey(Answered("one", "two"), tmp_path / "survey", lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]


def test_a_task_without_an_id_is_told() -> None:
    class Nameless:
        def tasks(self) -> list[Task]:
            return [Task(id="")]

    with pytest.raises(TaskSetInvalid, match="one with an empty id"):
        all_tasks(Nameless())
