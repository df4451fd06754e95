"""The handler: one session for each root span, for whatever dispatcher it is added to."""

from collections import deque
from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.dispatcher import Dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler
from llama_index_instrumentation.span_handlers import BaseSpanHandler
from pydantic import PrivateAttr

from clawtrace_core import ClawTraceError, Session, Settings, Store, open_session, open_store
from clawtrace_core.capture.histories import BlockDrafts
from clawtrace_core.capture.nodes import Book, Books, Node
from clawtrace_core.capture.releases import check_release
from clawtrace_llamaindex._listener import Listener
from clawtrace_llamaindex._messages import message_body

if TYPE_CHECKING:  # a card's machinery is loaded when the first card is compiled
    from clawtrace_core import TraceCard

Place = str | PathLike[str] | Store | None
_KEPT = 1000


class Shell(BaseEventHandler, BaseSpanHandler[Any]):
    """A listener in the clothes that a dispatcher asks for: an event handler and a span handler in one."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        # In the instance itself, where the dispatcher's look-up finds them first: a private attribute of a pydantic
        # model takes longer to read than a span takes to record.
        verbs = ("handle", "span_enter", "span_exit", "span_drop")
        self.__dict__.update({name: getattr(listener, name) for name in verbs})

    def new_span(self, *args: Any, **kwargs: Any) -> None:
        """LlamaIndex keeps no span of ours: nothing is left behind in it."""

    handle = prepare_to_exit_span = prepare_to_drop_span = new_span

    def attach(self, dispatcher: Dispatcher) -> Callable[[], None]:
        """Add it as both. Returns what removes it, by identity, for handlers compare by value."""
        dispatcher.add_event_handler(self)
        dispatcher.add_span_handler(self)

        def detach() -> None:
            dispatcher.event_handlers = [one for one in dispatcher.event_handlers if one is not self]
            dispatcher.span_handlers = [one for one in dispatcher.span_handlers if one is not self]

        return detach


class ClawTraceHandler(Shell):
    """Records every LLM call, tool call, retrieval, embedding and agent run that its dispatcher tells of.

    It is an event handler and a span handler in one, and must be added as both, by `install()` or by hand. Added twice,
    it counts once. One root span is one session; what runs inside a `trace()` goes there instead.

    Raises ClawTraceError when the installed LlamaIndex is not supported, and StoreError when the store cannot be
    written to. Nothing is raised into a run; under `settings.strict`, `flush()` and `close()` raise what went wrong.
    """

    _ears: Listener = PrivateAttr()
    _books: Books = PrivateAttr()
    _sessions: deque[Session] = PrivateAttr()

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
        told: dict[str, Any] = {"store": open_store(store, create=True), "task": task, "user": user}
        told |= {"session": session, "settings": settings or Settings(), "framework": "llamaindex"}
        sessions: deque[Session] = deque(maxlen=_KEPT)

        def begin(name: str) -> Session:
            sessions.append(open_session(agent=agent or name, **told))
            return sessions[-1]

        nodes: dict[str, Node] = {}
        books = Books(lambda: Book(nodes, BlockDrafts(message_body), begin, single=True))
        ears = Listener(nodes, books, keep=told["settings"].strict)
        super().__init__(ears)
        self._ears, self._books, self._sessions = ears, books, sessions

    def install(self, dispatcher: Dispatcher | None = None) -> Callable[[], None]:
        """Add it to a dispatcher, the root one by default. Returns what removes it and ends its open sessions.

        Raises ClawTraceError when it was closed before: its sessions have ended.
        """
        if self._books.closed:
            raise ClawTraceError("this ClawTraceHandler was closed and records nothing: make a new one and install it")
        detach = self.attach(get_dispatcher() if dispatcher is None else dispatcher)

        def uninstall() -> None:
            detach()
            self.close()

        return uninstall

    def sessions(self) -> list[Session]:
        """The sessions recorded so far (the last 1,000), oldest first."""
        self._books.settle()
        return list(self._sessions)

    def card(self) -> "TraceCard":
        """The TraceCard of the last session. Raises ClawTraceError when nothing was recorded yet."""
        for session in self.sessions()[-1:]:
            return session.card()
        raise ClawTraceError("no session yet: nothing ran since this handler was added to a dispatcher; run first")

    def flush(self) -> None:
        """Everything seen so far is on disk when this returns."""
        for session in self.sessions()[-1:]:
            session.flush()  # of one session, so of all: they share a writer
        self._ears.guard.check()

    def close(self) -> None:
        """End every open session and record nothing more."""
        self._books.close()
        self.flush()


_installed: list[ClawTraceHandler] = []


def install(store: Place = None, *, settings: Settings | None = None, **names: str | None) -> Callable[[], None]:
    """Record every root span of this process, in every thread, each into a session of its own.

    Takes what `ClawTraceHandler` takes, raises as it does, and returns what undoes it. Of several installed the last
    one records; a handler added by hand, and a `trace()`, come before it.
    """
    handler, root = ClawTraceHandler(store, settings=settings, **names), get_dispatcher()

    def yields() -> bool:
        others = [one for one in root.span_handlers if isinstance(one, ClawTraceHandler)]
        return _installed[-1] is not handler or any(all(one is not known for known in _installed) for one in others)

    handler._ears.yields = yields  # noqa: SLF001 - it is made here
    remove = handler.install(root)
    _installed.append(handler)

    def uninstall() -> None:
        _installed[:] = [one for one in _installed if one is not handler]
        remove()

    return uninstall


def check_llamaindex(found: str | None = None) -> None:
    """Raise ClawTraceError unless that version of llama-index-core is one this package knows."""
    check_release("llama-index-core", "0.12.52", "0.15", by="clawtrace-llamaindex", found=found)
