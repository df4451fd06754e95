"""The promotion gate: whether an evaluation shows that a skill is no worse and no dearer than the incumbent. Pure."""

from collections.abc import Sequence

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.results import Results
from costcraft.evaluate.statistics import NotComparable, Run, cost, non_inferiority, paired, quality
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.quality import NonInferiority, Quality
from costcraft.value import Value

NAMED = 3
"""Missing runs that are named; the others are counted."""


class Judgement(Value):
    """What the gate says of one condition beside the baseline, and from which figures."""

    condition: str
    baseline: str
    simulated: bool = False
    """The runs are those of a scripted model."""
    wanted: int
    """Pairs of runs that were planned."""
    missing: tuple[str, ...] = ()
    """What of them is not there, as sentences. With anything missing nothing is promoted."""
    quality: Quality | NotComparable
    non_inferiority: NonInferiority | None
    """None where quality cannot be compared."""
    cost: Cost | NotComparable
    dearer: float
    """By how much the bill may grow, as a share."""

    @property
    def failed(self) -> tuple[str, ...]:
        """Every reason not to promote, with its figures, as sentences; none where the condition passes."""
        why = [f"the evaluation is not complete: {each}" for each in self.missing]
        if isinstance(self.quality, NotComparable):
            why.append(self.quality.says())
        elif self.non_inferiority is not None and not self.non_inferiority.holds:
            why.append(f"quality: {self.non_inferiority.says()}")
        return (*why, *self._dearer())

    @property
    def passes(self) -> bool:
        """Whether the condition may take the baseline's place."""
        return not self.failed

    def says(self) -> str:
        """The verdict and its figures, line by line."""
        simulated = " (simulated)" if self.simulated else ""
        beside = f"{self.condition} beside {self.baseline}{simulated}"
        head = f"{beside}: {'passes' if self.passes else 'does not pass'}"
        margin = "" if self.non_inferiority is None else f" {self.non_inferiority.says()}"
        figures = [
            f"quality{simulated}: {self.quality.says()}{margin}",
            f"cost{simulated}: {self.cost.says()} {self._limit()}",
        ]
        return "\n".join([head, *(f"failed{simulated}: {each}" for each in self.failed), *figures])

    def _limit(self) -> str:
        return f"Accepted is a bill of up to {1 + self.dearer:g} times what it was."

    def _dearer(self) -> Sequence[str]:
        if isinstance(self.cost, NotComparable):
            return [self.cost.says()]
        if self.cost.unpriced:
            of = f"{self.cost.unpriced} of {self.cost.unpriced + self.cost.pairs}"
            return [f"cost: no price is known for {of} pairs of runs; name prices in the plan (`prices`)"]
        if not self.cost.excludes(self.dearer):
            found = f"the whole bill is {self.cost.total.says()} times what it was"
            return [f"cost: not shown: {found}, and that does not exclude more than {1 + self.dearer:g} times"]
        return []


def judge(results: Results, condition: str | None = None) -> Judgement:
    """What the gate says of a condition: by default that of the plan's primary endpoint.

    It passes when every pair of runs that was planned is graded, its quality is not inferior at the plan's margin, and
    the upper limit of the ratio of the bills is at most 1 + the plan's `dearer`.

    Raises:
        ResultsInvalid: there is no such condition, or it is the baseline.
    """
    told = results.opening
    name = told.plan.primary.condition if condition is None else condition
    if name not in told.conditions or name == told.plan.baseline:
        there = ", ".join(each for each in told.conditions if each != told.plan.baseline) or "none"
        raise ResultsInvalid(f"there is no condition {name!r} to promote; beside the baseline there are: {there}")
    return judged(
        told.plan,
        name,
        (results.runs(told.plan.baseline), results.runs(name)),
        wanted=len(told.tasks) * len(told.plan.seeds),
        missing=[*missing(results, told.plan.baseline), *missing(results, name)],
        simulated=told.simulated,
    )


def judged(
    plan: Plan,
    condition: str,
    runs: tuple[Sequence[Run], Sequence[Run]],
    *,
    wanted: int,
    missing: Sequence[str] = (),
    simulated: bool = False,
) -> Judgement:
    """The same of runs from wherever they come: first the baseline's, then the condition's."""
    pairs = paired(*runs)
    found = quality(pairs, plan.confidence)
    return Judgement(
        condition=condition,
        baseline=plan.baseline,
        simulated=simulated,
        wanted=wanted,
        missing=tuple(missing),
        quality=found,
        non_inferiority=non_inferiority(found, plan.primary.margin) if isinstance(found, Quality) else None,
        cost=cost(pairs, seed=plan.draws, confidence=plan.confidence),
        dearer=plan.primary.dearer,
    )


def missing(results: Results, condition: str) -> list[str]:
    """What of a condition's planned runs is not graded, as sentences; none where all are."""
    ungraded = {key for key, done in results.graded.items() if done.success is None}
    wanted = [key for key in results.wanted if key[0] == condition]
    cut = {done.key: done for done in results.cut_short}
    not_run = [key for key in wanted if key not in results.graded and key not in cut]
    kinds = (
        (not_run, "not run yet; run the same `costcraft eval` again"),
        ([key for key in wanted if key in cut], "cut short by infrastructure; run the same `costcraft eval` again"),
        ([key for key in wanted if key in ungraded], "without a verdict of the grader"),
    )
    return [f"{len(keys)} of {len(wanted)} runs of {condition} {why} ({_named(keys)})" for keys, why in kinds if keys]


def _named(keys: Sequence[tuple[str, str, int]]) -> str:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return ", ".join(f"{task}, seed {seed}" for _, task, seed in keys[:NAMED]) + more
