"""The tasks of both domains: a set of tasks to evaluate on, and an environment where calls can run again."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import openpyxl

from costcraft.evaluate import Graded, Task
from examples.planted import Domain, ledger, stock
from examples.planted.books import Book, Cell
from examples.planted.oracle import compare, grade
from examples.planted.tools import OFFERED, PlantedTools

BOOK = "book.xlsx"
"""What the agent finds in its folder."""
COUNT, SEED = 30, 1
Part = Literal["evolve", "held-out"]
PARTS: tuple[Part, ...] = ("evolve", "held-out")
_TRADES = {"ledger": ledger, "stock": stock}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedTask:
    """One thing to do in one workbook."""

    name: str
    kind: str
    domain: Domain
    part: Part
    request: str
    book: Book
    expected: Mapping[str, Cell]
    """`Sheet!A1` -> the value that must stand there. It is on no disk."""

    def prepare(self, folder: Path) -> Path:
        """The workbook as the task hands it out; where it lies."""
        path = folder / BOOK
        self.book.save(path)
        return path

    def graded(self, folder: Path) -> Graded:
        """What the oracle says of the workbook in that folder."""
        return grade(self.book, self.expected, folder / BOOK)


def make_tasks(domain: Domain, count: int = COUNT, seed: int = SEED) -> list[PlantedTask]:
    """`count` tasks, the same for the same seed: five in eight to evolve on, the rest held out, kinds in turn."""
    kinds = list(_TRADES[domain].KINDS)
    evolve = count * 5 // 8
    return [
        _task(domain, number, kinds[(number - 1) % len(kinds)], "evolve" if number <= evolve else "held-out", seed)
        for number in range(1, count + 1)
    ]


def _task(domain: Domain, number: int, kind: str, part: Part, seed: int) -> PlantedTask:
    trade = _TRADES[domain]
    draw = random.Random(f"{domain}/{seed}/{number}/{kind}")
    book = trade.make_book(draw)
    asked, beside, changed = trade.KINDS[kind](book, draw)
    rows = {str(row[0]): n for n, row in enumerate(book.sheets[trade.TARGET], start=1)}
    return PlantedTask(
        name=f"{domain}-{number:02}",
        kind=kind,
        domain=domain,
        part=part,
        request=f"{asked} The labels are in the sheet {trade.TARGET}; values stand in column B.",
        book=book,
        expected={**{f"{trade.TARGET}!B{rows[label]}": value for label, value in beside.items()}, **changed},
    )


class PlantedTasks:
    """The tasks as a set to evaluate on: the same seed makes the same tasks."""

    def __init__(self, domain: Domain = "ledger", seed: int = SEED, count: int = COUNT) -> None:
        self._tasks = {task.name: task for task in make_tasks(domain, count, seed)}

    def tasks(self) -> Sequence[Task]:
        return [Task(id=task.name, kind=task.kind) for task in self._tasks.values()]

    def prepare(self, task: Task, folder: Path) -> None:
        self._tasks[task.id].prepare(folder)

    def instruction(self, task: Task) -> str:
        return self._tasks[task.id].request

    def grade(self, task: Task, folder: Path) -> Graded:
        return self._tasks[task.id].graded(folder)

    def solve(self, task: Task, folder: Path) -> None:
        book = openpyxl.load_workbook(folder / BOOK)
        for place, value in self._tasks[task.id].expected.items():
            sheet, _, cell = place.rpartition("!")
            book[sheet][cell] = value
        book.save(folder / BOOK)

    def splits(self, tasks: Sequence[Task]) -> Mapping[str, Sequence[Task]]:
        return {part: [task for task in tasks if self._tasks[task.id].part == part] for part in PARTS}


class PlantedEnvironment:
    """The tasks as an environment: one workbook at a time, in no file; the same calls always end alike."""

    deterministic = True

    def __init__(self, domain: Domain = "ledger", seed: int = SEED, count: int = COUNT) -> None:
        self._tasks = {task.name: task for task in make_tasks(domain, count, seed)}
        self._task: PlantedTask | None = None

    def reset(self, task: str) -> None:
        """The workbook as the task hands it out. Raises KeyError on a task that is not there."""
        self._task = self._tasks[task]
        self._tools = PlantedTools(Path(), self._task.domain, self._task.book.sheets)

    def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """What the tool answers; raises what the tool raises."""
        if self._task is None or tool not in OFFERED[self._task.domain]:
            raise LookupError(f"there is no tool {tool!r}")
        return str(getattr(self._tools, tool)(**arguments))

    def snapshot(self) -> object:
        """The world as it is now."""
        return self._tools.kept()

    def restore(self, token: object) -> None:
        """Put a world back."""
        self._tools.put_back(token)

    def grade(self) -> Graded:
        """What the oracle says of the workbook as it is now."""
        if self._task is None:
            raise LookupError("no task was set; call reset first")
        return compare(self._task.book, self._task.expected, self._tools.cells())


def ledger_world() -> PlantedEnvironment:
    """What `--environment python:examples.planted.world:ledger_world` names."""
    return PlantedEnvironment("ledger")


def stock_world() -> PlantedEnvironment:
    """What `--environment python:examples.planted.world:stock_world` names."""
    return PlantedEnvironment("stock")
