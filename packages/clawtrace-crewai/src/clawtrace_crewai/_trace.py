"""Tracing without plumbing: `trace()` for a block of code, `install()` for a process."""

from asyncio import CancelledError, to_thread
from collections.abc import Callable
from contextlib import suppress
from contextvars import Token
from os import PathLike
from time import monotonic, sleep
from typing import Any

from clawtrace_core import Session, Settings, Store
from clawtrace_crewai._book import Book
from clawtrace_crewai._bus import BUS, CURRENT, check_crewai, open_on_bus

Place = str | PathLike[str] | Store | None
_GRACE = 0.5


class trace:  # noqa: N801 - used like a function, as those of contextlib
    """Record everything CrewAI does inside the block into one session, with no listener to pass.

        with trace(store="runs", task="sheet-12") as session:
            crew.kickoff()
        print(session.card().to_yaml())

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread that
    is started inside by hand, without `contextvars.copy_context()`, is not seen. Nothing is recorded after the
    block. Entering raises ClawTraceError for a CrewAI that is not supported, StoreError, or SettingsInvalid.
    """

    def __init__(
        self,
        store: Place = None,
        *,
        task: str | None = None,
        user: str | None = None,
        session: str | None = None,
        agent: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._told: dict[str, Any] = {"task": task, "user": user, "session": session, "agent": agent}
        self._told |= {"store": store, "settings": settings or Settings()}
        self._entered: list[tuple[Book, Token[Book | None]]] = []

    def __enter__(self) -> Session:
        check_crewai()
        book = open_on_bus(self._told, single=False)
        BUS.add(book)
        self._entered.append((book, CURRENT.set(book)))
        return book.session

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        _finish(self._leave(), kind)

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await to_thread(_finish, self._leave(), kind)  # the event loop waits neither for handlers nor for a disk

    def _leave(self) -> Book:
        book, token = self._entered.pop()
        with suppress(ValueError):  # left in another context than entered: that one's value is not ours to restore
            CURRENT.reset(token)
        return book


def _finish(book: Book, kind: type[BaseException] | None) -> None:
    """Close once CrewAI has run the handlers of what happened.

    Its flush does not wait for those of events that somebody else hears asynchronously: for what is still open we do.
    """
    BUS.flush()
    until = monotonic() + _GRACE
    while kind is None and book.busy and monotonic() < until:
        sleep(0.005)
    BUS.remove(book)
    cancelled = kind is not None and issubclass(kind, CancelledError | KeyboardInterrupt | GeneratorExit)
    book.close("ok" if kind is None else "cancelled" if cancelled else "error", wait=True)
    if kind is None:
        book.guard.check()


def install(store: Place = None, *, settings: Settings | None = None, **names: str | None) -> Callable[[], None]:
    """Record every outermost kickoff of this process, in every thread, each into a session of its own.

    Takes what `ClawTraceListener` takes, and raises as it does. Returns what undoes it: open sessions are ended, and
    nothing more is recorded. A `trace()` comes before it for what it sees.
    """
    from clawtrace_crewai._listener import ClawTraceListener  # noqa: PLC0415 - imports CrewAI

    return ClawTraceListener(store, settings=settings, **names).uninstall
