"""What was found, as values. Every report is written from these alone. Pure; USD."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from costcraft.evaluate.findings.effects import RuleEffect
from costcraft.evaluate.findings.runs import ConditionRuns, CutShort, Money, Unfinished
from costcraft.evaluate.findings.spending import Spending
from costcraft.evaluate.findings.words import counted
from costcraft.evaluate.plan import Primary
from costcraft.evaluate.results import Floor, LeftOut
from costcraft.evaluate.statistics.break_even import BreakEven
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.interval import Estimate
from costcraft.evaluate.statistics.power import Needed, Seen
from costcraft.evaluate.statistics.quality import NonInferiority, Quality
from costcraft.evaluate.statistics.runs import NotComparable
from costcraft.value import Value

FINDINGS_FILE = "findings.json"
Regime = Literal["kept", "recovered", "regressed", "failed", "ungraded"]
"""What became of a task under a condition, beside the baseline."""

Answer = Literal["yes", "no", "not shown", "no answer"]


class TaskPair(Value):
    """One task under two conditions, summed over its seeds."""

    task: str
    kind: str = ""
    regime: Regime
    """Of several seeds, the side to which more of them changed; `kept` where some succeed and as many each way."""
    pairs: int
    """Pairs of runs, one for each seed that ran under both."""
    base_successes: int
    new_successes: int
    base_usd: Decimal | None
    """USD of a run on average, over the pairs that are priced on both sides; None where none is."""
    new_usd: Decimal | None


class ChangedRun(Value):
    """A pair of runs of which one succeeds."""

    task: str
    seed: int
    regime: Literal["recovered", "regressed"]
    why: str
    """What the one that fails was told: its first check that did not pass, or what the agent raised."""
    base_session: str | None
    new_session: str | None


class Comparison(Value):
    """A condition of the plan beside the baseline."""

    condition: str
    beside: str
    quality: Quality | NotComparable
    margin: NonInferiority | None
    """Judged against the plan's margin; None where quality cannot be compared."""
    cost: Cost | NotComparable
    per_run: Estimate | None
    """By how many USD a run differs on average: below 0 it is cheaper."""
    succeeding: Cost | NotComparable
    """The cost of the pairs that succeed under both. Worth a look, never the headline: which pairs they are is itself
    an effect of the conditions."""
    break_even: BreakEven | NotComparable
    quality_p: float | None
    """Adjusted for all comparisons but the primary one (Holm); the plain p of the primary one."""
    cost_p: float | None
    """As `quality_p`, of cost."""
    tasks: tuple[TaskPair, ...]
    changed: tuple[ChangedRun, ...]
    """Regressions first."""


class PrimaryFound(Value):
    """The one question that was declared before the first run, and its answer."""

    asked: Primary
    answer: Answer
    """`not shown`: the interval allows both. `no answer`: nothing can be compared."""
    why: str
    """The interval it rests on."""

    def question(self, baseline: str) -> str:
        """What was asked, as a sentence."""
        if self.asked.endpoint == "quality":
            points = f"{100 * self.asked.margin:.3g} points"
            return f"Does {self.asked.condition} succeed as often as {baseline}, or at most {points} less?"
        more = f"at most {100 * self.asked.dearer:.3g}% more than" if self.asked.dearer else "no more than"
        return f"Is the bill of {self.asked.condition} {more} that of {baseline}?"


class Outlook(Value):
    """What so many tasks can show, and how many it would take."""

    condition: str
    discordant: float
    """Share of the pairs that succeed under one condition only; where none does, as if one did."""
    log_spread: float | None
    """Standard deviation of the tasks' log ratios of cost; None where it is not known, or nothing varies."""
    seen: Seen
    margin: Needed
    """Tasks to show that quality has not dropped by the plan's margin, if in truth it has not changed."""
    saving: Needed | None
    """Tasks to see a saving of `SAVING`."""

    def says(self) -> str:
        """The figures as sentences."""
        parts = [self.seen.says(), self.margin.says()]
        return " ".join([*parts, self.saving.says()] if self.saving else parts)


class Findings(Value):
    """Everything that the runs of an evaluation show."""

    findings: Literal[1] = 1
    simulated: bool
    """The model was scripted: every figure is then called simulated."""
    fingerprint: str
    at: str
    framework: str
    set: str
    """The set of tasks."""
    tasks: int
    seeds: tuple[int, ...]
    baseline: str
    confidence: float
    """Of every interval."""
    versions: Mapping[str, str] = Field(default_factory=dict)
    unfinished: Unfinished | None
    """None where every run came to an end."""
    primary: PrimaryFound
    comparisons: tuple[Comparison, ...]
    """Of the plan's conditions with the baseline: that of the primary endpoint first, then in the plan's order."""
    spending: Spending | None
    """Where the money of the primary endpoint's comparison went; None where its cards are not there."""
    rules: tuple[RuleEffect, ...]
    conditions: tuple[ConditionRuns, ...]
    """In the plan's order; those of single rules after them."""
    outlook: Outlook | NotComparable
    floor: Floor | None
    left_out: tuple[LeftOut, ...]
    cut_short: tuple[CutShort, ...]
    money: Money

    @property
    def harmful(self) -> list[RuleEffect]:
        """The effects of rules that are shown to do harm."""
        return [each for each in self.rules if each.verdict == "harms"]

    @property
    def main(self) -> Comparison | None:
        """The comparison that the primary endpoint is about."""
        return next((each for each in self.comparisons if each.condition == self.primary.asked.condition), None)

    def floor_says(self) -> str:
        """What doing nothing passes, as a sentence."""
        if self.floor is None:
            return "What doing nothing passes is not known."
        score = "" if self.floor.score is None else f", mean score {self.floor.score:.3f}"
        told = counted(self.floor.of, "task that can be graded", "tasks that can be graded")
        return f"Doing nothing passes {self.floor.passed} of {told}{score}."
