"""`clawtrace diff`: two sessions of one task, side by side."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer

from clawtrace_core.card.compare import Comparison, compare
from clawtrace_core.cli.options import FlagsOption, JsonOption, PricesOption, StoreOption, ToolsOption
from clawtrace_core.cli.output import console, say_json
from clawtrace_core.cli.read import read_wanted, told_by
from clawtrace_core.model.session import SessionTree, Span
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing import PriceBook
from clawtrace_core.pricing.cost import Cost
from clawtrace_core.report.changes import comparison_fields, flag_lines, steps_table, totals_table
from clawtrace_core.report.escape import printable
from clawtrace_core.store import open_store

_STEPS, _FLAGS = 20, 10
_SAMPLE = Usage(input=1000, output=1000)
"""A call small enough to stand below every tier."""


def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A session's id, a beginning of it, or: last.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The session that is compared with it.")],
    *,
    store: StoreOption = None,
    store_after: Annotated[
        str | None, typer.Option("--store-after", metavar="DIR", help="Where AFTER is, if not in the same store.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every step and flag, not the largest differences.")
    ] = False,
    prices: PricesOption = None,
    tools: ToolsOption = None,
    flags: FlagsOption = None,
    json: JsonOption = False,
) -> None:
    """Compare two sessions of one task: what was added, dropped, cheaper, dearer.

    Steps are aligned by tool and arguments: the first such call of one session with the first of the other. USD are
    what the steps caused. It says so when the two are not of one task, or differ in models or prices.
    """
    told = told_by(prices, tools, flags)
    opened = open_store(store)
    other = opened if store_after is None else open_store(store_after)
    tree_before, card_before = read_wanted(opened, before, told)
    tree_after, card_after = read_wanted(other, after, told)
    found = compare(card_before, card_after)
    found = replace(found, notes=(*found.notes, *_repriced(tree_before, tree_after, told.prices)))
    if json:
        say_json(comparison_fields(found))
    else:
        _print(found, everything=everything)


def _print(found: Comparison, *, everything: bool) -> None:
    out = console()
    for note in found.notes:
        out.print(f"! {printable(note, 300)}", style="yellow", soft_wrap=True)
    out.print(totals_table(found, width=out.width))
    changes = found.changes if everything else [change for change in found.changes if change.how != "same"][:_STEPS]
    if changes:
        out.print()
        out.print(steps_table(changes, width=out.width))
    hidden = len(found.changes) - len(changes)
    if hidden:
        out.print(f"{hidden} more kinds of step, the same or of less weight; --all shows them.", style="dim")
    for line in flag_lines(found, shown=None if everything else _FLAGS):
        out.print(line, soft_wrap=True)


def _repriced(before: SessionTree, after: SessionTree, prices: PriceBook) -> Iterator[str]:
    """Models whose price is not the same on both days: what they say of cost is not all the agent's doing."""
    first, second = _first_calls(before), _first_calls(after)
    for model in sorted(first.keys() & second.keys()):
        one, other = (_sample(span, prices) for span in (first[model], second[model]))
        if one is not None and other is not None and one != other:
            yield f"{model}: its price changed between the two sessions"


def _first_calls(tree: SessionTree) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for span in tree.spans:
        model = (span.response and span.response.model) or (span.request and span.request.model)
        if span.kind == "llm" and model:
            found.setdefault(str(model), span)
    return found


def _sample(span: Span, prices: PriceBook) -> object:
    """What a fixed call of the span's model cost on the span's day."""
    response = None if span.response is None else replace(span.response, cached=False)
    cost = prices.price(request=span.request, response=response, usage=_SAMPLE, at_ns=span.start_ns)
    return cost.usd if isinstance(cost, Cost) else None
