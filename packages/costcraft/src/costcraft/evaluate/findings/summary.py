"""The top of a report: the declared question and its answer first, then what else has to be known. Pure."""

from collections.abc import Iterator

from costcraft.evaluate.findings.document import Line, Tone
from costcraft.evaluate.findings.effects import RuleEffect
from costcraft.evaluate.findings.found import Comparison, Findings
from costcraft.evaluate.findings.words import counted, rate_change, ratio, usd
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.quality import Quality
from costcraft.evaluate.statistics.runs import NotComparable

_TONES: dict[str, Tone] = {"yes": "good", "no": "bad", "not shown": "open", "no answer": "open"}


def title_of(found: Findings) -> str:
    """What was compared."""
    asked = found.primary.asked
    return f"{asked.condition} beside {found.baseline}{simulated(found)}"


def subtitle_of(found: Findings) -> str:
    """On what, and with which agent."""
    seeds = counted(len(found.seeds), "seed")
    return (
        f"{counted(found.tasks, 'task')} of {found.set}, {seeds}, {counted(len(found.conditions), 'condition')}; "
        f"agent: {found.framework}"
    )


def simulated(found: Findings) -> str:
    """The word that every figure of a scripted model carries."""
    return " (simulated)" if found.simulated else ""


def lead(found: Findings) -> Iterator[Line]:
    """The points of the summary."""
    if found.simulated:
        yield Line("first", "Simulated", "The model was scripted. No figure here says anything of a real model.")
    if found.unfinished is not None:
        yield Line("first", "Unfinished", found.unfinished.says())
    told = found.primary
    yield Line(
        _TONES[told.answer], "Primary endpoint", told.why, told.question(found.baseline), told.answer.capitalize()
    )
    if found.main is not None:
        yield _other(found, found.main)
    yield from _rules(found)
    lost = sum(each.cut_short for each in found.conditions)
    if lost:
        text = f"{counted(lost, 'run')} cut short by infrastructure at every attempt; they count neither way."
        yield Line("plain", "Infrastructure", text)
    yield Line("plain", "Money", found.money.says())


def _rules(found: Findings) -> Iterator[Line]:
    """Rules that harm, each by name; how many earn, and how many are open."""
    harmful: dict[str, list[RuleEffect]] = {}
    for each in found.harmful:
        harmful.setdefault(each.rule, []).append(each)
    for rule, effects in harmful.items():
        shown = " and ".join(f"{', '.join(each.shown)} {each.how}" for each in effects)
        yield Line("bad", "Rule that harms", f"{rule}, {shown}. {effects[0].text}".rstrip())
    if found.rules:
        none = "" if harmful else " No rule is shown to do harm."
        told = "; ".join(
            f"{each.rule} {', '.join(each.shown)} {each.how}" for each in found.rules if each.verdict == "earns"
        )
        earning = f"Shown to earn: {told}." if told else "No rule is shown to earn."
        open_ = len(
            {each.rule for each in found.rules} - {each.rule for each in found.rules if each.verdict != "not told"}
        )
        more = f" For {counted(open_, 'rule')} so many tasks do not tell." if open_ else ""
        yield Line("plain", "Rules", f"{earning}{none}{more}")


def _other(found: Findings, main: Comparison) -> Line:
    """The endpoint that was not declared as the primary one."""
    if found.primary.asked.endpoint == "quality":
        if not isinstance(main.cost, Cost):
            return Line("open", "Cost", main.cost.says())
        bill = main.cost.total
        text = (
            f"{usd(main.cost.base.usd)} before, {usd(main.cost.new.usd)} now: the bill is {ratio(bill)} times what it "
            f"was, and a task typically costs {ratio(main.cost.typical)} times what it did "
            f"({100 * found.confidence:.3g}% intervals).{_unpriced(main.cost)}{_earned(found, main)}"
        )
        cheaper, dearer = bill.high is not None and bill.high < 1, bill.low is not None and bill.low > 1
        return Line("good" if cheaper else "bad" if dearer else "open", "Cost", text)
    if not isinstance(main.quality, Quality):
        return Line("open", "Quality", main.quality.says())
    verdict = "" if main.margin is None else f" {main.margin.says()}"
    tone: Tone = "good" if main.margin and main.margin.holds else "open"
    return Line(tone, "Quality", f"Success rate {rate_change(main.quality.difference)} points.{verdict}")


def _unpriced(bill: Cost) -> str:
    if not bill.unpriced:
        return ""
    return f" For {bill.unpriced:,} of {counted(bill.unpriced + bill.pairs, 'pair')} no price is known: left out."


def _earned(found: Findings, main: Comparison) -> str:
    if not found.money.distilled:
        return ""
    return f" The {usd(found.money.distilled)} that the distillation cost: earned back after {payback(main)}."


def payback(each: Comparison) -> str:
    """After how many runs what was spent is earned back, with its interval."""
    told = each.break_even
    if isinstance(told, NotComparable):
        return "not known"
    if told.runs is None:
        return "never, as it looks"
    if told.saving.low is None:
        return f"{counted(told.runs, 'run')} (no interval)"
    latest = "perhaps never" if told.latest is None else f"{told.latest:,}"
    return f"{counted(told.runs, 'run')} ({told.soonest or 0:,} to {latest})"
