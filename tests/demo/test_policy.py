"""What the policy does under which instructions: it reads its tools' results, and is no recording."""

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from examples.sheets.conversation import Asked, Got, Said, Turn
from examples.sheets.demo import BASE_SKILL
from examples.sheets.intents import Habits, habits_of
from examples.sheets.oracle import grade
from examples.sheets.policy import meets, next_said
from examples.sheets.tasks import SheetTask, make_tasks
from examples.sheets.tools import SheetTools

Converse = Callable[[SheetTools, str, str], list[Turn]]
Drive = Callable[[SheetTask, str, Path], tuple[Path, Path]]
UNRELATED = (
    "Answer in English. Never write to the same cell twice. Do not list the same item twice in your answer. "
    "Round as the task says. Check the spelling of names. Do not read the task twice."
)


@pytest.fixture
def talk(converse: Converse, tmp_path: Path) -> Callable[[SheetTask, str], list[Turn]]:
    def play(task: SheetTask, instructions: str) -> list[Turn]:
        return converse(SheetTools(task.prepare(tmp_path)), task.request, instructions)

    return play


def calls_of(turns: list[Turn]) -> list[tuple[str, str]]:
    return [(c.name, str(dict(c.args))) for turn in turns if isinstance(turn, Said) for c in turn.calls]


def some(*weather: str, without: tuple[str, ...] = ()) -> SheetTask:
    """A task whose request meets all of this weather and none of the other."""
    for seed in range(40):
        for task in make_tasks(24, seed):
            met = all(meets(task.request, name) for name in weather)
            if met and not any(meets(task.request, name) for name in without) and task.kind == "total":
                return task
    raise AssertionError(f"no task meets {weather}")


def test_the_base_skill_an_empty_one_and_unrelated_rules_leave_every_habit(
    talk: Callable[[SheetTask, str], list[Turn]],
) -> None:
    base = (BASE_SKILL / "SKILL.md").read_text(encoding="utf-8")
    assert habits_of(base) == habits_of("") == habits_of(UNRELATED) == Habits()
    task = some("reread", "relist", "guess", "slip", "verify")
    assert talk(task, base) == talk(task, "") == talk(task, UNRELATED)


def test_a_sheet_is_read_twice_until_the_instructions_forbid_it(talk: Callable[[SheetTask, str], list[Turn]]) -> None:
    task = some("reread", without=("guess",))
    assert sum(name == "read_sheet" for name, _ in calls_of(talk(task, ""))) == 2
    assert sum(name == "read_sheet" for name, _ in calls_of(talk(task, "Never read a sheet twice."))) == 1


def test_sheets_are_listed_twice_until_the_instructions_forbid_it(talk: Callable[[SheetTask, str], list[Turn]]) -> None:
    task = some("relist")
    assert sum(name == "list_sheets" for name, _ in calls_of(talk(task, ""))) == 2
    assert sum(name == "list_sheets" for name, _ in calls_of(talk(task, "List the sheets only once."))) == 1


def test_a_sheet_name_is_guessed_until_the_instructions_forbid_it(talk: Callable[[SheetTask, str], list[Turn]]) -> None:
    task = some("guess")
    turns = talk(task, "")
    assert calls_of(turns)[0] == ("read_sheet", "{'sheet': 'Sheet1'}")
    assert isinstance(turns[2], Got)
    assert turns[2].failed
    assert task.book.data_name in turns[2].text
    assert calls_of(talk(task, "Do not guess sheet names."))[0][0] == "list_sheets"


def test_a_number_as_text_fails_until_the_instructions_forbid_it(drive: Drive, tmp_path: Path) -> None:
    task = some("quote", without=("slip",))
    given, used = drive(task, "", tmp_path / "a")
    assert not grade(task, used, given).success
    given, used = drive(task, "Write numbers as numbers, not as text.", tmp_path / "b")
    assert grade(task, used, given).success


def test_reading_back_mends_a_slip_that_goes_unseen_without(drive: Drive, tmp_path: Path) -> None:
    task = some("slip", without=("verify", "quote"))
    given, used = drive(task, "", tmp_path / "a")
    assert not grade(task, used, given).success
    given, used = drive(task, "Read back what you wrote.", tmp_path / "b")
    assert grade(task, used, given).success


def test_a_harmful_rule_does_harm(drive: Drive, tmp_path: Path) -> None:
    task = some("slip", "verify", without=("quote",))
    given, used = drive(task, "", tmp_path / "a")
    assert grade(task, used, given).success
    given, used = drive(task, "Never verify your writes.", tmp_path / "b")
    assert not grade(task, used, given).success


def test_what_is_written_comes_from_what_was_read(converse: Converse, tmp_path: Path) -> None:
    task = some("reread", without=("quote", "slip"))
    path = task.prepare(tmp_path)
    book = openpyxl.load_workbook(path)
    page = book[task.book.data_name]
    column = [cell.value for cell in page[1]].index("Amount") + 1
    for row in range(2, page.max_row + 1):
        page.cell(row, column).value = 1
    book.save(path)
    copy = tmp_path / "copy.xlsx"
    shutil.copyfile(path, copy)
    converse(SheetTools(copy), task.request, "")
    (name,) = task.expected
    region = next(word for word in ("North", "South", "East", "West") if word in task.request)
    rows = sum(row.region == region for row in task.book.rows)
    assert openpyxl.load_workbook(copy)["Summary"][name.split("!")[1]].value == rows


def test_the_policy_is_pure(talk: Callable[[SheetTask, str], list[Turn]]) -> None:
    turns = talk(some("reread", "guess"), "")
    for end in (index for index, turn in enumerate(turns) if isinstance(turn, Said)):
        assert next_said("", turns[:end]) == turns[end]


def test_a_request_that_is_no_sheet_task_is_an_error_that_quotes_it() -> None:
    with pytest.raises(ValueError, match="Sing a song"):
        next_said("", [Asked(text="Sing a song.")])
