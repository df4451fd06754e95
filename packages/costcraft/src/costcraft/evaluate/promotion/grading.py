"""The evidence level `interventional`: what an evaluation says of each prune that was in it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from costcraft.evaluate.promotion.judging import judge, missing
from costcraft.evaluate.results import Results
from costcraft.evaluate.statistics import NotComparable, Run, cost, non_inferiority, paired, quality
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.interval import points
from costcraft.evaluate.statistics.quality import Quality
from costcraft.patch import Grade, Level

LEVEL: Level = "interventional"


class Trial(NamedTuple):
    """Runs with a rule beside runs without it, nothing else being different."""

    rule: str
    with_it: str
    without_it: str
    """Names of the two conditions."""
    runs: tuple[Sequence[Run], Sequence[Run]]
    """Those without it, those with it."""


def grades(results: Results, condition: str, more: Sequence[Trial] = ()) -> dict[str, Grade]:
    """What the evaluation says of each rule of a condition, by its id: whether sessions that had it did no worse.

    A rule's own runs come first, where it alone was left out or put in, those of `more` included: it holds when one of
    them excludes a drop of the plan's margin, and it is a drop when one of them lies below 0 as a whole. Where they do
    not tell, the run of the whole skill vouches for each of its rules, if that is not inferior; but a drop of
    the whole is the fault of no single rule. Only runs that are complete are looked at.

    Raises:
        ResultsInvalid: there is no such condition, or it is the baseline.
    """
    whole = _whole(results, condition)
    trials = {(each.with_it, each.without_it): each for each in (*own_trials(results), *more)}.values()
    told = results.opening
    standing = told.conditions[told.plan.baseline].rules  # of what both have, the whole run says nothing
    rules = dict.fromkeys(told.conditions[condition].rules)
    found = {rule: [_own(results, each) for each in trials if each.rule == rule] for rule in rules}
    return {
        rule: _settled([each for each in own if each is not None], None if rule in standing else whole)
        for rule, own in found.items()
    }


def own_trials(results: Results) -> Iterator[Trial]:
    """The runs of an evaluation in which one rule alone was left out or put in, where they are complete."""
    told = results.opening
    incomplete = {name for name in told.conditions if missing(results, name)}
    for name, each in told.conditions.items():
        beside = each.beside or told.plan.baseline
        if each.rule is None or incomplete & {name, beside}:
            continue
        with_it, without_it = (beside, name) if each.role == "leave-one-out" else (name, beside)
        yield Trial(each.rule, with_it, without_it, (results.runs(without_it), results.runs(with_it)))


def _own(results: Results, trial: Trial) -> Grade | None:
    pairs = paired(*trial.runs)
    plan = results.opening.plan
    found = quality(pairs, plan.confidence)
    if isinstance(found, NotComparable):
        return None
    bill = cost(pairs, seed=plan.draws, confidence=plan.confidence)
    shown = non_inferiority(found, plan.primary.margin)
    drop = found.difference.high is not None and found.difference.high < 0
    verdict = "quality drops with the rule" if drop else shown.says()
    return _grade(
        results,
        holds=False if drop else shown.holds or None,
        drop=drop,
        why=f"{trial.with_it} beside {trial.without_it}, which differ by this rule alone: {_figures(found)}. {verdict}",
        numbers={
            "with": trial.with_it,
            "without": trial.without_it,
            "judged_with": 0,
            **_numbers(found, bill, plan.primary.margin),
        },
    )


def _whole(results: Results, condition: str) -> Grade | None:
    """What the whole skill says of each of its rules."""
    told = judge(results, condition)
    if told.missing or isinstance(told.quality, NotComparable) or told.non_inferiority is None:
        return None
    plan = results.opening.plan
    of = results.opening.conditions
    others = len(set(of[condition].rules) - set(of[plan.baseline].rules)) - 1
    high = told.quality.difference.high
    drop = others <= 0 and high is not None and high < 0
    with_others = (
        f"judged together with {others} other rule{'s' * (others > 1)}" if others > 0 else "the only rule that differs"
    )
    return _grade(
        results,
        holds=False if drop else told.non_inferiority.holds or None,
        drop=drop,
        why=f"{condition} beside {plan.baseline}, {with_others}: {_figures(told.quality)}. "
        f"{told.non_inferiority.says()}",
        numbers={
            "with": condition,
            "without": plan.baseline,
            "judged_with": max(0, others),
            **_numbers(told.quality, told.cost, plan.primary.margin),
        },
    )


def _settled(own: Sequence[Grade], whole: Grade | None) -> Grade:
    """The grade that counts: a drop before all, then what holds, a rule's own runs before those of the whole skill."""
    told = [*own, *([whole] if whole is not None else [])]
    ranked = [
        *(each for each in told if each.drop),
        *(each for each in told if each.holds),
        *told,
    ]
    if not ranked:
        return Grade(level=LEVEL, holds=None, why="no complete runs differ by it: the evaluation cannot tell")
    first = ranked[0]
    others = [each.why for each in own if each is not first]
    return first.model_copy(update={"why": "; ".join([first.why, *others])})


def _grade(results: Results, *, holds: bool | None, drop: bool, why: str, numbers: Mapping[str, Any]) -> Grade:
    simulated = results.opening.simulated
    told = {"evaluation": results.opening.fingerprint[:12], "simulated": simulated, **numbers}
    return Grade(level=LEVEL, holds=holds, drop=drop, why=f"{'simulated: ' if simulated else ''}{why}", numbers=told)


def _figures(found: Quality) -> str:
    difference = found.difference
    limits = f"{points(difference.low or 0)} to {points(difference.high or 0)}"
    return (
        f"{found.pairs} pairs of runs on {found.tasks} tasks, {found.recoveries} recovered, {found.regressions} "
        f"regressed, {points(difference.value or 0)} points ({difference.confidence:.0%} interval {limits})"
    )


def _numbers(found: Quality, bill: Cost | NotComparable, margin: float) -> dict[str, Any]:
    told = {
        "tasks": found.tasks,
        "pairs": found.pairs,
        "recoveries": found.recoveries,
        "regressions": found.regressions,
        "difference": _rounded(found.difference.value),
        "low": _rounded(found.difference.low),
        "high": _rounded(found.difference.high),
        "confidence": found.difference.confidence,
        "margin": margin,
    }
    if isinstance(bill, NotComparable):
        return told
    total = bill.total
    return told | {"bill": _rounded(total.value), "bill_low": _rounded(total.low), "bill_high": _rounded(total.high)}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
