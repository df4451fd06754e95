"""`clawtrace card`: a session's TraceCard."""

from pathlib import Path
from typing import Annotated

import typer

from clawtrace_core.cli.options import (
    FlagsOption,
    JsonOption,
    PricesOption,
    SessionArgument,
    StoreOption,
    ToolsOption,
)
from clawtrace_core.cli.output import complain, say
from clawtrace_core.cli.read import read_wanted, told_by
from clawtrace_core.report.jsontext import to_json
from clawtrace_core.report.rows import card_fields
from clawtrace_core.store import open_store

_LONGEST = 15
"""Digits of a number of bytes."""


def card(
    session: SessionArgument,
    *,
    store: StoreOption = None,
    full: Annotated[bool, typer.Option("--full", help="The whole card, whatever its size.")] = False,
    budget: Annotated[
        str, typer.Option(metavar="BYTES", help="The most bytes the card may take, 512 or more; none: no limit.")
    ] = "1536",
    for_llm: Annotated[
        bool, typer.Option("--for-llm", help="Two lines on top that tell a model how to read a card.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there, not to stdout.")
    ] = None,
    prices: PricesOption = None,
    tools: ToolsOption = None,
    flags: FlagsOption = None,
    json: JsonOption = False,
) -> None:
    """Print a session's TraceCard: YAML of at most 1,536 bytes, however long the session.

    What has no room is folded: `rest` counts it, and says where most of its dollars went. With --json it is always the
    whole card.
    """
    most = None if full else _budget(budget)
    _, compiled = read_wanted(open_store(store), session, told_by(prices, tools, flags))
    text = to_json(card_fields(compiled)) + "\n" if json else compiled.to_yaml(budget=most, legend=for_llm)
    if output is None:
        say(text)
    else:
        output.write_text(text, encoding="utf-8")
        complain(f"wrote {output}")


def _budget(text: str) -> int | None:
    if text == "none":
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST):
        raise typer.BadParameter(f"--budget: found {text!r}, expected a number of bytes, or none")
    return int(text)
