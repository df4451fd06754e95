"""`clawtrace ls`: the sessions of a store, newest last."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from clawtrace_core.cli.options import JsonOption, PricesOption, StoreOption, ToolsOption, WorkersOption
from clawtrace_core.cli.output import complain, console, say_json
from clawtrace_core.cli.progress import over_sessions
from clawtrace_core.cli.read import Told, read_session, told_by
from clawtrace_core.errors import SchemaTooNew, SessionInvalid, StoreError
from clawtrace_core.model.event import SessionStarted
from clawtrace_core.report.rows import session_fields
from clawtrace_core.report.sessions import WIDE, Listed, Unreadable, remarks, sessions_table, short_names
from clawtrace_core.store import Store, open_store

Row = Listed | Unreadable


def ls(
    *,
    store: StoreOption = None,
    limit: Annotated[int, typer.Option(min=0, help="The newest so many; 0 lists all.")] = 20,
    task: Annotated[str | None, typer.Option(help="Only sessions of this task.")] = None,
    prices: PricesOption = None,
    tools: ToolsOption = None,
    workers: WorkersOption = None,
    json: JsonOption = False,
) -> None:
    """List the sessions of a store, newest last.

    USD is what the providers billed; a + says that some calls have no price. Calls are llm/tool.
    """
    opened = open_store(store)
    ids = opened.session_ids()
    kept, older = _newest(opened, ids, limit, task)
    rows = list(
        over_sessions(partial(_row, store=opened, told=told_by(prices, tools)), kept, what="reading", workers=workers)
    )
    if json:
        say_json({"store": str(opened.root), "sessions": [_fields(row) for row in rows], "older": older})
    elif not rows:
        complain(_empty(opened.root, task if ids else None))
    else:
        _print(rows, ids, older)


def _newest(store: Store, ids: list[str], limit: int, task: str | None) -> tuple[list[str], int]:
    """The newest `limit` sessions, oldest first, and how many older ones were left out."""
    wanted = [name for name in ids if task is None or _task(store, name) == task]
    kept = wanted[-limit:] if limit else wanted
    return kept, len(wanted) - len(kept)


def _task(store: Store, session: str) -> str | None:
    """The task in a session's opening line. A session whose opening is lost has none."""
    try:
        for _, event in store.events(session):
            return event.task if isinstance(event, SessionStarted) else None
    except (SessionInvalid, SchemaTooNew, StoreError):
        pass
    return None


def _row(session: str, *, store: Store, told: Told) -> Row:
    try:
        tree, card = read_session(store, session, told)
    except (SessionInvalid, SchemaTooNew, StoreError) as error:
        return Unreadable(session=session, why=str(error))
    # A line needs neither spans nor steps: a list of a whole store holds none of them.
    brief = replace(tree, spans=(), contents={}, notes=())
    return Listed(tree=brief, card=card.model_copy(update={"steps": [], "agents": []}))


def _fields(row: Row) -> dict[str, Any]:
    if isinstance(row, Unreadable):
        return {"session": row.session, "error": row.why}
    return session_fields(row.tree, row.card)


def _print(rows: list[Row], ids: list[str], older: int) -> None:
    out = console()
    names = {name: name for name in ids} if out.width >= WIDE else short_names(ids)
    out.print(sessions_table(rows, names=names, width=out.width))
    for line in remarks(rows):
        out.print(line, style="dim")
    if older:
        out.print(f"{older} older not shown; --limit 0 lists all.", style="dim")


def _empty(root: Path, task: str | None) -> str:
    if task is not None:
        return f"no sessions of the task {task!r} in {root}"
    return f"no sessions yet in {root}; run an agent with ClawTraceCallbackHandler(store={str(root)!r})"
