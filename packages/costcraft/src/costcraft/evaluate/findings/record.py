"""What was run, what was not, and how to read it, as tables and sentences. Pure."""

import re
from collections.abc import Iterator, Sequence

from costcraft.evaluate.findings.document import Cell, Link, Section, Table
from costcraft.evaluate.findings.found import ChangedRun, Findings
from costcraft.evaluate.findings.runs import ConditionRuns
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import counted, p_value, percent, usd
from costcraft.evaluate.statistics.flips import two_sided
from costcraft.evaluate.statistics.runs import NotComparable

MOST_ROWS = 40
"""Of runs that changed, and of tasks that are left out; `findings.json` has all."""


def changed(found: Findings) -> Iterator[Section]:
    """The runs whose outcome changed."""
    main = found.main
    if main is None or not main.changed:
        return
    rows = [_changed_row(each) for each in main.changed[:MOST_ROWS]]
    head = ("task", "seed", "", "what the one that fails was told", f"{main.beside}", f"{main.condition}")
    caption = f"Runs whose outcome changed under {main.condition}{simulated(found)}"
    more = len(main.changed) - len(rows)
    yield Section(
        heading="Runs that changed",
        tables=[Table(caption, head, rows, frozenset({0, 2, 3, 4, 5}))],
        notes=[f"{more:,} more are in findings.json."] if more > 0 else [],
    )


def _changed_row(each: ChangedRun) -> Sequence[Cell]:
    return each.task, f"{each.seed}", each.regime, each.why, _card(each.base_session), _card(each.new_session)


def _card(session: str | None) -> Cell:
    """The TraceCard of a run, where the evaluation kept it under a name that is safe in a link."""
    safe = session is not None and re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", session)
    return Link("card", f"cards/{session}.yaml") if safe else "-"


def conditions(found: Findings) -> Section:
    """Each condition by itself."""
    rows = [_condition_row(each) for each in found.conditions]
    head = ("condition", "rules", "graded", "succeed", "USD", "a run", "a success", "tokens", "LLM calls", "tool calls")
    caption = f"Each condition by itself; all but the first four figures are means of a run{simulated(found)}"
    return Section(heading="All runs", text=[found.money.says()], tables=[Table(caption, (*head, "seconds"), rows)])


def _condition_row(each: ConditionRuns) -> Sequence[str]:
    judged = each.graded - each.ungraded
    unpriced = f" and {each.unpriced:,} unpriced" if each.unpriced else ""
    return (
        each.name,
        f"{each.rules}",
        f"{each.graded:,} of {each.wanted:,}",
        f"{each.successes:,} ({percent(each.successes, judged)})" if judged else "-",
        usd(each.usd) + unpriced,
        "-" if each.usd_per_run.value is None else usd(each.usd_per_run.value),
        "-" if each.usd_per_success.value is None else usd(each.usd_per_success.value),
        "-" if each.tokens is None else f"{each.tokens:,.0f}",
        "-" if each.llm_calls is None else f"{each.llm_calls:.1f}",
        "-" if each.tool_calls is None else f"{each.tool_calls:.1f}",
        "-" if each.seconds is None else f"{each.seconds:.1f}",
    )


def power(found: Findings) -> Section:
    """What so many tasks can show."""
    if isinstance(found.outlook, NotComparable):
        return Section(heading="What so many tasks can show", text=[found.outlook.says()])
    told = found.outlook
    spread = "not known" if told.log_spread is None else f"{told.log_spread:.3g}"
    return Section(
        heading="What so many tasks can show",
        text=[told.says()],
        notes=[
            (
                f"Worked out for one run per task, from what {told.condition} showed: {100 * told.discordant:.3g}% of "
                f"the pairs succeed under one condition only, and are taken to be as many each way; "
                f"standard deviation of the log ratios of cost: {spread}."
            )
        ],
    )


def tasks(found: Findings) -> Section:
    """Which tasks were run, and what doing nothing passes."""
    rows = [(each.id, each.why) for each in found.left_out[:MOST_ROWS]]
    more = len(found.left_out) - len(rows)
    left = f"{counted(len(found.left_out), 'task')} of the set left out before the first run."
    return Section(
        heading="Tasks",
        text=[f"{counted(found.tasks, 'task')} run. {left}", found.floor_says()],
        tables=[Table("Left out", ("task", "why"), rows, frozenset({0, 1}))] if rows else [],
        notes=[f"{more:,} more are in findings.json."] if more > 0 else [],
    )


def infrastructure(found: Findings) -> Iterator[Section]:
    """What infrastructure cut short."""
    if not found.cut_short:
        return
    rows = [
        (each.condition, each.why, f"{each.attempts:,}", f"{each.lost:,}", usd(each.usd)) for each in found.cut_short
    ]
    yield Section(
        heading="Infrastructure",
        text=[
            (
                "Attempts that infrastructure cut short say nothing of the agent. They were tried again; what was "
                "never graded is in no pair, and never a failure or a cost of 0."
            ),
            *_uneven(found),
        ],
        tables=[
            Table(
                f"Attempts cut short{simulated(found)}",
                ("condition", "why", "attempts", "runs lost", "USD"),
                rows,
                frozenset({0, 1}),
            )
        ],
    )


def _uneven(found: Findings) -> Iterator[str]:
    """Conditions that were cut short more often than chance explains: then it may not be the infrastructure alone."""
    troubled = {each.name: each.troubled for each in found.conditions}
    for each in found.comparisons:
        own, other = troubled.get(each.condition, 0), troubled.get(each.beside, 0)
        p = two_sided([1] * own + [-1] * other)
        if p <= 1 - found.confidence:
            yield (
                f"{each.condition} was cut short in {counted(own, 'run')}, {each.beside} in {other:,}: more than "
                f"chance explains (p {p_value(p)}). Ask whether the condition brings it about."
            )


def reading(found: Findings) -> Section:
    """What was declared, and what the words mean."""
    asked = found.primary.asked
    versions = ", ".join(f"{name} {version}" for name, version in sorted(found.versions.items()))
    return Section(
        heading="How to read this",
        text=[
            (
                f"Declared before the first run: {asked.endpoint} of {asked.condition}, margin "
                f"{100 * asked.margin:.3g} points, bill at most {100 * asked.dearer:.3g}% dearer, confidence "
                f"{found.confidence:.3g}. Its p-value stands as it is; every other is adjusted for all that was asked "
                "beside it (Holm): the plan's conditions and the single rules each among themselves, quality and cost "
                "each for itself. Intervals are not adjusted."
            ),
            (
                "kept, recovered, regressed, failed: succeeds under both, only now, only before, under neither. bill: "
                "ratio of the totals. typical task: Hodges-Lehmann ratio, every task counting once. Several seeds of "
                "a task are clustered, not counted as new tasks."
            ),
        ],
        notes=[f"Plan {found.fingerprint[:16]}, opened {found.at}. {versions}".rstrip()],
    )
