"""Tracing without plumbing: `trace()` for a block of code, `install()` for a process.

LangChain asks its configure hooks for a handler whenever it makes a callback manager. One hook is registered
once per process, at the first use; it answers with a handler only while there is something to record.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, Token
from os import PathLike
from threading import Lock
from types import TracebackType
from typing import Any, cast

from langchain_core.callbacks.base import BaseCallbackHandler

from clawtrace_core import Session, Settings, Store, open_session
from clawtrace_langchain._callback import ClawTraceCallbackHandler
from clawtrace_langchain._runs import CURRENT, Book
from clawtrace_langchain._translate import status_of

_lock = Lock()
_installed: list[ClawTraceCallbackHandler] = []


class _Hook:
    """Stands where LangChain expects a context variable; all it does with one is to `get()` it.

    A real variable cannot be emptied again for threads that never saw it set; this one leaves nothing behind.
    """

    def __init__(self) -> None:
        self.registered = False
        self.within: ClawTraceCallbackHandler | None = None
        """Hears what runs inside `trace()`; opens no session of its own."""

    def get(self) -> BaseCallbackHandler | None:
        if CURRENT.get() is not None:
            return self.within
        return _installed[-1] if _installed else None

    def register(self) -> None:
        with _lock:
            if self.registered:
                return
            from langchain_core.tracers.context import register_configure_hook

            self.within = _Within()
            # With the class, a handler that the user attached by hand is not doubled by ours.
            as_variable = cast("ContextVar[BaseCallbackHandler | None]", self)
            register_configure_hook(as_variable, inheritable=True, handle_class=ClawTraceCallbackHandler)
            self.registered = True


class _Within(ClawTraceCallbackHandler):
    """The handler of every `trace()`: where a run goes is told by the context it starts in."""

    def _open(self, *_: Any) -> None:
        return None

    def _joined(self, scope: Book) -> None:
        pass


_hook = _Hook()


class Traced:
    """What `trace()` gives: a context manager, sync and async, whose value is the `Session`."""

    def __init__(self, store: Any, names: dict[str, str | None], settings: Settings) -> None:
        self._store = store
        self._names = names
        self._settings = settings
        self._entered: list[tuple[Book, Token[Book | None]]] = []

    def __enter__(self) -> Session:
        _hook.register()
        session = open_session(self._store, framework="langchain", settings=self._settings, **self._names)
        book = Book(session, {}, single=False)
        self._entered.append((book, CURRENT.set(book)))
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        book, token = self._entered.pop()
        with suppress(ValueError):  # left in another context than entered: that one's value is not ours to restore
            CURRENT.reset(token)
        book.close("ok" if kind is None else status_of(kind))

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def trace(
    store: "str | PathLike[str] | Store | None" = None,
    *,
    task: str | None = None,
    user: str | None = None,
    session: str | None = None,
    agent: str | None = None,
    settings: Settings | None = None,
) -> Traced:
    """Record every LangChain call inside the block into one session, with no callbacks to pass.

        with trace(store="runs", task="sheet-12") as session:
            agent.invoke(...)
        print(session.card().to_yaml())

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread
    that is started inside by hand, without `contextvars.copy_context()`, is not seen. Nothing is recorded after
    the block. Raises StoreError or SettingsInvalid on entering, when the store or a name cannot be used.
    """
    names = {"task": task, "user": user, "session": session, "agent": agent}
    return Traced(store, names, settings or Settings())


def install(
    store: "str | PathLike[str] | Store | None" = None,
    *,
    task: str | None = None,
    user: str | None = None,
    agent: str | None = None,
    settings: Settings | None = None,
) -> Callable[[], None]:
    """Record every root run of this process, in every thread, each into a session of its own.

    Returns what undoes it: open sessions are ended, and nothing is recorded any more. A handler attached by hand,
    or a `trace()`, takes precedence over it for the runs it sees.
    """
    handler = ClawTraceCallbackHandler(store, task=task, user=user, agent=agent, settings=settings)
    _hook.register()
    _installed.append(handler)

    def uninstall() -> None:
        with suppress(ValueError):
            _installed.remove(handler)
        handler.close()

    return uninstall
