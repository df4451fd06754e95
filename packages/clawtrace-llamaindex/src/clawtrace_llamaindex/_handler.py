"""The handler: one session for each root span, for whatever dispatcher it is added to."""

from collections import deque
from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING

from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.dispatcher import Dispatcher
from pydantic import PrivateAttr

from clawtrace_core import ClawTraceError, Session, Settings, Store, open_session, open_store
from clawtrace_core.capture.histories import BlockDrafts
from clawtrace_core.capture.nodes import Book, Node
from clawtrace_llamaindex._listener import Listener
from clawtrace_llamaindex._messages import message_body
from clawtrace_llamaindex._shell import Shell
from clawtrace_llamaindex._version import check_llamaindex

if TYPE_CHECKING:  # a card's machinery is loaded when the first card is compiled
    from clawtrace_core import TraceCard

Place = str | PathLike[str] | Store | None
_KEPT = 1000
_ADRIFT = 100
"""Sessions whose root has ended and whose streams have not: the oldest is closed beyond these."""


class RootListener(Listener):
    """Opens a session for every root span outside of a `trace()`."""

    def __init__(self, store: Place, names: dict[str, str | None], settings: Settings) -> None:
        super().__init__(settings)
        self.store = open_store(store, create=True)
        self.settings = settings
        self.names = names
        self.sessions: deque[Session] = deque(maxlen=_KEPT)
        self.books: deque[Book] = deque()
        self.closed = False
        self.yields: Callable[[], bool] = bool
        """Whether another handler records what begins now."""

    def book_for(self, parent: Node | None) -> Book | None:
        if super().book_for(parent) is not None or self.closed:
            return None
        if parent is not None and not parent.book.closed:
            return parent.book
        if self.yields():
            return None
        self.settle()
        if len(self.books) > _ADRIFT and self.books[0].over is not None:
            self.books[0].close(self.books[0].over)
        book = Book(self.nodes, BlockDrafts(message_body), self._begin, single=True)
        self.books.append(book)
        return book

    def settle(self) -> None:
        """Close the sessions that have ended, and wait for the streams of the others."""
        for book in list(self.books):
            book.close_if_over()
        self.books = deque(book for book in self.books if not book.closed)

    def _begin(self, name: str) -> Session:
        names = {**self.names, "agent": self.names["agent"] or name}
        session = open_session(self.store, framework="llamaindex", settings=self.settings, **names)
        self.sessions.append(session)
        return session

    def close(self) -> None:
        self.closed = True
        for book in self.books:
            book.close(book.over or "cancelled")
        self.books.clear()


class ClawTraceHandler(Shell):
    """Records every LLM call, tool call, retrieval, embedding and agent run that its dispatcher tells of.

    It is an event handler and a span handler in one, and must be added as both: `install()` does so and returns
    what removes it; `dispatcher.add_event_handler(handler)` with `dispatcher.add_span_handler(handler)` does too.
    Added twice, it counts once. One root span is one session; what runs inside a `trace()` goes there instead.

    Raises ClawTraceError when the installed LlamaIndex is not supported, and StoreError when the store cannot be
    written to. Nothing is raised into a run; under `settings.strict`, `flush()` and `close()` raise what went wrong.
    """

    _ears: RootListener = PrivateAttr()

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
        check_llamaindex()
        names = {"task": task, "user": user, "session": session, "agent": agent}
        ears = RootListener(store, names, settings or Settings())
        super().__init__(ears)
        self._ears = ears

    @classmethod
    def class_name(cls) -> str:
        """The name LlamaIndex knows it by."""
        return "ClawTraceHandler"

    def install(self, dispatcher: Dispatcher | None = None) -> Callable[[], None]:
        """Add it to a dispatcher, the root one by default. Returns what removes it and ends its open sessions.

        Raises ClawTraceError when it was closed before: its sessions have ended.
        """
        if self._ears.closed:
            raise ClawTraceError(
                "this ClawTraceHandler was closed, so it records nothing: make a new one and install it"
            )
        detach = self.attach(get_dispatcher() if dispatcher is None else dispatcher)

        def uninstall() -> None:
            detach()
            self.close()

        return uninstall

    def sessions(self) -> list[Session]:
        """The sessions recorded so far (the last 1,000), oldest first."""
        self._ears.settle()
        return list(self._ears.sessions)

    def card(self) -> "TraceCard":
        """The TraceCard of the last session. Raises ClawTraceError when nothing was recorded yet."""
        sessions = self.sessions()
        if not sessions:
            raise ClawTraceError("no session yet: nothing ran since this handler was added to a dispatcher; run first")
        return sessions[-1].card()

    def flush(self) -> None:
        """Everything seen so far is on disk when this returns."""
        for session in self.sessions()[-1:]:
            session.flush()  # of one session, so of all: they share a writer
        self._ears.guard.check()

    def close(self) -> None:
        """End every open session and record nothing more."""
        self._ears.close()
        self.flush()


_installed: list[ClawTraceHandler] = []


def install(
    store: Place = None,
    *,
    task: str | None = None,
    user: str | None = None,
    agent: str | None = None,
    settings: Settings | None = None,
) -> Callable[[], None]:
    """Record every root span of this process, in every thread, each into a session of its own.

    Returns what undoes it: open sessions are ended, and nothing more is recorded. Of several installed the last one
    records; a handler added by hand, and a `trace()`, come before it. Raises as `ClawTraceHandler` does.
    """
    handler = ClawTraceHandler(store, task=task, user=user, agent=agent, settings=settings)
    root = get_dispatcher()

    def yields() -> bool:
        others = (one for one in root.span_handlers if isinstance(one, ClawTraceHandler) and one is not handler)
        return _installed[-1:] != [handler] or any(all(one is not known for known in _installed) for one in others)

    handler._ears.yields = yields
    remove = handler.install(root)
    _installed.append(handler)

    def uninstall() -> None:
        _installed[:] = [one for one in _installed if one is not handler]
        remove()

    return uninstall
