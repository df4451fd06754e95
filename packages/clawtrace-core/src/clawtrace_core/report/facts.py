"""What stands above a session's tree: the session in eight lines. Pure: values in, renderables out."""

from collections.abc import Iterable
from datetime import tzinfo
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from clawtrace_core.card.card import CardCost, CardOutcome, CardTokens, TraceCard
from clawtrace_core.model.session import SessionTree
from clawtrace_core.report import money
from clawtrace_core.report.escape import printable

_SHOWN_PROBLEMS = 5


def session_facts(tree: SessionTree, card: TraceCard, *, zone: tzinfo | None = None) -> Table:
    """Who ran what and when, how it ended, what it was billed, and how much of that was waste."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in _facts(tree, card, zone):
        grid.add_row(name, text)
    return grid


def _facts(tree: SessionTree, card: TraceCard, zone: tzinfo | None) -> Iterable[tuple[str, Text]]:
    started = tree.started
    yield "session", Text(printable(tree.id), style="bold")
    if card.task:
        yield "task", Text(printable(card.task, 200))
    who = " · ".join(printable(part, 100) for part in (started.agent, started.framework, *card.models) if part)
    if who:
        yield "agent", Text(who)
    when = f"{money.moment(started.at_ns, zone)}, {money.seconds(card.seconds)}"
    yield "when", Text(when) if card.status == "ok" else Text(f"{when}, {printable(card.status, 40)}", style="yellow")
    yield "outcome", outcome_text(card.outcome, long=True)
    yield "billed", _cost(card.cost)
    yield "tokens", _tokens(card.tokens)
    yield "calls", Text(_calls(card))
    if card.base.usd is not None:
        yield "base", Text(f"{money.usd(card.base.usd)} for system prompt, tool schemas and user messages")
    yield "waste", _waste(card)


def outcome_text(outcome: CardOutcome | None, *, long: bool = False) -> Text:
    """`pass 1.0`, `fail 0.25`, or a dash where nobody graded the session."""
    if outcome is None:
        return Text("not graded" if long else money.UNKNOWN, style="dim")
    word = "pass" if outcome.success else "fail"
    if outcome.score is not None:
        word += f" {_score(outcome.score)}"
    text = Text(word, style="green" if outcome.success else "red")
    if long and outcome.oracle:
        text.append(f" by {printable(outcome.oracle, 60)}", "default")
    if long and outcome.failed_checks:
        named = ", ".join(printable(name, 60) for name in outcome.failed_checks[:_SHOWN_PROBLEMS])
        more = len(outcome.failed_checks) - _SHOWN_PROBLEMS
        text.append(f", failed: {named}" + (f" and {more} more" if more > 0 else ""), "default")
    return text


def _score(score: Decimal) -> str:
    if not score.is_finite() or abs(score) >= 1000:
        return printable(str(score), 12)
    return f"{score:.2f}".removesuffix("0")


def _cost(cost: CardCost) -> Text:
    if cost.calls == 0:
        return Text("$0, no model was called")
    text = Text(money.usd(cost.usd), style="bold")
    text.append(f", {cost.priced} of {cost.calls} calls priced", "default" if cost.priced == cost.calls else "yellow")
    if cost.unpriced:
        named = ", ".join(f"{printable(model, 60)} ({calls})" for model, calls in sorted(cost.unpriced.items()))
        text.append(f", no price for {named}", "yellow")
    if cost.estimated:
        text.append(f", {cost.estimated} with estimated tokens", "yellow")
    return text


def _tokens(counts: CardTokens) -> Text:
    cached = f" ({money.tokens(counts.cache_read)} read from cache" if counts.cache_read else ""
    if counts.cache_write:
        cached += (", " if cached else " (") + f"{money.tokens(counts.cache_write)} written to it"
    thought = f" ({money.tokens(counts.reasoning)} reasoning)" if counts.reasoning else ""
    read = f"{_known(counts.input)} in{cached}{')' if cached else ''}"
    return Text(f"{read}, {_known(counts.output)} out{thought}")


def _known(count: int | None) -> str:
    return "unknown" if count is None else money.tokens(count)


def _calls(card: TraceCard) -> str:
    calls = card.calls
    counted = [(calls.llm, "llm"), (calls.tool, "tool"), (calls.retriever, "retriever"), (calls.embedding, "embedding")]
    counted += [(calls.agent, "sub-agent" if calls.agent == 1 else "sub-agents"), (calls.failed, "failed")]
    return ", ".join(f"{number} {name}" for number, name in counted if number) or "none"


def _waste(card: TraceCard) -> Text:
    if not card.flags:
        return Text("none found")
    found = f"{len(card.flags)} flag{'s' if len(card.flags) != 1 else ''}"
    if card.waste.usd is None:
        return Text(f"{found}, cost not known", style="yellow")
    part = f" ({money.share(card.waste.share)})" if card.waste.share is not None else ""
    return Text(f"{money.usd(card.waste.usd)}{part}, {found}", style="yellow")


def problem_lines(problems: Iterable[str], *, shown: int = _SHOWN_PROBLEMS) -> list[Text]:
    """What was lost or does not add up, the first few, and how many more there are."""
    every = list(problems)
    lines = [Text(f"! {printable(what, 300)}", style="yellow") for what in every[:shown]]
    if len(every) > shown:
        lines.append(Text(f"! and {len(every) - shown} more", style="yellow"))
    return lines
