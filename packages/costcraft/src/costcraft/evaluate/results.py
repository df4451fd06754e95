"""What an evaluation found, as its `results.jsonl` holds it: one line that opens it, then one line for each run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.statistics import Run
from costcraft.value import Value

RESULTS_FILE = "results.jsonl"
CARDS = "cards"
"""Folder of the runs' TraceCards, beside the results."""
Role = Literal["plan", "leave-one-out", "one-in"]


class Told(Value):
    """A condition as it was run."""

    role: Role = "plan"
    rule: str | None = None
    """The rule that was left out or put in; None for a condition of the plan."""
    beside: str | None = None
    """The condition it is compared with; None for the baseline."""
    skills: tuple[str, ...] = ()
    """The directories that the agent loads, relative to the output directory where they lie in it."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that stand in them."""
    digest: str
    """SHA-256 over the names and bytes of all files of its skills."""


class TaskTold(Value):
    """A task that is run."""

    id: str
    kind: str = ""


class LeftOut(Value):
    """A task that is not run, and why."""

    id: str
    why: str


class Floor(Value):
    """What doing nothing passes, of the tasks that can be graded."""

    passed: int
    of: int
    score: Decimal | None = None


class Opening(Value):
    """The first line: everything that was declared before the first run."""

    kind: Literal["plan"] = "plan"
    costcraft: Literal[1] = 1
    fingerprint: str
    plan: Plan
    tasks: tuple[TaskTold, ...]
    left_out: tuple[LeftOut, ...] = ()
    floor: Floor | None = None
    conditions: Mapping[str, Told]
    """By name, in the plan's order; those of single rules after them."""
    versions: Mapping[str, str] = Field(default_factory=dict)
    """Of Python, CostCraft, the adapter and its framework."""
    simulated: bool = False
    """The factory says that its model is scripted: every figure is then called simulated."""
    spent: Decimal | None = None
    """USD the distillation cost; None where that is not known."""
    at: str
    """When it was opened, UTC, ISO 8601."""


class CheckTold(Value):
    """One thing the grader looked at."""

    name: str
    passed: bool
    expected: Any = None
    got: Any = None


class Done(Value):
    """One run that came to its end, or that infrastructure cut short."""

    kind: Literal["run"] = "run"
    condition: str
    task: str = Field(min_length=1)
    seed: int
    attempt: int = 1
    status: Literal["graded", "infrastructure"]
    """`infrastructure`: says nothing of the agent; tried again, and left out of every comparison."""
    why: str | None = None
    """What cut it short; or what the agent itself raised, where it was graded all the same."""
    success: bool | None = None
    score: Decimal | None = None
    checks: tuple[CheckTold, ...] = ()
    usd: Annotated[Decimal, Field(ge=0)] | None = None
    """What it cost; None where the price of a call is not known."""
    usd_known: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """The part of it that is known: what counts towards the budget."""
    input_tokens: int = 0
    output_tokens: int = 0
    llm_calls: int = 0
    tool_calls: int = 0
    seconds: float = 0.0
    """Wall time of the agent alone."""
    session: str | None = None
    """Its id in the evaluation's store; None where nothing was recorded."""

    @property
    def key(self) -> tuple[str, str, int]:
        """Condition, task, seed."""
        return self.condition, self.task, self.seed


Line = Annotated[Opening | Done, Field(discriminator="kind")]
LINE: TypeAdapter[Opening | Done] = TypeAdapter(Line)


@dataclass(frozen=True)
class Results:
    """All lines of one evaluation."""

    opening: Opening
    lines: tuple[Done, ...]
    """Every attempt, in the order in which they ended."""
    stopped: str | None = None
    """Why runs are still to be made, as the evaluation that has just ended says it; no line of the file does."""

    @cached_property
    def graded(self) -> Mapping[tuple[str, str, int], Done]:
        """The graded run of each condition, task and seed."""
        return {done.key: done for done in self.lines if done.status == "graded"}

    @cached_property
    def cut_short(self) -> Sequence[Done]:
        """The last attempt of each run that infrastructure cut short every time."""
        last = {done.key: done for done in self.lines}
        return [done for key, done in last.items() if key not in self.graded]

    @property
    def wanted(self) -> Sequence[tuple[str, str, int]]:
        """Every condition, task and seed that was planned."""
        told = self.opening
        return [
            (condition, task.id, seed)
            for task in told.tasks
            for seed in told.plan.seeds
            for condition in told.conditions
        ]

    @property
    def usd(self) -> Decimal:
        """What all attempts together cost, as far as it is known."""
        return sum((done.usd_known for done in self.lines), Decimal(0))

    def runs(self, condition: str) -> list[Run]:
        """The graded runs of a condition, as the statistics take them."""
        return [
            Run(task=done.task, seed=done.seed, success=done.success, usd=done.usd)
            for done in self.graded.values()
            if done.condition == condition
        ]


def line_of(told: Opening | Done) -> bytes:
    """One line of the file."""
    return told.model_dump_json().encode() + b"\n"


def read_results(out: Path) -> Results:
    """The results in an evaluation's output directory. A torn last line, of a run that was killed, is left out.

    Raises:
        ResultsInvalid: there are none, or a line is none of an evaluation.
    """
    path = out / RESULTS_FILE
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ResultsInvalid(
            f"{path}: cannot be read ({error.strerror}); name the --out directory of a `costcraft eval`"
        ) from error
    read = [_line(path, number, line) for number, line in enumerate(lines[:-1], start=1)]
    if not read or not isinstance(read[0], Opening):
        raise ResultsInvalid(f"{path}:1: is not the line that opens an evaluation; name another directory")
    done = [each for each in read[1:] if isinstance(each, Done)]
    if len(done) != len(read) - 1:
        raise ResultsInvalid(f"{path}: is opened twice; expected one plan and its runs. Evaluate into a new directory")
    return Results(read[0], tuple(done))


def _line(path: Path, number: int, line: bytes) -> Opening | Done:
    try:
        return LINE.validate_python(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ResultsInvalid(f"{path}:{number}: {where}: {first['msg']}; the line is not what was written") from error
    except ValueError as error:
        raise ResultsInvalid(f"{path}:{number}: is no JSON ({error}); the file was damaged") from error
