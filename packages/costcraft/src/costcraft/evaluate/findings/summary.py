"""The top of a report: the declared question and its answer first, then what else has to be known. Pure."""

from collections.abc import Iterator

from costcraft.evaluate.findings.document import Line, Tone
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
    for each in found.harmful:
        yield Line("bad", "Rule that harms", f"{each.says()} {each.text}".rstrip())
    if found.rules and not found.harmful:
        yield Line("plain", "Rules", "No rule is shown to do harm.")
    lost = sum(each.cut_short for each in found.conditions)
    if lost:
        text = f"{counted(lost, 'run')} cut short by infrastructure at every attempt; they count neither way."
        yield Line("plain", "Infrastructure", text)
    yield Line("plain", "Money", found.money.says())


def _other(found: Findings, main: Comparison) -> Line:
    """The endpoint that was not declared as the primary one."""
    if found.primary.asked.endpoint == "quality":
        if not isinstance(main.cost, Cost):
            return Line("open", "Cost", main.cost.says())
        bill = main.cost.total
        text = (
            f"{usd(main.cost.base.usd)} before, {usd(main.cost.new.usd)} now: the bill is {ratio(bill)} times what it "
            f"was, and a task typically costs {ratio(main.cost.typical)} times what it did "
            f"({100 * found.confidence:.3g}% intervals).{_earned(found, main)}"
        )
        cheaper, dearer = bill.high is not None and bill.high < 1, bill.low is not None and bill.low > 1
        return Line("good" if cheaper else "bad" if dearer else "open", "Cost", text)
    if not isinstance(main.quality, Quality):
        return Line("open", "Quality", main.quality.says())
    verdict = "" if main.margin is None else f" {main.margin.says()}"
    tone: Tone = "good" if main.margin and main.margin.holds else "open"
    return Line(tone, "Quality", f"Success rate {rate_change(main.quality.difference)} points.{verdict}")


def _earned(found: Findings, main: Comparison) -> str:
    if found.money.distilled is None:
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
