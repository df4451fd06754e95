"""The truth habit by habit, as truth.yaml holds it: what a rule about each would be worth."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from examples.planted import DOMAINS, Domain
from examples.planted.rehearsal import rehearse
from examples.planted.world import make_tasks

FILE = Path(__file__).with_name("truth.yaml")
SEEDS, TASKS = 6, 20
"""How many seeds, and tasks of each, the success is worked out over."""
PERFECT: Mapping[Domain, str] = {
    "ledger": "Write numbers as numbers, not as text. Read back what you wrote.",
    "stock": "Keep codes and identifiers as text. Read back what you wrote.",
}
"""Instructions under which every task succeeds."""


class Success(BaseModel):
    """Shares of tasks that succeed, 0 to 1; simulated."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    before: float
    told: float


class HabitTruth(BaseModel):
    """One habit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    habit: str
    trap: int | None = None
    does: str
    says: str
    """A sentence that turns it off; or, of `numbers`, `codes` and `reads_once`, on."""
    right: bool | Mapping[Domain, bool]
    """Whether the sentence may be followed, in each domain."""
    rule: Literal["prune", "preserve", "repair"] | None = None
    """The kind of rule that may be learned about it; of `verifies` one that asks for it."""
    scope: Literal["portable", "domain"] | None = None
    success: Mapping[Domain, Success] = {}

    def is_right(self, domain: Domain) -> bool:
        """Whether the sentence may be followed in that domain."""
        return self.right if isinstance(self.right, bool) else self.right[domain]


@lru_cache
def habits() -> tuple[HabitTruth, ...]:
    """Every habit, in the order of the file."""
    return tuple(HabitTruth(**each) for each in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def success_of(domain: Domain, instructions: str) -> float:
    """The share of tasks that succeed under these instructions; simulated."""
    runs = [rehearse(task, instructions, seed) for seed in range(SEEDS) for task in make_tasks(domain, TASKS, seed)]
    return round(sum(run.graded.success for run in runs) / len(runs), 2)


def effects(habit: HabitTruth) -> dict[Domain, Success]:
    """What the sentence about a habit does to the success in each domain."""
    return {domain: Success(before=success_of(domain, ""), told=success_of(domain, habit.says)) for domain in DOMAINS}
