"""Tracing without plumbing: `trace()` for a block of code.

One listener of the process stands at the root dispatcher while any `trace()` is open, and goes with the last.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import Token
from threading import Lock

from llama_index_instrumentation import get_dispatcher

from clawtrace_core import Session, Settings, open_session
from clawtrace_core.capture.histories import BlockDrafts
from clawtrace_core.capture.nodes import CURRENT, Book
from clawtrace_llamaindex._handler import Place
from clawtrace_llamaindex._listener import Listener
from clawtrace_llamaindex._messages import message_body
from clawtrace_llamaindex._shell import Shell
from clawtrace_llamaindex._translate import status_of
from clawtrace_llamaindex._version import check_llamaindex


class _Ear:
    """The listener that all `trace()` blocks of the process share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = 0
        self._remove: Callable[[], None] | None = None
        self.listener = Listener(Settings())
        self._shell = Shell(self.listener)

    def enter(self) -> None:
        with self._lock:
            self._open += 1
            if self._remove is None:
                self._remove = self._shell.attach(get_dispatcher())

    def leave(self) -> None:
        with self._lock:
            self._open -= 1
            if not self._open and self._remove is not None:
                self._remove()
                self._remove = None


_ear = _Ear()


class Traced:
    """What `trace()` gives: a context manager, sync and async, whose value is the `Session`."""

    def __init__(self, store: Place, names: dict[str, str | None], settings: Settings) -> None:
        self._store = store
        self._names = names
        self._settings = settings
        self._entered: list[tuple[Book, Token[Book | None]]] = []

    def __enter__(self) -> Session:
        check_llamaindex()
        session = open_session(self._store, framework="llamaindex", settings=self._settings, **self._names)
        book = Book(_ear.listener.nodes, BlockDrafts(message_body), lambda _: session, single=False)
        book.session = session
        self._entered.append((book, CURRENT.set(book)))
        _ear.enter()
        return session

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self._leave(error, wait=True)

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self._leave(error, wait=False)

    def _leave(self, error: BaseException | None, *, wait: bool) -> None:
        book, token = self._entered.pop()
        with suppress(ValueError):  # left in another context than entered: that one's value is not ours to restore
            CURRENT.reset(token)
        _ear.leave()
        book.close(status_of(error), wait=wait)


def trace(
    store: Place = None,
    *,
    task: str | None = None,
    user: str | None = None,
    session: str | None = None,
    agent: str | None = None,
    settings: Settings | None = None,
) -> Traced:
    """Record every LlamaIndex call inside the block into one session, with no handler to add.

        with trace(store="runs", task="sheet-12") as session:
            response = await agent.run("...")
        print(session.card().to_yaml())

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread that
    is started inside by hand, without `contextvars.copy_context()`, is not seen. Nothing is recorded after the block.
    Raises StoreError or SettingsInvalid on entering, when the store or the name cannot be used, and ClawTraceError
    when the installed LlamaIndex is not supported.
    """
    return Traced(store, {"task": task, "user": user, "session": session, "agent": agent}, settings or Settings())
