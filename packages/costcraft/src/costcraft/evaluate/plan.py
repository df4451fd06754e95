"""A plan of an evaluation: what is compared, on which tasks, and what was declared before the first run. Pure."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from costcraft.patch import Scope
from costcraft.value import Ablation, Value

Usd = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.+-]{0,79}$")]
"""Of a condition: it names a folder too."""
RuleId = Annotated[str, Field(pattern=r"^r-[0-9a-f]{8}$")]


class TaskChoice(Value):
    """Which tasks, of which set. Its fields are the options of `costcraft tasks`."""

    set: str
    """`spreadsheetbench`, `sheets`, or `python:MODULE:NAME`."""
    data: Path | None = None
    seed: int | None = None
    part: str | None = None
    """A part that the set knows, such as `held-out`. None: all of its tasks."""
    only: tuple[str, ...] = ()
    """Only the tasks of these ids."""
    limit: int | None = Field(default=None, ge=1)
    """Only so many, the first in the set's order."""
    keep_failing: bool = False
    """Keep tasks that fail their own gold."""
    keep_untouched: bool = False
    """Keep tasks that pass when nothing is done."""
    without_gold: bool = False
    """It is known that the set has no answers of its own, so that its grader was never held against any."""


class AgentChoice(Value):
    """Which agent. It is made anew for every run."""

    framework: str
    """Whose adapter records the runs: `langchain`, `llamaindex`, `crewai`, or any other that is installed."""
    factory: str
    """`python:MODULE:NAME`: called with `skills` (paths of skill directories), `folder` (where the task lies), `seed`
    and the options; gives what is called with the instruction."""
    options: Mapping[str, Any] = Field(default_factory=dict)
    """Handed to the factory as keywords."""


class Condition(Value):
    """One way the agent is told: which skills it loads."""

    skills: tuple[Path, ...] = ()
    """Skill directories as they are. With `distilled`: loaded beside its skills."""
    distilled: Path | None = None
    """The --out directory of a distillation: the skill it started from, with its rules."""
    only: tuple[RuleId, ...] | None = None
    """Only these of its rules. None: all."""
    without: tuple[RuleId, ...] = ()
    """All but these."""
    scopes: tuple[Scope, ...] = ("domain", "portable")
    """Only rules of these scopes."""
    ablation: Ablation | None = None
    """Distilled again from the same evidence without this."""


class Primary(Value):
    """What the evaluation is to show, declared before the first run."""

    endpoint: Literal["quality", "cost"] = "quality"
    """`quality`: the success rate has not dropped by `margin`. `cost`: the bill has not grown by `dearer`."""
    condition: Name
    """Which condition it is about; compared with the baseline."""
    margin: float = Field(gt=0, lt=1)
    """The largest drop of the success rate that is accepted, 0 to 1."""
    dearer: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """By how much the bill may grow, as a share: 0.05 is 5% dearer."""


class RuleRuns(Value):
    """Runs that tell what a single rule does."""

    of: Name
    """The condition whose rules they are; it names a distillation."""
    leave_one_out: bool = True
    """That condition without one rule, beside it with all."""
    one_in: bool = False
    """The baseline with one rule, beside it with none."""
    only: tuple[RuleId, ...] = ()
    """Only these rules. None given: all."""
    budget: Usd | None = None
    """USD that these runs may cost, within the plan's budget."""


class Plan(Value):
    """What is run and what it is to show."""

    evaluation: Literal[1]
    tasks: TaskChoice
    agent: AgentChoice
    conditions: Mapping[Name, Condition] = Field(min_length=1)
    baseline: Name
    """The condition the others are compared with."""
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Each task is run once for each seed, under every condition."""
    primary: Primary
    rules: RuleRuns | None = None
    prices: Path | None = None
    """YAML file of prices in USD per million tokens. None: public list prices."""
    spent: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = None
    """USD the distillation cost. None: what its own files say."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """Of every interval."""
    draws: int = Field(default=0, ge=0)
    """Seed of the bootstrap."""

    # How it is run: may change between a run and its resumption.
    budget: Usd | None = None
    """USD that all runs may cost. None: no limit."""
    usd_per_run: Usd | None = None
    """What one run is expected to cost, until the first are done. None: what the distillation's sessions cost."""
    concurrency: int = Field(default=1, ge=1, le=64)
    """Runs at once, each in a process of its own."""
    attempts: int = Field(default=3, ge=1, le=10)
    """How often a run is tried that infrastructure cut short."""
    pause: float = Field(default=2.0, ge=0, allow_inf_nan=False)
    """Seconds until such a run is tried again; doubled with each attempt."""
    timeout: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Seconds after which a run is taken for hung. None: no limit."""


RUNNING = frozenset({"budget", "usd_per_run", "concurrency", "attempts", "pause", "timeout"})
"""Fields that say how a plan is run, not what: they are not part of its fingerprint, nor is `rules.budget`."""


def fingerprint(plan: Plan, digests: Mapping[str, str]) -> str:
    """What a plan is known by: its declared fields, and the contents of what its conditions load.

    `digests` tells for each condition the digest of its skills. Results of another fingerprint do not belong to it.
    """
    text = json.dumps({"plan": declared(plan), "skills": dict(digests)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def declared(plan: Plan) -> dict[str, Any]:
    """What a plan declares, as plain data: all but how it is run."""
    return plan.model_dump(mode="json", exclude={**dict.fromkeys(RUNNING, True), "rules": {"budget"}})
