"""What was asked: quality, cost, and which rule did it, as tables and sentences. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from costcraft.evaluate.findings.document import Section, Table
from costcraft.evaluate.findings.effects import RuleEffect
from costcraft.evaluate.findings.found import Comparison, Findings
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import counted, p_value, rate_change, ratio, usd, usd_change
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
        plots=["regimes"] if rows else [],
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
    rows = [
        (
            each.condition,
            f"{bill.pairs:,}",
            usd(bill.base.usd),
            usd(bill.new.usd),
            ratio(bill.total),
            ratio(bill.typical),
            p_value(each.cost_p),
            usd_change(each.per_run),
            ratio(bill.per_success),
        )
        for each, bill in bills
    ]
    head = ("condition", "pairs", f"{found.baseline}, USD", "now, USD", "bill", "typical task", "p", "USD a run")
    caption = f"Cost beside {found.baseline}: ratios below 1 are cheaper, each with its {_interval(found)}"
    return Section(
        heading="Cost",
        text=[
            *(f"{each.condition}: {bill.says()}" for each, bill in told if isinstance(bill, NotComparable)),
            *(f"{each.condition}: {_payback(each)}" for each in found.comparisons),
        ],
        tables=[Table(caption + simulated(found), (*head, "per success"), rows)] if rows else [],
        plots=["pairs", "bills"] if rows else [],
        notes=[*_unpriced(bills), *_succeeding(found)],
    )


def _payback(each: Comparison) -> str:
    told = each.break_even
    if isinstance(told, NotComparable):
        return told.says()
    spent = f"the {usd(told.spent)} that the distillation cost are"
    if told.runs is None:
        return f"a run differs by {usd_change(each.per_run)}; {spent} not earned back."
    latest = "perhaps never" if told.latest is None else f"{told.latest:,}"
    reach = "" if told.saving.low is None else f" ({told.soonest or 0:,} to {latest})"
    return f"a run differs by {usd_change(each.per_run)}; {spent} earned back after {told.runs:,} runs{reach}."


def _unpriced(bills: Sequence[tuple[Comparison, Cost]]) -> Iterator[str]:
    for each, bill in bills:
        if bill.unpriced:
            pairs = counted(bill.unpriced, "pair")
            yield f"{each.condition}: {pairs} left out because a price is not known. Unpriced is not free."


def _succeeding(found: Findings) -> Iterator[str]:
    for each in found.comparisons:
        if isinstance(each.succeeding, Cost):
            bill = each.succeeding
            yield (
                f"{each.condition}, only the {counted(bill.pairs, 'pair')} that succeed under both: the bill is "
                f"{ratio(bill.total)} times what it was. Which pairs these are is itself an effect of the conditions."
            )


def rules(found: Findings) -> Iterator[Section]:
    """What each single rule does."""
    if not found.rules:
        return
    rows = [_rule_row(each) for each in found.rules]
    head = ("rule", "says", "run", f"points ({_interval(found)})", "p", "typical task", "p", "USD a run", "verdict")
    caption = f"What each rule does: with it, beside the same skill without it{simulated(found)}"
    verdicts = Counter(each.verdict for each in found.rules)
    words = ", ".join(f"{verdicts[word]} {word}" for word in ("earns", "harms", "not told") if verdicts[word])
    yield Section(
        heading="Which rule did it",
        text=[f"{counted(len(found.rules), 'effect')}: {words}."],
        tables=[Table(caption, head, rows, frozenset({0, 1, 2, 8}))],
        plots=["rules"],
        notes=[
            (
                "earns: more success or less cost is shown, and no less success. harms: less success is shown, or more "
                "cost without more success. not told: neither is, at p adjusted for all rules (Holm)."
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
    word = each.verdict + (f": {', '.join(each.shown)}" if each.shown else "")
    p_values = p_value(each.quality_p), p_value(each.cost_p)
    return (each.rule, each.text, how, rates, p_values[0], bill, p_values[1], usd_change(each.per_run), word)


def _interval(found: Findings) -> str:
    return f"{100 * found.confidence:.3g}% interval"
