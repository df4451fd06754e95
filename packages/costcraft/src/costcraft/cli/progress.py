"""Progress bars on the terminal; nothing where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from costcraft.models import Standing


class Move(Protocol):
    """Moves a bar."""

    def __call__(self, done: int, of: int, said: str = "") -> None:
        """So many are done, of how many; and what else there is to say."""


@contextmanager
def counting(what: str, *, at_once: bool = True) -> Iterator[Move | None]:
    """What to call with how many are done, of how many; None when stderr is no terminal.

    `at_once`: the bar shows before the first call.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", visible=at_once, total=None)

        def move(done: int, of: int, said: str = "") -> None:
            bar.update(task, visible=True, completed=done, total=of, description=said)

        yield move


@contextmanager
def progress() -> Iterator[Callable[[Standing], None] | None]:
    """What to call while a model is asked, with how far it is; None when stderr is no terminal."""
    with counting("sessions", at_once=False) as move:
        if move is None:
            yield None
        else:
            yield lambda standing: move(standing.done, standing.of, f"{standing.calls} replies, {standing.usd}")
