"""From the runs of an evaluation to what they show. Pure."""

from collections.abc import Mapping, Sequence

from clawtrace_core.card import TraceCard
from costcraft.evaluate.findings.changed import changed
from costcraft.evaluate.findings.effects import effects
from costcraft.evaluate.findings.found import Answer, Comparison, Findings, Outlook, PrimaryFound, Regime, TaskPair
from costcraft.evaluate.findings.runs import condition_runs, cut_short, money, ordered, unfinished
from costcraft.evaluate.findings.saving import per_run
from costcraft.evaluate.findings.spending import spending
from costcraft.evaluate.findings.words import counted
from costcraft.evaluate.plan import Primary
from costcraft.evaluate.results import Results
from costcraft.evaluate.statistics import (
    NotComparable,
    break_even,
    cost,
    holm,
    non_inferiority,
    paired,
    quality,
    seen_with,
    tasks_for_cost,
    tasks_for_margin,
)
from costcraft.evaluate.statistics.cost import Cost, sides
from costcraft.evaluate.statistics.quality import Quality, Verdict
from costcraft.evaluate.statistics.runs import Pair, Pairs, by_task, usd_of

SAVING = 0.9
"""The ratio of cost for which the report tells how many tasks would be needed: 10% cheaper."""


def find(
    results: Results, texts: Mapping[str, str] | None = None, cards: Mapping[str, TraceCard] | None = None
) -> Findings:
    """What the runs show, each condition of the plan beside the baseline and each rule beside the skill without it.

    Everything but the primary endpoint is adjusted for how much is asked (Holm): the plan's conditions and the single
    rules each among themselves, quality and cost each for itself.
    The same lines give the same findings, in whatever order they stand.

    Args:
        results: what was run, finished or not.
        texts: what each rule says, by its id.
        cards: TraceCards by their session, as far as they are there.
    """
    results = ordered(results)
    told, plan = results.opening, results.opening.plan
    names = [name for name, each in told.conditions.items() if each.role == "plan" and name != plan.baseline]
    names.sort(key=lambda name: name != plan.primary.condition)
    comparisons = _adjusted([_compared(results, name) for name in names], plan.primary)
    main = next((each for each in comparisons if each.condition == plan.primary.condition), None)
    return Findings(
        simulated=told.simulated,
        fingerprint=told.fingerprint,
        at=told.at,
        framework=plan.agent.framework,
        set=plan.tasks.set,
        tasks=len(told.tasks),
        seeds=plan.seeds,
        baseline=plan.baseline,
        confidence=plan.confidence,
        versions=told.versions,
        unfinished=unfinished(results),
        primary=_primary(plan.primary, main),
        comparisons=tuple(comparisons),
        spending=spending(results, plan.baseline, plan.primary.condition, cards or {}),
        rules=effects(results, texts or {}),
        conditions=condition_runs(results),
        outlook=_outlook(main, plan.primary, 1 - plan.confidence),
        floor=told.floor,
        left_out=told.left_out,
        cut_short=cut_short(results),
        money=money(results),
    )


def _compared(results: Results, name: str) -> Comparison:
    plan = results.opening.plan
    pairs = paired(results.runs(plan.baseline), results.runs(name))
    seed, confidence = plan.draws, plan.confidence
    rates = quality(pairs, confidence)
    bills = cost(pairs, seed=seed, confidence=confidence)
    return Comparison(
        condition=name,
        beside=plan.baseline,
        quality=rates,
        margin=non_inferiority(rates, plan.primary.margin) if isinstance(rates, Quality) else None,
        cost=bills,
        per_run=per_run(pairs, seed=seed, confidence=confidence),
        succeeding=cost(pairs.both_succeeded(), seed=seed, confidence=confidence),
        break_even=break_even(pairs, results.opening.spent, seed=seed, confidence=confidence),
        quality_p=rates.p if isinstance(rates, Quality) else None,
        cost_p=bills.p if isinstance(bills, Cost) else None,
        tasks=_tasks(pairs, {task.id: task.kind for task in results.opening.tasks}),
        changed=changed(results, pairs, plan.baseline, name),
    )


def _adjusted(found: Sequence[Comparison], primary: Primary) -> list[Comparison]:
    """With p-values adjusted, but for the one that was declared."""

    def others(endpoint: str, p_values: Mapping[str, float | None]) -> dict[str, float]:
        asked = primary.condition if primary.endpoint == endpoint else None
        return holm({name: p for name, p in p_values.items() if p is not None and name != asked})

    by_quality = others("quality", {each.condition: each.quality_p for each in found})
    by_cost = others("cost", {each.condition: each.cost_p for each in found})
    return [
        each.model_copy(
            update={
                "quality_p": by_quality.get(each.condition, each.quality_p),
                "cost_p": by_cost.get(each.condition, each.cost_p),
            }
        )
        for each in found
    ]


def _tasks(pairs: Pairs, kinds: Mapping[str, str]) -> tuple[TaskPair, ...]:
    found = []
    for group in by_task(pairs.pairs):
        priced = [pair for pair in group if pair.priced]
        base, new = (usd_of(side) / len(priced) for side in sides(priced)) if priced else (None, None)
        found.append(
            TaskPair(
                task=group[0].task,
                kind=kinds.get(group[0].task, ""),
                regime=_regime(group),
                pairs=len(group),
                base_successes=sum(pair.base.success is True for pair in group),
                new_successes=sum(pair.new.success is True for pair in group),
                base_usd=base,
                new_usd=new,
            )
        )
    return tuple(found)


def _regime(group: list[Pair]) -> Regime:
    graded = [pair for pair in group if pair.graded]
    if not graded:
        return "ungraded"
    base = sum(pair.base.success is True for pair in graded)
    new = sum(pair.new.success is True for pair in graded)
    if base != new:
        return "recovered" if new > base else "regressed"
    return "kept" if new else "failed"


def _primary(asked: Primary, main: Comparison | None) -> PrimaryFound:
    if main is None:
        return PrimaryFound(asked=asked, answer="no answer", why=f"There is no condition {asked.condition}.")
    if asked.endpoint == "cost":
        return _bill(asked, main)
    if main.margin is None:
        return PrimaryFound(asked=asked, answer="no answer", why=main.quality.says())
    refuted = main.margin.verdict == Verdict.INFERIOR
    answer: Answer = "yes" if main.margin.holds else "no" if refuted else "not shown"
    return PrimaryFound(asked=asked, answer=answer, why=main.margin.says())


def _bill(asked: Primary, main: Comparison) -> PrimaryFound:
    if isinstance(main.cost, NotComparable):
        return PrimaryFound(asked=asked, answer="no answer", why=main.cost.says())
    bill, why = main.cost, f"The bill is {main.cost.total.says()} times what it was."
    answer: Answer = "not shown"
    if bill.unpriced:
        of = bill.unpriced + bill.pairs
        why = f"For {bill.unpriced:,} of {counted(of, 'pair')} no price is known. {why[:-1]} over the others."
    elif bill.excludes(asked.dearer):
        answer = "yes"
    elif bill.total.low is not None and bill.total.low > 1 + asked.dearer:
        answer = "no"
    return PrimaryFound(asked=asked, answer=answer, why=why)


def _outlook(main: Comparison | None, primary: Primary, alpha: float) -> Outlook | NotComparable:
    """Power from what was seen: the share of pairs that differ, and how much cost varies between tasks."""
    if main is None or isinstance(main.quality, NotComparable):
        return NotComparable(why="How many tasks are needed is not known: there is no pair to tell from.")
    seen = main.quality
    discordant = max(1, seen.recoveries + seen.regressions) / seen.pairs
    spread = main.cost.log_spread if isinstance(main.cost, Cost) else None
    spread = spread or None  # where every task changes alike, any number of tasks shows it
    return Outlook(
        condition=main.condition,
        discordant=discordant,
        log_spread=spread,
        seen=seen_with(seen.tasks, discordant, spread, alpha=alpha),
        margin=tasks_for_margin(primary.margin, discordant, alpha=alpha),
        saving=tasks_for_cost(SAVING, spread, alpha=alpha) if spread else None,
    )
