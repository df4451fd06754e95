"""The listener: one session for each outermost kickoff. This module imports CrewAI; the front door does not."""

from collections import OrderedDict, deque
from os import PathLike
from threading import RLock
from time import time_ns
from typing import TYPE_CHECKING, Any, Self

from crewai.events.base_event_listener import BaseEventListener

from clawtrace_core import ClawTraceError, Session, Settings, Store, open_store
from clawtrace_core.capture.kept import KeepingGuard
from clawtrace_crewai._book import Book
from clawtrace_crewai._bus import BUS, check_crewai, open_on_bus
from clawtrace_crewai._events import Heard, name_of

if TYPE_CHECKING:  # a card's machinery is loaded when the first card is compiled
    from clawtrace_core import TraceCard

_KEPT = 1000
_EARLY = 64
_LATE_NS = 30_000_000_000
"""How long an ended run may still have something open (CrewAI saves memories in the background)."""


class ClawTraceListener(BaseEventListener):
    """Records every crew, flow, agent and bare LLM call of this process, each outermost one as a session.

    It works from when it is made until `uninstall()` or the end of its `with` block. What runs inside a `trace()`
    goes there. Of several listeners the one made last records, so that nothing counts twice.

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
        self._told: dict[str, Any] = {"task": task, "user": user, "session": session, "agent": agent}
        self._told |= {"store": open_store(store, create=True), "settings": settings or Settings()}
        self._guard = KeepingGuard(keep=self._told["settings"].strict)
        self._lock = RLock()
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._early: OrderedDict[str, list[tuple[str | None, Heard]]] = OrderedDict()
        self._runs: dict[str, str] = {}
        """Events of runs that have no id, or got one late -> the key of the run."""
        self._sessions: deque[Session] = deque(maxlen=_KEPT)
        super().__init__()

    def setup_listeners(self, crewai_event_bus: Any) -> None:  # noqa: ARG002 - CrewAI has one bus
        """Called by CrewAI's base class. Of any number of listeners, one set of handlers is on the bus."""
        BUS.add(self)

    def __enter__(self) -> Self:
        if self not in BUS.ears:
            raise ClawTraceError("this ClawTraceListener was uninstalled and records nothing: make a new one")
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
        self.flush()

    def sessions(self) -> list[Session]:
        """The sessions recorded so far (the last 1,000), oldest first."""
        BUS.flush()
        self._close_finished()
        return list(self._sessions)

    def card(self) -> "TraceCard":
        """The TraceCard of the last session. Raises ClawTraceError when nothing was recorded yet."""
        sessions = self.sessions()
        if sessions:
            return sessions[-1].card()
        raise ClawTraceError("no session yet: found no kickoff since this listener was made; kick off first")

    def flush(self) -> None:
        """Everything that happened so far is on disk when this returns. Under `strict`, raises what was swallowed."""
        for session in self.sessions()[-1:]:
            session.recorder.flush()  # of one session, so of all: they share a writer
        for guard in (self._guard, *(book.guard for book in list(self._books.values()))):
            guard.check()

    def continues(self, run: str | None, heard: Heard) -> bool:
        """Take in an event of a run that this listener records. False when it does not."""
        with self._guard, self._lock:
            key = self._key(run, heard)
            book = self._books.get(key)
            if book is None or (book.closed and heard.is_root):  # an id that its host uses for another run
                return False
            self._tell(book, key, run, heard)
        return True

    def begins(self, run: str | None, heard: Heard) -> None:
        """Take in an event of a run that no listener records yet: with its root, the session begins."""
        with self._guard, self._lock:
            key = self._key(run, heard)
            if heard.is_root:
                self._tell(self._open(key, heard), key, run, heard)
            elif len(early := self._early.setdefault(key, [])) < _EARLY:  # before its root, or of a run begun before us
                early.append((run, heard))
                if len(self._early) > _EARLY:
                    self._early.popitem(last=False)

    def _key(self, run: str | None, heard: Heard) -> str:
        """What an event's run is known by. An agent alone gets its id after it began, a bare call none."""
        if run is not None and run in self._books:
            return run
        return next((self._runs[told] for told in heard.ids if told in self._runs), run or heard.ids[0])

    def _tell(self, book: Book, key: str, run: str | None, heard: Heard) -> None:
        book.tell(heard)
        own = [heard.event.event_id, *([heard.event.call_id] if hasattr(heard.event, "call_id") else [])]
        self._runs.update(dict.fromkeys(own if run != key else (), key))
        for waiting in (key, *own):
            for early in self._early.pop(waiting, ()):
                self._tell(book, key, *early)

    def _open(self, key: str, heard: Heard) -> Book:
        self._close_finished()
        told = {**self._told, "agent": self._told["agent"] or name_of(heard.event)}
        book = self._books[key] = open_on_bus(told, single=True)
        self._sessions.append(book.session)
        while len(self._books) > _KEPT and next(iter(self._books.values())).closed:
            self._books.popitem(last=False)
        return book

    def _close_finished(self) -> None:
        with self._lock:
            for book in self._books.values():
                if book.over is not None and (not book.busy or time_ns() - book.over_ns > _LATE_NS):
                    book.close(book.over)
            if not any(book.over is None for book in self._books.values()):
                self._runs.clear()
