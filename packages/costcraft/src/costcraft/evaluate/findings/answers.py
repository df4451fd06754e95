"""What was asked: quality, cost, and which rule did it, as tables and sentences. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from costcraft.evaluate.findings.document import Section, Table
from costcraft.evaluate.findings.effects import RuleEffect
from costcraft.evaluate.findings.found import Comparison, Findings
from costcraft.evaluate.findings.plots import drawable
from costcraft.evaluate.findings.summary import payback, simulated
from costcraft.evaluate.findings.words import counted, p_value, places_of, rate_change, ratio, usd, usd_change, usd_to
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.quality import Quality
from costcraft.evaluate.statistics.runs import NotComparable


def quality(found: Findings) -> Section:
    """How success differs."""
    told = [(each, each.quality) for each in found.comparisons]
    rows = [
        (
            each.condition,
            *(
                f"{number:,}"
                for number in (rates.pairs, rates.both, rates.recoveries, rates.regressions, rates.neither)
            ),
            rate_change(rates.difference),
            p_value(each.quality_p),
            each.margin.verdict.value if each.margin else "-",
        )
        for each, rates in told
        if isinstance(rates, Quality)
    ]
    margin = f"{100 * found.primary.asked.margin:.3g}"
    head = ("condition", "pairs", "kept", "recovered", "regressed", "failed", f"points ({_interval(found)})", "p")
    caption = f"Success beside {found.baseline}, run by run{simulated(found)}"
    return Section(
        heading="Quality",
        text=[f"{each.condition}: {rates.says()}" for each, rates in told if isinstance(rates, NotComparable)],
        tables=[Table(caption, (*head, f"margin of {margin} points"), rows, frozenset({0, 8}))] if rows else [],
        plots=drawable(found, ["regimes"]),
        notes=[*_alone([rates for _, rates in told if isinstance(rates, Quality)])],
    )


def _alone(rates: Sequence[Quality]) -> Iterator[str]:
    alone = sum(each.alone for each in rates)
    ungraded = sum(each.ungraded for each in rates)
    if alone:
        yield f"{counted(alone, 'run')} without a partner under the other condition: left out of every pair."
    if ungraded:
        yield f"{counted(ungraded, 'pair')} that the grader did not judge on both sides: left out."


def cost(found: Findings) -> Section:
    """How cost differs, and when what was spent is earned back."""
    told = [(each, each.cost) for each in found.comparisons]
    bills = [(each, bill) for each, bill in told if isinstance(bill, Cost)]
    return Section(
        heading="Cost",
        text=[f"{each.condition}: {bill.says()}" for each, bill in told if isinstance(bill, NotComparable)],
        tables=[_bills(found, bills), _runs(found, bills)] if bills else [],
        plots=drawable(found, ["pairs", "bills"]),
        notes=[*_unpriced(bills), *_succeeding(found)] if bills else [],
    )


Bills = Sequence[tuple[Comparison, Cost]]


def _bills(found: Findings, bills: Bills) -> Table:
    rows = [
        (
            each.condition,
            f"{bill.pairs:,}",
            usd(bill.base.usd),
            usd(bill.new.usd),
            ratio(bill.total),
            ratio(bill.per_success),
        )
        for each, bill in bills
    ]
    head = ("condition", "pairs", f"{found.baseline}, USD", "now, USD", "the bill", "a success")
    caption = (
        f"All runs, failures included, beside {found.baseline}: ratios with {_interval(found)}s; below 1 is cheaper"
    )
    return Table(caption + simulated(found), head, rows)


def _runs(found: Findings, bills: Bills) -> Table:
    spent = found.money.distilled
    rows = [
        (
            each.condition,
            f"{bill.tasks:,}",
            ratio(bill.typical),
            p_value(each.cost_p),
            usd_change(each.per_run),
            *([payback(each)] if spent else []),
        )
        for each, bill in bills
    ]
    head = (
        "condition",
        "tasks",
        "a typical task",
        "p",
        "USD a run",
        *([f"earns back {usd(spent)} after"] if spent else []),
    )
    caption = f"Task by task, each counting once, beside {found.baseline}; and what a run saves{simulated(found)}"
    return Table(caption, head, rows)


def _unpriced(bills: Bills) -> Iterator[str]:
    left = [f"{each.condition} {bill.unpriced:,}" for each, bill in bills if bill.unpriced]
    if left:
        yield f"Pairs left out because a price is not known (unpriced is not free): {', '.join(left)}."


def _succeeding(found: Findings) -> Iterator[str]:
    bills = [(each.condition, each.succeeding) for each in found.comparisons]
    told = [
        f"{name} {ratio(bill.total)} over {counted(bill.pairs, 'pair')}"
        for name, bill in bills
        if isinstance(bill, Cost)
    ]
    if told:
        yield (
            "The bill's ratio over those pairs alone that succeed under both, which ones these are being itself an "
            f"effect of the conditions: {'; '.join(told)}."
        )


def spending(found: Findings) -> Iterator[Section]:
    """Where the money of the primary endpoint's comparison went."""
    told = found.spending
    if told is None:
        return
    places = places_of(told.base_usd, told.new_usd)
    rows = [
        (
            each.called,
            usd_to(each.base_usd, places),
            usd_to(each.new_usd, places),
            *("-" if each.cause == "base" else f"{calls:.1f}" for calls in (each.base_calls, each.new_calls)),
        )
        for each in told.causes
    ]
    base, now = found.baseline, found.primary.asked.condition
    head = ("caused by", f"{base}, USD a run", f"{now}, USD a run", f"{base}, calls", f"{now}, calls")
    caption = f"What a run's dollars went to, over {counted(told.pairs, 'pair')}{simulated(found)}"
    left = f"{counted(told.untold, 'pair')} of which a card is missing, or not priced in full: left out."
    view = "By the caused view of the TraceCards: a tool's result costs what every later call paid to read it."
    yield Section(
        heading="Where the money went",
        text=[f"Found needless by flags: {usd(told.base_waste)} a run before, {usd(told.new_waste)} now."],
        tables=[Table(caption, head, rows)],
        plots=drawable(found, ["spending"]),
        notes=[view, *([left] if told.untold else [])],
    )


def rules(found: Findings) -> Iterator[Section]:
    """What each single rule does."""
    if not found.rules:
        return
    rows = [_rule_row(each) for each in found.rules]
    head = ("rule", "", "says", "run", f"points ({_interval(found)})", "p", "a typical task", "p", "USD a run")
    caption = f"What each rule does: with it, beside the same skill without it{simulated(found)}"
    verdicts = Counter(each.verdict for each in found.rules)
    words = ", ".join(f"{verdicts[word]} {word}" for word in ("earns", "harms", "not told") if verdicts[word])
    yield Section(
        heading="Which rule did it",
        text=[f"{counted(len(found.rules), 'effect')}: {words}."],
        tables=[Table(caption, head, rows, frozenset({0, 1, 2, 3}))],
        plots=drawable(found, ["rules"]),
        notes=[
            (
                "earns: more success is shown; or less cost, where a drop of success by "
                f"{100 * found.primary.asked.margin:.3g} points is excluded. harms: less success is shown; or more "
                "cost, where a rise by as much is excluded. not told: neither is, at p adjusted for all rules (Holm)."
            ),
            (
                "A rule that is left out is judged beside the others, which may do its work; one that is put "
                "in is judged alone on top of the baseline."
            ),
        ],
    )


def _rule_row(each: RuleEffect) -> Sequence[str]:
    rates = rate_change(each.quality.difference) if isinstance(each.quality, Quality) else "no pair"
    bill = ratio(each.cost.typical) if isinstance(each.cost, Cost) else "no pair"
    how = "left out" if each.role == "leave-one-out" else "put in"
    p_values = p_value(each.quality_p), p_value(each.cost_p)
    return (each.rule, each.word, each.text, how, rates, p_values[0], bill, p_values[1], usd_change(each.per_run))


def _interval(found: Findings) -> str:
    return f"{100 * found.confidence:.3g}% interval"
