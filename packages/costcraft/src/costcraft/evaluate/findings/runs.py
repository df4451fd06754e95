"""What was run: condition by condition, what infrastructure cut short, what is missing, what it cost. Pure; USD."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from statistics import fmean
from typing import Any

from costcraft.evaluate.findings.words import counted, usd
from costcraft.evaluate.results import Done, Results, Role
from costcraft.evaluate.statistics.interval import Estimate
from costcraft.evaluate.statistics.libraries import library
from costcraft.evaluate.statistics.resampling import bca
from costcraft.evaluate.statistics.runs import usd_of
from costcraft.value import Value


class ConditionRuns(Value):
    """The runs of one condition, by themselves."""

    name: str
    role: Role
    rule: str | None = None
    rules: int
    """How many rules its skills hold."""
    wanted: int
    graded: int
    cut_short: int
    """Runs that infrastructure cut short at every attempt. They count nowhere else."""
    troubled: int
    """Runs that infrastructure cut short at least once."""
    ungraded: int
    """Runs that came to their end and that the grader did not judge."""
    successes: int
    usd: Decimal
    """Of its graded runs, as far as it is known."""
    unpriced: int
    """Graded runs whose price is not known. They are in no mean."""
    usd_per_run: Estimate
    """Over the priced runs, its interval by bootstrap over tasks."""
    usd_per_success: Estimate
    """Over the runs that are priced and judged, failures paid for."""
    tokens: float | None
    """Input and output of a run, on average."""
    llm_calls: float | None
    tool_calls: float | None
    seconds: float | None
    """Wall time of the agent in a run, on average."""


class CutShort(Value):
    """Attempts that infrastructure cut short, of one condition and for one reason."""

    condition: str
    why: str
    attempts: int
    lost: int
    """Runs that were never graded because of it."""
    usd: Decimal
    """What they cost, as far as it is known."""


class Unfinished(Value):
    """Runs that were planned and never came to an end."""

    missing: int
    wanted: int
    of_rules: int
    """How many of the missing ones are runs of single rules."""
    budget: Decimal | None
    spent: Decimal
    """USD of all attempts so far, as far as it is known."""

    def says(self) -> str:
        """What is missing, as sentences."""
        rules = f" ({self.of_rules:,} of them runs of single rules)" if self.of_rules else ""
        money = f" {usd(self.spent)} of the budget of {usd(self.budget)} are spent." if self.budget is not None else ""
        return (
            f"Not finished: {self.missing:,} of {counted(self.wanted, 'run')} are missing{rules}.{money} What follows "
            "rests on the pairs that are there and may change; the same command goes on where it stopped."
        )


class Money(Value):
    """What the evaluation cost."""

    usd: Decimal
    """Of all attempts, as far as it is known."""
    runs: Decimal
    """Of it for the plan's own conditions."""
    rule_runs: Decimal
    """Of it for runs of single rules."""
    cut_short: Decimal
    """Of both, for attempts that infrastructure cut short."""
    unpriced: int
    """Attempts whose price is not known in full; the known part of each is counted."""
    distilled: Decimal | None
    """What the distillation cost; None where that is not known."""

    def says(self) -> str:
        """The money as a sentence."""
        more = f" and the unknown part of {counted(self.unpriced, 'attempt')}" if self.unpriced else ""
        parts = [f"{usd(self.runs)} for the plan's conditions"]
        parts += [f"{usd(self.rule_runs)} for runs of single rules"] if self.rule_runs else []
        lost = f"; {usd(self.cut_short)} of it went to attempts that infrastructure cut short" if self.cut_short else ""
        made = (
            "is not known"
            if self.distilled is None
            else f"was {usd(self.distilled)}"
            if self.distilled
            else "was nothing"
        )
        return f"The runs cost {usd(self.usd)}{more}: {', '.join(parts)}{lost}. What the distillation cost {made}."


def ordered(results: Results) -> Results:
    """The same with its lines in an order that does not depend on which run ended first."""
    lines = sorted(results.lines, key=lambda each: (*each.key, each.attempt, each.model_dump_json()))
    return Results(results.opening, tuple(lines))


def condition_runs(results: Results) -> tuple[ConditionRuns, ...]:
    """Every condition by itself."""
    wanted = Counter(condition for condition, _, _ in results.wanted)
    lost = Counter(done.condition for done in results.cut_short)
    troubled = Counter(key[0] for key in {done.key for done in results.lines if done.status == "infrastructure"})
    found = []
    for name, told in results.opening.conditions.items():
        own = [done for done in results.graded.values() if done.condition == name]
        found.append(
            ConditionRuns(
                name=name,
                role=told.role,
                rule=told.rule,
                rules=len(told.rules),
                wanted=wanted[name],
                graded=len(own),
                cut_short=lost[name],
                troubled=troubled[name],
                ungraded=sum(done.success is None for done in own),
                successes=sum(done.success is True for done in own),
                usd=usd_of(done.usd_known for done in own),
                unpriced=sum(done.usd is None for done in own),
                **_means(own, results),
            )
        )
    return tuple(found)


def cut_short(results: Results) -> tuple[CutShort, ...]:
    """What infrastructure cut short, by condition and reason; the most frequent first."""
    found: dict[tuple[str, str], list[Done]] = {}
    for done in results.lines:
        if done.status == "infrastructure":
            found.setdefault((done.condition, done.why or "no reason told"), []).append(done)
    last = {(done.key, done.attempt) for done in results.cut_short}
    told = [
        CutShort(
            condition=condition,
            why=why,
            attempts=len(all_of),
            lost=sum((done.key, done.attempt) in last for done in all_of),
            usd=usd_of(done.usd_known for done in all_of),
        )
        for (condition, why), all_of in found.items()
    ]
    return tuple(sorted(told, key=lambda each: (-each.attempts, each.condition, each.why)))


def unfinished(results: Results) -> Unfinished | None:
    """What never came to an end; None where all did."""
    ended = results.graded.keys() | {done.key for done in results.cut_short}
    missing = [key for key in results.wanted if key not in ended]
    if not missing:
        return None
    roles = results.opening.conditions
    return Unfinished(
        missing=len(missing),
        wanted=len(results.wanted),
        of_rules=sum(roles[condition].role != "plan" for condition, _, _ in missing),
        budget=results.opening.plan.budget,
        spent=usd_of(done.usd_known for done in results.lines),
    )


def money(results: Results) -> Money:
    """What all attempts cost."""
    own = {name for name, told in results.opening.conditions.items() if told.role == "plan"}
    return Money(
        usd=usd_of(done.usd_known for done in results.lines),
        runs=usd_of(done.usd_known for done in results.lines if done.condition in own),
        rule_runs=usd_of(done.usd_known for done in results.lines if done.condition not in own),
        cut_short=usd_of(done.usd_known for done in results.lines if done.status == "infrastructure"),
        unpriced=sum(done.usd is None and done.session is not None for done in results.lines),
        distilled=results.opening.spent,
    )


def _means(own: Sequence[Done], results: Results) -> dict[str, Any]:
    plan = results.opening.plan
    priced = [done for done in own if done.usd is not None]
    judged = [done for done in priced if done.success is not None]

    def quotient(done: Iterable[Done], below: Sequence[float]) -> Estimate:
        return _quotient(done, below, seed=plan.draws, confidence=plan.confidence)

    return {
        "usd_per_run": quotient(priced, [1.0] * len(priced)),
        "usd_per_success": quotient(judged, [float(done.success is True) for done in judged]),
        "tokens": _mean(done.input_tokens + done.output_tokens for done in own),
        "llm_calls": _mean(done.llm_calls for done in own),
        "tool_calls": _mean(done.tool_calls for done in own),
        "seconds": _mean(done.seconds for done in own),
    }


def _quotient(runs: Iterable[Done], below: Sequence[float], *, seed: int, confidence: float) -> Estimate:
    """USD over a count, with its interval by bootstrap over tasks. Not defined where the count is 0."""
    by_task = groupby(zip(runs, below, strict=True), key=lambda pair: pair[0].task)
    rows = []
    for _, group in by_task:
        own = list(group)
        rows.append([float(usd_of(done.usd for done, _ in own if done.usd is not None)), sum(c for _, c in own)])
    over, under = (sum(row[side] for row in rows) for side in (0, 1))
    if not under:
        return Estimate(value=None, low=None, high=None, confidence=confidence)

    def mean(sums: Any) -> Any:
        numpy = library("numpy")
        known = sums[..., 1] > 0
        return numpy.where(known, sums[..., 0] / numpy.where(known, sums[..., 1], 1), numpy.nan)

    low, high = bca(rows, mean, seed=seed, confidence=confidence) or (None, None)
    return Estimate(value=over / under, low=low, high=high, confidence=confidence)


def _mean(amounts: Iterable[float]) -> float | None:
    known = list(amounts)
    return fmean(known) if known else None
