"""The callback handler: one session for each root run."""

from collections import deque
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from clawtrace_core import ClawTraceError, Session, Settings, Store, open_session, open_store
from clawtrace_core.capture.guard import PROCESS_VOICE
from clawtrace_core.capture.releases import check_release
from clawtrace_core.capture.runs import Book
from clawtrace_core.errors import SettingsInvalid
from clawtrace_langchain._listener import UNNAMED, Listener
from clawtrace_langchain._translate import book_of

if TYPE_CHECKING:  # a card's machinery is loaded when the first card is compiled
    from clawtrace_core import TraceCard

_OVERRIDES = (("session", "clawtrace_session"), ("task", "clawtrace_task"), ("user", "clawtrace_user"))
_KEPT = 1000


class ClawTraceCallbackHandler(Listener):
    """Records every LLM call, tool call and sub-agent of the runs it is attached to.

    One root run is one session; concurrent roots are separate sessions. Inside `trace()` everything goes to the
    session of that `trace()`. The config `metadata` of a root may name `clawtrace_session`, `clawtrace_task` and
    `clawtrace_user`. One handler may be attached to any number of runs.

    Raises ClawTraceError when the installed langchain-core is not supported, and StoreError when the store cannot
    be written to. Callbacks never raise, unless `settings.strict`.
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
        check_langchain()
        self._settings = settings or Settings()
        super().__init__(self._settings)
        self._store = open_store(store, create=True)
        self._names = {"task": task, "user": user, "session": session, "agent": agent}
        self._books: dict[str, Book] = {}
        self._sessions: deque[Session] = deque(maxlen=_KEPT)
        self._threads: dict[Any, Book] = {}
        self._closed = False

    def sessions(self) -> list[Session]:
        """The sessions recorded so far (the last 1,000), oldest first."""
        self._close_finished()
        return list(self._sessions)

    def card(self) -> "TraceCard":
        """The TraceCard of the last session. Raises ClawTraceError when nothing was recorded yet."""
        sessions = self.sessions()
        if not sessions:
            raise ClawTraceError("no session yet: found no run that had this handler in its callbacks; invoke first")
        return sessions[-1].card()

    def flush(self) -> None:
        """Everything seen so far is on disk when this returns."""
        for session in self.sessions()[-1:]:
            session.flush()  # of one session, so of all: they share a writer

    def close(self) -> None:
        """End every open session and record nothing more."""
        self._closed = True
        for book in list(self._books.values()):
            book.close(book.over or "cancelled")
        self.flush()

    def _book(self, scope: Book | None, kind: str, name: str, metadata: Mapping[str, Any]) -> Book | None:
        if scope is not None:
            if scope.session not in self._sessions:
                self._sessions.append(scope.session)
            return scope
        if self._closed:
            PROCESS_VOICE.once("closed", "a ClawTraceCallbackHandler that was closed records nothing: make a new one")
            return None
        self._close_finished()
        names = {**self._names, **{word: str(metadata[key]) for word, key in _OVERRIDES if metadata.get(key)}}
        if names["agent"] is None and kind == "chain" and name != UNNAMED:
            names["agent"] = name
        thread = str(metadata.get("thread_id") or "")
        before = self._threads.pop(thread, None)
        paused = before if before is not None and before.over == "paused" else None
        session = self._session({"resumes": paused.session.id} if paused else {}, **names)
        book = book_of(session, self._runs, single=True)
        if paused:
            book.asked.update(paused.asked)
        if thread:
            self._threads[thread] = book
            if len(self._threads) > _KEPT:
                self._threads.pop(next(iter(self._threads)))
        self._books[session.id] = book
        self._sessions.append(book.session)
        return book

    def _session(self, attributes: dict[str, Any], **told: Any) -> Session:
        told |= {"framework": "langchain", "settings": self._settings}
        try:
            return open_session(self._store, attributes=attributes, **told)
        except SettingsInvalid:  # a run's metadata gave a name that no file can have; the run is worth more
            attributes["refused_name"] = told.pop("session")
            return open_session(self._store, attributes=attributes, **told)

    def _close_finished(self) -> None:
        """Sessions whose root ended wait no longer for late ends."""
        for name, book in list(self._books.items()):
            if book.close_if_over(wait=False):
                self._books.pop(name, None)


def check_langchain(found: str | None = None) -> None:
    """Raise ClawTraceError unless that version of langchain-core is one this package knows."""
    check_release("langchain-core", "1.0", "2", by="clawtrace-langchain", found=found)
