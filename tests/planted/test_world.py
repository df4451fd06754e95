"""The world: real workbooks, the set of tasks, the environment, and the oracle that reads cells."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from examples.planted import DOMAINS, Domain, skill_dirs
from examples.planted.books import Book, Cell, cells_in, file_of, read_cells, read_sheets
from examples.planted.rehearsal import rehearse
from examples.planted.table import PERFECT
from examples.planted.tools import OFFERED, PlantedTools
from examples.planted.world import BOOK, PlantedEnvironment, PlantedTasks, make_tasks
from examples.sheets.tools import SheetError
from hypothesis import given, settings
from hypothesis import strategies as st

from costcraft.counterfactual import Environment
from costcraft.evaluate import Task, TaskSet, survey

texts = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs"]), min_size=1)
values = st.one_of(
    st.none(), texts, st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False, allow_infinity=False)
)


@given(rows=st.lists(st.lists(values, max_size=6), max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_workbook_written_by_hand_is_read_as_it_was_by_openpyxl(rows: list[list[Cell]]) -> None:
    sheets = {"First": [["a", 1]], 'Odd & "quoted" <name>': rows}
    seen = dict(cells_in(read_sheets(file_of(sheets))))
    assert seen == dict(cells_in(sheets))
    assert all(type(seen[place]) is type(value) for place, value in cells_in(sheets) if isinstance(value, str))


def test_the_same_task_makes_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = (make_tasks("ledger", 2, seed)[0].book.file for seed in (4, 4, 5))
    assert first == again != other


def test_a_sheet_that_was_not_touched_is_not_read_anew_and_one_that_was_is(tmp_path: Path) -> None:
    given = Book(sheets={"A": [["x", 1]], "B": [["y", 2]]})
    changed = file_of({"A": [["x", 1]], "B": [["y", 3]]})
    assert read_cells(changed, given) == {"A!A1": "x", "A!B1": 1, "B!A1": "y", "B!B1": 3}
    path = tmp_path / "saved.xlsx"
    path.write_bytes(changed)
    book = openpyxl.load_workbook(path)
    book["B"]["B1"] = 4
    book.save(path)  # another program's file, of another shape
    assert read_cells(path.read_bytes(), given)["B!B1"] == 4


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_tasks_are_a_set_whose_answers_pass_and_whose_floor_is_zero(domain: Domain, tmp_path: Path) -> None:
    tasks = PlantedTasks(domain, seed=5, count=8)
    assert isinstance(tasks, TaskSet)
    found = survey(tasks, tmp_path)
    assert found.floor == (0, 8)
    assert len(found.kept()) == 8
    assert {part: len(those) for part, those in tasks.splits(tasks.tasks()).items()} == {"evolve": 5, "held-out": 3}


@pytest.mark.parametrize(
    ("domain", "value"), [("ledger", "12.5"), ("stock", 417)], ids=["a number as text", "a code as a number"]
)
def test_the_form_of_a_value_counts(domain: Domain, value: Cell, tmp_path: Path) -> None:
    tasks = PlantedTasks(domain, seed=5, count=1)
    [task] = tasks.tasks()
    tasks.prepare(task, tmp_path)
    tasks.solve(task, tmp_path)
    book = openpyxl.load_workbook(tmp_path / BOOK)
    [place] = make_tasks(domain, 1, 5)[0].expected
    sheet, _, cell = place.rpartition("!")
    right = book[sheet][cell].value
    book[sheet][cell] = str(right) if isinstance(value, str) else int(right)
    book.save(tmp_path / BOOK)
    assert not tasks.grade(task, tmp_path).success


def test_what_is_no_workbook_and_what_went_astray_are_verdicts(tmp_path: Path) -> None:
    tasks = PlantedTasks("ledger", seed=5, count=1)
    [task] = tasks.tasks()
    missing = tasks.grade(task, tmp_path)
    (tmp_path / BOOK).write_bytes(b"no workbook")
    broken = tasks.grade(task, tmp_path)
    assert [(each.success, each.score) for each in (missing, broken)] == [(False, Decimal(0))] * 2
    tasks.prepare(task, tmp_path)
    tasks.solve(task, tmp_path)
    book = openpyxl.load_workbook(tmp_path / BOOK)
    book["Summary"]["E40"] = "stray"
    book.save(tmp_path / BOOK)
    assert [check.name for check in tasks.grade(task, tmp_path).checks if not check.passed] == ["Summary!E40"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_recorded_calls_end_in_the_environment_as_they_did(domain: Domain) -> None:
    world = PlantedEnvironment(domain, seed=6, count=5)
    assert isinstance(world, Environment)
    for task in make_tasks(domain, 5, 6):
        whole = rehearse(task, seed=6)
        for _ in range(2):  # a reset brings back the workbook and its busy service
            world.reset(task.name)
            for acted in whole.acted:
                if acted.got.failed:
                    with pytest.raises(SheetError, match=acted.got.text[:20]):
                        world.call(acted.tool, acted.arguments)
                else:
                    assert world.call(acted.tool, acted.arguments) == acted.got.text
            assert world.grade() == whole.graded


def test_the_environment_says_what_it_does_not_know() -> None:
    world = PlantedEnvironment("ledger", count=1)
    with pytest.raises(LookupError, match="no task was set"):
        world.grade()
    world.reset("ledger-01")
    with pytest.raises(LookupError, match="no tool 'check_label'"):
        world.call("check_label", {"label": "x"})


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("read_sheet", {"sheet": "Nowhere"}, "there is no sheet 'Nowhere'"),
        ("write_cell", {"sheet": "Summary", "cell": "B2:B3", "value": 1}, "'B2:B3' is not one cell"),
        ("find_rows", {"sheet": "Rates", "column": "Nothing", "value": "x"}, "no column 'Nothing'; it has: Name, Perc"),
        ("set_rate", {"name": "Nobody", "percent": 1.0}, "there is no line 'Nobody'"),
    ],
)
def test_a_tool_says_what_is_wrong(tool: str, arguments: dict[str, Cell], says: str, tmp_path: Path) -> None:
    task = make_tasks("ledger", 1, 5)[0]
    tools = PlantedTools(task.prepare(tmp_path), "ledger")
    tools.list_sheets()
    tools.busy = False
    with pytest.raises(SheetError, match=says):
        getattr(tools, tool)(**arguments)


def test_what_was_written_is_in_the_file_once_the_tools_are_closed(tmp_path: Path) -> None:
    task = make_tasks("stock", 1, 5)[0]
    tools = PlantedTools(task.prepare(tmp_path), "stock")
    tools.write_cell("Picklist", "B2", "00417")
    assert (tmp_path / BOOK).read_bytes() == task.book.file
    tools.close()
    assert openpyxl.load_workbook(tmp_path / BOOK)["Picklist"]["B2"].value == "00417"


def test_instructions_are_told_to_no_one_but_the_model_and_the_answers_to_no_one(tmp_path: Path) -> None:
    for domain in DOMAINS:
        for task in make_tasks(domain, 10, 7):
            task.prepare(tmp_path)
            right = [value for place, value in task.expected.items() if place.startswith(("Summary", "Picklist"))]
            given = {value for place, value in task.book.cells.items() if place.startswith(("Summary", "Picklist"))}
            assert not given & set(right)
        assert all(path.is_dir() for path in skill_dirs(domain))
        assert set(OFFERED[domain]) <= set(dir(PlantedTools))


def test_a_task_asks_for_no_more_than_its_perfect_agent_does() -> None:
    for domain in DOMAINS:
        for task in make_tasks(domain, 5, 8):
            assert rehearse(task, PERFECT[domain]).graded.score == 1
            assert Task(id=task.name, kind=task.kind) in PlantedTasks(domain, 8, 5).tasks()
