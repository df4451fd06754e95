"""The listener: one session for each outermost kickoff. This module imports CrewAI; the front door does not."""

from collections import OrderedDict, deque
from contextlib import suppress
from os import PathLike
from threading import RLock
from time import time_ns
from typing import TYPE_CHECKING, Any, Self

from crewai.events.base_event_listener import BaseEventListener

from clawtrace_core import ClawTraceError, Session, Settings, Store, open_session, open_store
from clawtrace_crewai._book import Book
from clawtrace_crewai._bus import BUS, BusSession, check_crewai
from clawtrace_crewai._events import SPANS, WORDS, name_of

if TYPE_CHECKING:  # a card's machinery is loaded when the first card is compiled
    from clawtrace_core import TraceCard

_KEPT = 1000
_LATE_NS = 30_000_000_000
"""How long an ended run may still have something open (CrewAI saves memories in the background)."""


class ClawTraceListener(BaseEventListener):
    """Records every crew, flow, agent and bare LLM call of this process, each outermost one as a session.

    It works from when it is made until `uninstall()` (or the end of its `with` block). What runs inside a `trace()` goes
    there. Of several listeners the one made last records, so that nothing counts twice.

    Raises ClawTraceError when the installed CrewAI is not supported, and StoreError when the store cannot be
    written to. Its handlers never raise into CrewAI.
    """

    def __init__(
        self,
        store: "str | PathLike[str] | Store | None" = None,
        *,
        task: str | None = None,
        user: str | None = None,
        session: str | None = None,
        agent: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        check_crewai()
        self._settings = settings or Settings()
        self._store = open_store(store, create=True)
        self._names = {"task": task, "user": user, "session": session, "agent": agent}
        self._lock = RLock()
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._early: OrderedDict[str, list[tuple[Any, Any]]] = OrderedDict()
        self._sessions: deque[Session] = deque(maxlen=_KEPT)
        super().__init__()

    def setup_listeners(self, crewai_event_bus: Any) -> None:  # noqa: ARG002 - CrewAI has one bus
        """Called by CrewAI's base class. Of any number of listeners, one set of handlers is on the bus."""
        BUS.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.uninstall()

    def uninstall(self) -> None:
        """Take the handlers off the bus and end the open sessions. Nothing is recorded afterwards."""
        BUS.flush()
        BUS.remove(self)
        with self._lock:
            for book in self._books.values():
                book.close(book.over or "cancelled")
        self._flush_last()

    def sessions(self) -> list[Session]:
        """The sessions recorded so far (the last 1,000), oldest first."""
        BUS.flush()
        self._close_finished()
        return list(self._sessions)

    def card(self) -> "TraceCard":
        """The TraceCard of the last session. Raises ClawTraceError when nothing was recorded yet."""
        sessions = self.sessions()
        if not sessions:
            raise ClawTraceError("no session yet: found no kickoff since this listener was made; kick off first")
        return sessions[-1].card()

    def flush(self) -> None:
        """Everything that happened so far is on disk when this returns."""
        self.sessions()
        self._flush_last()

    def hear(self, run: str | None, source: Any, event: Any) -> bool:
        """Take in one event of a run; called by the bus. False when it belongs to no run of this listener."""
        with self._lock:
            key = run or self._key_of(event)
            book = self._books.get(key)
            if book is not None and book.closed and _is_root(event):  # a run id that its host uses again
                book = None
            if book is None:
                if not _is_root(event):
                    return self._park(key, source, event)
                book = self._open(key, event)
        book.tell(source, event)
        for early in self._early.pop(key, ()):
            book.tell(*early)
        return True

    def _key_of(self, event: Any) -> str:
        """A bare LLM call is in no run: it is known by its call."""
        return str(getattr(event, "call_id", None) or event.parent_event_id or event.event_id)

    def _park(self, key: str, source: Any, event: Any) -> bool:
        """Heard of before its root, or begun before this listener was made."""
        self._early.setdefault(key, []).append((source, event))
        while len(self._early) > _KEPT:
            self._early.popitem(last=False)
        del self._early[next(reversed(self._early))][_KEPT:]
        return False

    def _open(self, key: str, event: Any) -> Book:
        self._close_finished()
        scope, _ = WORDS[event.type]
        names = {**self._names}
        names["agent"] = names["agent"] or name_of(event, SPANS[scope][1])
        opened = open_session(self._store, framework="crewai", settings=self._settings, **names)
        book = Book(BusSession(opened.store, opened.recorder), single=True)
        self._books[key] = book
        self._sessions.append(book.session)
        while len(self._books) > _KEPT and next(iter(self._books.values())).closed:
            self._books.popitem(last=False)
        return book

    def _close_finished(self) -> None:
        with self._lock:
            for book in self._books.values():
                if book.over is not None and (not book.busy or time_ns() - book.over_ns > _LATE_NS):
                    book.close(book.over)

    def _flush_last(self) -> None:
        with suppress(IndexError):
            self._sessions[-1].recorder.flush()  # of one session, so of all: they share a writer


def _is_root(event: Any) -> bool:
    return event.parent_event_id is None and WORDS.get(event.type, ("", ""))[1] is None
