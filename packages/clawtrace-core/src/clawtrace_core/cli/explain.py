"""`clawtrace explain`: one flag, its proof and its arithmetic."""

from typing import Annotated

import typer

from clawtrace_core.card.explain import Explainer
from clawtrace_core.card.flags.registry import DEFAULT
from clawtrace_core.cli.find import find_session
from clawtrace_core.cli.options import (
    FlagsOption,
    JsonOption,
    PricesOption,
    SessionArgument,
    StoreOption,
    ToolsOption,
)
from clawtrace_core.cli.output import console, say_json
from clawtrace_core.cli.read import told_by
from clawtrace_core.errors import StoreError
from clawtrace_core.report.explained import explained_fields, explained_parts
from clawtrace_core.store import open_store
from clawtrace_core.tokens import Counter


def explain(
    session: SessionArgument,
    flag: Annotated[str, typer.Argument(metavar="FLAG", help="A flag's id, as the card names it: f1.")],
    *,
    store: StoreOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every line of the sum, not the 40 largest.")] = False,
    prices: PricesOption = None,
    tools: ToolsOption = None,
    flags: FlagsOption = None,
    json: JsonOption = False,
) -> None:
    """Explain a flag: the two calls side by side, what lay between them, and what it saves, line by line.

    The lines add up to what the card says the flag saves. Ids are those of the card under the same --flags and --tools.
    """
    told = told_by(prices, tools, flags)
    opened = open_store(store)
    tree = opened.read(find_session(opened, session))
    explainer = Explainer(
        tree,
        price=told.prices,
        count=Counter(),
        tools=told.tools,
        flags=DEFAULT if told.flags is None else told.flags,
    )
    found = explainer.explain(flag)
    if found is None:
        known = explainer.ids
        there = f"it has {known[0]} to {known[-1]}" if known else "it has none"
        raise StoreError(f"no flag {flag!r} in session {tree.id!r}; {there}; `clawtrace card` shows them")
    if json:
        say_json(explained_fields(found))
        return
    out = console()
    for part in explained_parts(found, width=out.width, everything=everything):
        out.print(part)
