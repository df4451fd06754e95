"""The sessions that labelled calls are drawn from. The same on every machine; made where they are not recorded."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from examples.sheets import langchain_agent
from examples.sheets.play import AGENT
from examples.sheets.tasks import make_tasks
from examples.sheets.tools import SheetTools

from clawtrace_core import Store, open_store
from clawtrace_core.interop import Hints, import_file
from clawtrace_core.model.session import SessionTree
from tests.golden.labels.clerk.play import play

EPISODES = Path(__file__).parents[4] / "shared/data/tau-bench-airline/gpt-4o-airline-trials-0-1.json"
SKILL = Path(__file__).parents[3] / "examples/sheets/skill/sheet-tasks"
SHEET_SEEDS, SHEET_TASKS = range(900, 905), 24
CLERK_SEEDS = range(240)

Sourced = Iterator[tuple[str, SessionTree]]
Wanted = Collection[str] | None
"""Names of sources; None: all."""


def airline(home: Path, wanted: Wanted = None) -> Sourced:
    """A hundred episodes of a gpt-4o agent at an airline's desk (tau-bench); nothing where the file is not there."""
    if not EPISODES.is_file():
        return
    store = open_store(home / "airline", create=True)
    done = import_file(EPISODES, store, hints=Hints(model="gpt-4o", task_kind="airline"))
    for one in done.sessions:
        source = f"airline/{one.session}"
        if wanted is None or source in wanted:
            yield source, store.read(one.session)


def sheets(home: Path, wanted: Wanted = None) -> Sourced:
    """The example's agent on its own tasks, many seeds."""
    told = langchain_agent.instructions((SKILL,))
    for seed in SHEET_SEEDS:
        store = open_store(home / f"sheets-{seed}", create=True)
        for task in make_tasks(SHEET_TASKS, seed):
            source = f"sheets/{seed}/{task.name}"
            if wanted is not None and source not in wanted:
                continue
            book = task.prepare(home / f"books-{seed}")
            with langchain_agent.trace(store=store, task=task.name, agent=AGENT) as session:
                langchain_agent.ask(langchain_agent.build_agent(SheetTools(book), told), task.request)
            yield source, store.read(session.id)


def clerk(home: Path, wanted: Wanted = None) -> Sourced:
    """The clerk: real work with the habits of real agents."""
    store: Store = open_store(home / "clerk", create=True)
    for seed in CLERK_SEEDS:
        source = f"clerk/{seed}"
        if wanted is None or source in wanted:
            yield source, store.read(play(seed, store, home / "office" / str(seed)))


POPULATIONS: tuple[Callable[[Path, Wanted], Sourced], ...] = (airline, sheets, clerk)


def sessions(home: Path, wanted: Wanted = None) -> Sourced:
    """Every session by its name."""
    for population in POPULATIONS:
        yield from population(home, wanted)
