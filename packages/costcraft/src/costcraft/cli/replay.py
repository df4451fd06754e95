"""`costcraft replay`: recorded sessions without each of their steps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from clawtrace_core import PriceBook, open_store
from clawtrace_core.parallel import processes
from costcraft.cli.options import Json, Store
from costcraft.cli.output import draw, print_json, say
from costcraft.cli.progress import counting
from costcraft.counterfactual import load_environment
from costcraft.counterfactual.kept_tests import KeptTests, Made
from costcraft.counterfactual.leaving_out import play_sessions
from costcraft.counterfactual.step_test import SessionTest
from costcraft.counterfactual.tally import ToolTally, summed, tally
from costcraft.errors import NothingReplays
from costcraft.showing import money

_REASONS = 5


def replay(
    environment: Annotated[
        str, typer.Option(metavar="python:MODULE:NAME", help="Where recorded calls run again, and are graded.")
    ],
    out: Annotated[Path, typer.Option(help="File that takes the tests, a line per session; a second run goes on.")],
    store: Store = None,
    session: Annotated[list[str] | None, typer.Option(help="Only this session. May be repeated.")] = None,
    only_reads: Annotated[bool, typer.Option("--only-reads", help="Leave out only calls of tools that read.")] = False,
    prices: Annotated[Path | None, typer.Option(help="YAML file of prices in USD per million tokens.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes, each with an environment of its own.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Leave each tool call out of its session in turn, run the others again, and grade the end.

    A step could go where the outcome stays and no later argument, message or answer holds what first appeared in its
    result: both are told, and what each alone would have approved. No model is asked.
    """
    load_environment(environment)
    opened = open_store(store)
    there = opened.session_ids()
    strange = sorted(set(session or ()) - set(there))
    if strange:
        raise NothingReplays(f"{opened.root}: no session {strange[0]!r}; `clawtrace ls` shows those that are there")
    wanted = list(dict.fromkeys(session or there))
    kept = KeptTests(out, Made(environment=environment, only_reads=only_reads))
    todo = [name for name in wanted if name not in kept.done]
    book = PriceBook.load(prices) if prices else None
    with processes(len(todo), workers) as executor, counting("sessions") as watch:
        for found in play_sessions(
            opened, environment, only=todo, only_reads=only_reads, prices=book, executor=executor, watch=watch
        ):
            kept.keep(found)
    tested = [kept.sessions[name] for name in wanted]
    _tell(tested, environment, as_json=as_json)


def _tell(tested: Sequence[SessionTest], environment: str, *, as_json: bool) -> None:
    played = [each for each in tested if each.why is None]
    if not played:
        first = f"; the first, {tested[0].session}: {tested[0].why}" if tested else ""
        raise NothingReplays(f"none of the {len(tested)} session(s) can run again in {environment}{first}")
    tools = tally(test for each in tested for test in each.tests)
    unplayed = {each.session: each.why for each in tested if each.why is not None}
    if as_json:
        print_json(
            {
                "sessions": len(tested),
                "played": len(played),
                "not_played": unplayed,
                "tools": [_plain(each) for each in tools],
                "all": _plain(summed(tools)),
            }
        )
        return
    draw(_table(tools))
    say(f"{len(played)} of {len(tested)} session(s) ran again, and ended and answered as recorded")
    for name, why in list(unplayed.items())[:_REASONS]:
        say(f"  {name}: {why}")
    untold = summed(tools).untold
    for why, steps in list(untold.items())[:_REASONS]:
        say(f"not told of {steps} step(s): {why}")
    if len(untold) > _REASONS:
        say(f"not told of {sum(list(untold.values())[_REASONS:])} step(s) for other reasons: --json names them")


def _plain(told: ToolTally) -> dict[str, Any]:
    return {**told._asdict(), "usd": None if told.usd is None else str(told.usd)}


def _table(tools: Sequence[ToolTally]) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column("tool")
    for name in ("steps", "worse without", "used later", "replay approves", "flow approves", "both", "USD of both"):
        table.add_column(name, justify="right")
    for each in [*tools, *([summed(tools)] if len(tools) > 1 else [])]:
        unpriced = f" + {each.unpriced} unpriced" if each.unpriced and each.usd is not None else ""
        counts = (each.steps, each.dropped, each.used, each.replay, each.flow, each.both)
        table.add_row(escape(each.tool), *map(str, counts), f"{money(each.usd)}{unpriced}")
    return table
