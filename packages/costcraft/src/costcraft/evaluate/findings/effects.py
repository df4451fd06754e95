"""What a single rule does: the same runs with it and without it. Pure; USD."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from costcraft.evaluate.findings.saving import per_run
from costcraft.evaluate.results import Results, Told
from costcraft.evaluate.statistics import NotComparable, cost, holm, paired, quality
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.interval import Estimate
from costcraft.evaluate.statistics.quality import Quality
from costcraft.value import Value

Word = Literal["earns", "harms", "not told"]


class RuleEffect(Value):
    """One rule, beside the same skill without it. Base is always without the rule, new with it."""

    rule: str
    text: str
    """What the rule says; empty where no skill of the evaluation holds it any more."""
    role: Literal["leave-one-out", "one-in"]
    """Left out of all the others, or alone on top of the baseline."""
    condition: str
    """The condition that was run for it."""
    beside: str
    """The condition it is compared with."""
    quality: Quality | NotComparable
    cost: Cost | NotComparable
    per_run: Estimate | None
    """By how many USD a run differs with the rule on average: below 0 the rule saves."""
    quality_p: float | None
    """Adjusted for all rules that were run (Holm)."""
    cost_p: float | None
    """As `quality_p`, of cost."""
    verdict: Word
    """`earns`: more success is shown; or less cost, where the interval excludes that success drops by the plan's
    margin. `harms`: less success is shown; or more cost, where it excludes that success rises by the margin.
    `not told`: neither is."""
    shown: tuple[str, ...]
    """What is shown: `more success`, `less success`, `cheaper`, `dearer`."""

    def says(self) -> str:
        """The verdict as a sentence."""
        return f"{self.rule}, {self.how}: {self.word}."

    @property
    def how(self) -> str:
        """Beside what it was run."""
        return "beside the others" if self.role == "leave-one-out" else "alone"

    @property
    def word(self) -> str:
        """The verdict with what it rests on."""
        return ": ".join(filter(None, (self.verdict, ", ".join(self.shown))))


class _Pair(NamedTuple):
    told: Told
    condition: str
    beside: str
    quality: Quality | NotComparable
    cost: Cost | NotComparable
    per_run: Estimate | None


def effects(results: Results, texts: Mapping[str, str]) -> tuple[RuleEffect, ...]:
    """The effect of each rule that was run by itself, in the order of the plan.

    A p-value is adjusted for all rules of the evaluation, quality and cost each for itself, and a verdict rests on the
    adjusted one, at the plan's confidence.
    """
    found = [
        _compared(results, name, told) for name, told in results.opening.conditions.items() if told.rule is not None
    ]
    by_quality = holm({each.condition: each.quality.p for each in found if isinstance(each.quality, Quality)})
    by_cost = holm({each.condition: each.cost.p for each in found if isinstance(each.cost, Cost)})
    alpha = 1 - results.opening.plan.confidence
    told = []
    for each in found:
        quality_p, cost_p = by_quality.get(each.condition), by_cost.get(each.condition)
        shown = _shown(each, quality_p, cost_p, alpha)
        told.append(
            RuleEffect(
                rule=each.told.rule or "",
                text=texts.get(each.told.rule or "", ""),
                role="one-in" if each.told.role == "one-in" else "leave-one-out",
                condition=each.condition,
                beside=each.beside,
                quality=each.quality,
                cost=each.cost,
                per_run=each.per_run,
                quality_p=quality_p,
                cost_p=cost_p,
                verdict=_verdict(shown, each.quality, results.opening.plan.primary.margin),
                shown=tuple(shown),
            )
        )
    return tuple(told)


def _compared(results: Results, name: str, told: Told) -> _Pair:
    plan = results.opening.plan
    beside = told.beside or plan.baseline
    own, other = results.runs(name), results.runs(beside)
    pairs = paired(own, other) if told.role == "leave-one-out" else paired(other, own)
    return _Pair(
        told=told,
        condition=name,
        beside=beside,
        quality=quality(pairs, plan.confidence),
        cost=cost(pairs, seed=plan.draws, confidence=plan.confidence),
        per_run=per_run(pairs, seed=plan.draws, confidence=plan.confidence),
    )


def _shown(each: _Pair, quality_p: float | None, cost_p: float | None, alpha: float) -> list[str]:
    shown = []
    if isinstance(each.quality, Quality) and quality_p is not None and quality_p <= alpha:
        shown += _word(each.quality.difference.value, 0, "less success", "more success")
    if isinstance(each.cost, Cost) and cost_p is not None and cost_p <= alpha:
        shown += _word(each.cost.typical.value, 1, "cheaper", "dearer")
    return shown


def _word(value: float | None, middle: float, below: str, above: str) -> list[str]:
    if value is None or value == middle:
        return []
    return [below if value < middle else above]


def _verdict(shown: Sequence[str], rates: Quality | NotComparable, margin: float) -> Word:
    """A cheap rule earns only where it is excluded that success pays for it, and a dear one harms only where it is
    excluded that it is worth its price: not seeing a drop or a gain in a few tasks is no proof that there is none.
    """
    if "less success" in shown:
        return "harms"
    if "more success" in shown:
        return "earns"
    least, most = (rates.difference.low, rates.difference.high) if isinstance(rates, Quality) else (None, None)
    if "cheaper" in shown and least is not None and least > -margin:
        return "earns"
    return "harms" if "dearer" in shown and most is not None and most < margin else "not told"
