"""Words to write into a file; and sets of them that lack something."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from clawtrace_core.model.event import Check
from costcraft.evaluate import Graded, Task

ANSWER = "answer.txt"


class Unsolved:
    """Tasks without answers of their own."""

    def __init__(self, seed: int = 0, data: Path | None = None) -> None:
        self.words = {f"n-{number}": f"word{number + seed}" for number in range(1, 5)}
        self.data = data

    def tasks(self) -> Sequence[Task]:
        return [Task(id=name, kind="n") for name in self.words]

    def prepare(self, task: Task, folder: Path) -> None:
        (folder / "given.txt").write_text(self.words[task.id])

    def instruction(self, task: Task) -> str:
        return f"{task.id}: copy the word of given.txt into {ANSWER}"

    def grade(self, task: Task, folder: Path) -> Graded:
        path, wanted = folder / ANSWER, self.words[task.id]
        got = path.read_text() if path.is_file() else None
        check = Check(name=ANSWER, passed=got == wanted, expected=wanted, got=got)
        return Graded(success=check.passed, score=Decimal(check.passed), checks=(check,))


class Words(Unsolved):
    """Tasks whose answers are known."""

    def solve(self, task: Task, folder: Path) -> None:
        (folder / ANSWER).write_text(self.words[task.id])

    def splits(self, tasks: Sequence[Task]) -> Mapping[str, Sequence[Task]]:
        return {"evolve": tasks[:1], "held-out": tasks[1:]}


class Odd(Words):
    """One fails its own gold, one passes when nothing is done, one cannot be set."""

    def prepare(self, task: Task, folder: Path) -> None:
        if task.id == "n-3":
            raise ValueError("its file is lost")
        super().prepare(task, folder)
        if task.id == "n-2":
            super().solve(task, folder)

    def solve(self, task: Task, folder: Path) -> None:
        (folder / ANSWER).write_text("wrong" if task.id == "n-1" else self.words[task.id])


class Spoiled(Odd):
    """None is left."""

    def __init__(self) -> None:
        super().__init__()
        del self.words["n-4"]


class Exposed(Words):
    """The answer lies within reach."""

    def gold_reachable(self, task: Task, folder: Path) -> str | None:
        return f"{folder / 'given.txt'} is the answer" if task.id == "n-2" else None


class Raising(Words):
    """The grader breaks where the agent has left something unforeseen."""

    def grade(self, task: Task, folder: Path) -> Graded:
        if (folder / "unforeseen").exists():
            raise KeyError("unforeseen")
        return super().grade(task, folder)


class Floating(Words):
    """Counts in floats."""

    def grade(self, task: Task, folder: Path) -> Graded:
        found = super().grade(task, folder)
        return Graded(success=found.success, score=float(found.score))


class Leaving(Words):
    """Ends the program."""

    def grade(self, task: Task, folder: Path) -> Graded:
        sys.exit(0)


class Numbered(Words):
    """Ids that are no texts."""

    def tasks(self) -> Sequence[Task]:
        return [Task(id=number, kind="n") for number in range(3)]
