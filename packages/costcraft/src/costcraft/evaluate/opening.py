"""From what a user names to a set of tasks."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeGuard

from costcraft.errors import TaskSetInvalid
from costcraft.evaluate.spreadsheetbench import SpreadsheetBench
from costcraft.evaluate.taskset import TaskSet
from costcraft.named import Wanted, load_named

SPREADSHEETBENCH = "spreadsheetbench"
SHEETS = "sheets"
_OF_THE_DEMO = {SHEETS: "python:examples.sheets.taskset:SheetTasks"}
_WANTED = Wanted("task set", "python:my_tests.tasks:TASKS", "tasks, prepare, instruction or grade", TaskSetInvalid)


def open_task_set(told: str, *, data: Path | None = None, seed: int | None = None) -> TaskSet:
    """The set of tasks of that name: `spreadsheetbench`, `sheets`, or `python:MODULE:NAME` for anyone's own.

    Args:
        told: the name. NAME is a set, or a class or function that makes one. `sheets` are the demo's workbooks.
        data: the folder of SpreadsheetBench; to a class or function, it is handed on as `data`.
        seed: is handed to the class or function as `seed`.

    Raises:
        TaskSetInvalid: there is no such set, or its folder does not hold it.
    """
    given: Mapping[str, Any] = {"data": data, "seed": seed}
    given = {name: value for name, value in given.items() if value is not None}
    if told == SHEETS and find_spec("examples") is None and not Path("examples/sheets/taskset.py").is_file():
        raise TaskSetInvalid(f"task set {told!r} is the demo's; run this at the root of ClawTrace's repository")
    if told != SPREADSHEETBENCH:
        if told != SHEETS and not told.startswith("python:"):
            known = f"{SPREADSHEETBENCH}, {SHEETS}, or python:MODULE:NAME for your own"
            raise TaskSetInvalid(f"task set {told!r}: expected {known}")
        return load_named(_OF_THE_DEMO.get(told, told), _is_task_set, _WANTED, given)
    if seed is not None:
        raise TaskSetInvalid(f"{SPREADSHEETBENCH} takes no seed: its tasks are those of its folder")
    if data is None:
        raise TaskSetInvalid(
            f"{SPREADSHEETBENCH}: its folder is not told; name the unpacked benchmark with --data PATH"
        )
    return SpreadsheetBench(data)


def _is_task_set(found: object) -> TypeGuard[TaskSet]:
    return isinstance(found, TaskSet) and not isinstance(found, type)
