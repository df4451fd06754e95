"""What a set of tasks is: one small protocol, and four more things that a set may be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Protocol, runtime_checkable

from clawtrace_core.model.event import Check
from costcraft.errors import TaskSetInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do. What it is about stays with its set."""

    id: str
    """Its name within the set."""
    kind: str = ""
    """The kind of task, as an outcome is grouped by; empty where the set tells none."""
    cases: int = 1
    """How many times it is set, with other values; the task is done when each of them is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What the grader says of a task. Its fields are those of a session's outcome."""

    success: bool
    """Whether the task was done."""
    score: Decimal
    """The share that was done, from 0 to 1."""
    checks: tuple[Check, ...] = ()
    """The single things the grader looked at: what was expected, what was there."""

    def __post_init__(self) -> None:
        """Take a number of another kind for the score. Raises TaskSetInvalid on what is no verdict."""
        score = _share(self.score)
        if self.success not in (True, False) or score is None:
            raise TaskSetInvalid(
                f"Graded(success={ascii(self.success)[:80]}, score={ascii(self.score)[:80]}): expected True or False, "
                "and a number from 0 to 1"
            )
        object.__setattr__(self, "success", bool(self.success))
        object.__setattr__(self, "score", score)


def _share(told: object) -> Decimal | None:
    """A number from 0 to 1, also where a grader counted in floats; None where it is none."""
    try:
        found = told if isinstance(told, Decimal) else Decimal(str(told))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= 1 else None


@runtime_checkable
class TaskSet(Protocol):
    """Tasks, what an agent may see of each, and what grades it. The grader never asks the agent."""

    def tasks(self) -> Sequence[Task]:
        """All tasks, always in the same order."""

    def prepare(self, task: Task, folder: Path) -> None:
        """Put what the agent may see into an empty folder; never what answers the task."""

    def instruction(self, task: Task) -> str:
        """What the agent is asked."""

    def grade(self, task: Task, folder: Path) -> Graded:
        """Look at what the agent left in the folder. Whatever it left, or did not leave, is a verdict, not an error."""


@runtime_checkable
class Solvable(Protocol):
    """A set that has the answers: its grader can be held against them."""

    def solve(self, task: Task, folder: Path) -> None:
        """Put the answer where the agent would have put it, in a folder that was prepared."""


@runtime_checkable
class Doubting(Protocol):
    """A set that knows where its own answers are not to be trusted."""

    def doubt(self, task: Task) -> str | None:
        """What is odd about the answer, though it passes; None where nothing is."""


@runtime_checkable
class Sealed(Protocol):
    """A set that can tell whether an answer lies where an agent would find it."""

    def gold_reachable(self, task: Task, folder: Path) -> str | None:
        """How an agent that works in this folder would come upon the answer; None where it would not."""


@runtime_checkable
class Splitting(Protocol):
    """A set that knows which of its tasks are to learn from and which are held out."""

    def splits(self, tasks: Sequence[Task]) -> Mapping[str, Sequence[Task]]:
        """Name of a part -> its tasks, of those given."""
