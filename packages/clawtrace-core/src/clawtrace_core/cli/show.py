"""`clawtrace show`: one session as a tree of spans with what each cost."""

from typing import Annotated

import typer
from rich.console import Console

from clawtrace_core.card.card import TraceCard
from clawtrace_core.cli.options import (
    FlagsOption,
    JsonOption,
    PricesOption,
    SessionArgument,
    StoreOption,
    ToolsOption,
)
from clawtrace_core.cli.output import console, say_json
from clawtrace_core.cli.read import read_wanted, told_by
from clawtrace_core.model.session import SessionTree
from clawtrace_core.report.facts import problem_lines, session_facts
from clawtrace_core.report.rows import session_fields, span_fields
from clawtrace_core.report.tree import failure_lines, flag_lines, span_tree
from clawtrace_core.store import open_store


def show(
    session: SessionArgument,
    *,
    store: StoreOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Fold nothing, and show the framework's own chains too.")
    ] = False,
    prices: PricesOption = None,
    tools: ToolsOption = None,
    flags: FlagsOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a session's spans with USD, tokens, time and flags.

    Billed is what the provider charged for a call; caused is what a step made the session pay, later reads of what it
    produced included. Tokens are what a step produced.
    """
    tree, card = read_wanted(open_store(store), session, told_by(prices, tools, flags))
    if json:
        fields = session_fields(tree, card)
        problems = [{"line": problem.line, "what": problem.what} for problem in tree.problems]
        fields |= {"base": card.base.model_dump(), "flags": [flag.model_dump() for flag in card.flags]}
        say_json(fields | {"problems": problems, "spans": span_fields(tree, card)})
    else:
        _print(console(), tree, card, everything=everything)


def _print(out: Console, tree: SessionTree, card: TraceCard, *, everything: bool) -> None:
    out.print(session_facts(tree, card))
    out.print()
    if tree.spans:
        out.print(span_tree(tree, card, width=out.width, everything=everything))
    else:
        out.print("no spans were recorded", style="dim")
    below = [*failure_lines(tree, card), *flag_lines(card.flags, everything=everything), *problem_lines(card.problems)]
    if below:
        out.print()
    for line in below:
        out.print(line)
