"""Tracing without plumbing: `trace()` for a block of code, `install()` for a process."""

from asyncio import to_thread
from collections.abc import Callable
from os import PathLike
from time import monotonic, sleep

from clawtrace_core import Session, Settings, Store
from clawtrace_core.capture.blocks import Block
from clawtrace_core.capture.failures import status_of
from clawtrace_crewai._book import Book
from clawtrace_crewai._bus import BUS, CURRENT, check_crewai, open_on_bus

Place = str | PathLike[str] | Store | None
_GRACE = 0.5


class trace(Block[str | PathLike[str] | Store, Book, Session]):  # noqa: N801 - used like a function, as those of contextlib
    """Record everything CrewAI does inside the block into one session, with no listener to pass.

        with trace(store="runs", task="sheet-12") as session:
            crew.kickoff()
        print(session.card().to_yaml())

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread that
    is started inside by hand, without `contextvars.copy_context()`, is not seen. Nothing is recorded after the
    block. Entering raises ClawTraceError for a CrewAI that is not supported, StoreError, or SettingsInvalid.
    """

    current = CURRENT

    def _open(self) -> tuple[Book, Session]:
        check_crewai()
        book = open_on_bus(self._told, single=False)
        BUS.add(book)
        return book, book.session

    def _close(self, book: Book, error: BaseException | None, *, wait: bool) -> None:  # noqa: ARG002 - it always does
        """Close once CrewAI has run the handlers of what happened.

        Its flush does not wait for those of events that others hear asynchronously: for what is still open we do.
        """
        BUS.flush()
        until = monotonic() + _GRACE
        while error is None and book.busy and monotonic() < until:
            sleep(0.005)
        BUS.remove(book)
        book.close(status_of(error), wait=True)
        if error is None:
            book.guard.check()

    async def _close_async(self, book: Book, error: BaseException | None) -> None:
        await to_thread(self._close, book, error, wait=True)  # the event loop waits neither for handlers nor for a disk


def install(store: Place = None, *, settings: Settings | None = None, **names: str | None) -> Callable[[], None]:
    """Record every outermost kickoff of this process, in every thread, each into a session of its own.

    Takes what `ClawTraceListener` takes, and raises as it does. Returns what undoes it: open sessions are ended, and
    nothing more is recorded. A `trace()` comes before it for what it sees.
    """
    from clawtrace_crewai._listener import ClawTraceListener  # noqa: PLC0415 - imports CrewAI

    return ClawTraceListener(store, settings=settings, **names).uninstall
