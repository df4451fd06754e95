"""`clawtrace top`: what a whole store's money went to."""

from functools import partial
from typing import Annotated, Any, Literal

import typer

from clawtrace_core.cli.options import (
    FlagsOption,
    JsonOption,
    PricesOption,
    StoreOption,
    ToolsOption,
    WorkersOption,
)
from clawtrace_core.cli.output import complain, console, say_json
from clawtrace_core.cli.progress import over_sessions
from clawtrace_core.cli.read import Told, told_by
from clawtrace_core.errors import SchemaTooNew, SessionInvalid, StoreError
from clawtrace_core.report.ranking import VIEWS, Ranking, rank_session
from clawtrace_core.report.top import ranking_fields, top_lines, top_table
from clawtrace_core.session import compile_session
from clawtrace_core.store import Store, open_store
from clawtrace_core.tokens import Counter


def top(
    *,
    store: StoreOption = None,
    by: Annotated[
        Literal["tool", "agent", "model", "flag"] | None, typer.Option("--by", help="This table alone.")
    ] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=0, help="Lines of a table; 0 shows all.")] = 5,
    prices: PricesOption = None,
    tools: ToolsOption = None,
    flags: FlagsOption = None,
    workers: WorkersOption = None,
    json: JsonOption = False,
) -> None:
    """Rank tools, agents, models and flags of a store by USD.

    Tools by what they caused: their results, read again by every later call. Agents and models by what was billed for
    the calls they made themselves. Flags by what they save; those that overlap each count in full. Waste counts every
    dollar once.
    """
    told = told_by(prices, tools, flags)
    opened = open_store(store)
    ranking = Ranking()
    work = partial(_rank, store=opened, told=told, counter=Counter())
    for one in over_sessions(work, opened.session_ids(), what="ranking", workers=workers):
        ranking.add(one)
    views = VIEWS if by is None else (by,)
    if json:
        say_json({"store": str(opened.root), **ranking_fields(ranking, views, limit=limit)})
    elif not ranking.sessions and not ranking.broken:
        complain(f"no sessions yet in {opened.root}")
    else:
        _print(ranking, views, limit)


def _rank(session: str, *, store: Store, told: Told, counter: Counter) -> Ranking:
    try:
        return rank_session(compile_session(store.read(session), counter=counter, **told._asdict()))
    except (SessionInvalid, SchemaTooNew, StoreError):
        return Ranking(broken=1)


def _print(ranking: Ranking, views: tuple[Any, ...], limit: int) -> None:
    out = console()
    for line in top_lines(ranking):
        out.print(line, soft_wrap=True)
    for view in views:
        rows = len(ranking.by[view])
        if not rows:
            continue
        out.print()
        out.print(top_table(ranking, view, limit=limit, width=out.width))
        if limit and rows > limit:
            out.print(f"{rows - limit} more; -n 0 shows all.", style="dim")
