"""Progress bars on the terminal; nothing where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from costcraft.models import Standing


@contextmanager
def progress() -> Iterator[Callable[[Standing], None] | None]:
    """What to call while a model is asked, with how far it is; None when stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("sessions"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", visible=False, total=None)

        def watch(standing: Standing) -> None:
            said = f"{standing.calls} replies, {standing.usd}"
            bar.update(task, visible=True, completed=standing.done, total=standing.of, description=said)

        yield watch


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], object] | None]:
    """What to call with how many are done, of how many; None when stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        shown = bar.add_task("", total=None)
        yield lambda done, of: bar.update(shown, completed=done, total=of)
