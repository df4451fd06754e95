"""Tracing without plumbing: `trace()` for a block of code, `install()` for a process.

LangChain asks its configure hooks for a handler whenever it makes a callback manager. One hook is registered
once per process, at the first use; it answers with a handler only while there is something to record.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, Token
from os import PathLike
from threading import Lock
from typing import cast

from langchain_core.callbacks.base import BaseCallbackHandler

from clawtrace_core import Session, Settings, Store, open_session
from clawtrace_langchain._callback import ClawTraceCallbackHandler
from clawtrace_langchain._listener import Listener
from clawtrace_langchain._runs import CURRENT, Book
from clawtrace_langchain._translate import status_of

Place = str | PathLike[str] | Store | None


class _Hook:
    """Stands where LangChain expects a context variable; all it does with one is to `get()` it.

    A real variable cannot be given a value in all threads and emptied again; this leaves nothing behind.
    """

    def __init__(self) -> None:
        self.installed: list[ClawTraceCallbackHandler] = []
        self._within: Listener | None = None
        self._lock = Lock()

    def get(self) -> BaseCallbackHandler | None:
        if CURRENT.get() is not None:
            return self._within
        return self.installed[-1] if self.installed else None

    def register(self) -> None:
        from langchain_core.tracers.context import register_configure_hook  # noqa: PLC0415 - heavy; see `import`

        with self._lock:
            if self._within is None:
                self._within = Listener(Settings())
                # With the class, a handler that the user attached by hand is not doubled by ours.
                as_variable = cast("ContextVar[BaseCallbackHandler | None]", self)
                register_configure_hook(as_variable, inheritable=True, handle_class=Listener)


_hook = _Hook()


class Traced:
    """What `trace()` gives: a context manager, sync and async, whose value is the `Session`."""

    def __init__(self, store: Place, names: dict[str, str | None], settings: Settings) -> None:
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

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._leave(kind, wait=True)

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._leave(kind, wait=False)

    def _leave(self, kind: type[BaseException] | None, *, wait: bool) -> None:
        book, token = self._entered.pop()
        with suppress(ValueError):  # left in another context than entered: that one's value is not ours to restore
            CURRENT.reset(token)
        book.close("ok" if kind is None else status_of(kind), wait=wait)


def trace(
    store: Place = None,
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

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread that
    is started inside by hand, without `contextvars.copy_context()`, is not seen. Nothing is recorded after the
    block. Raises StoreError or SettingsInvalid on entering, when the store or the name cannot be used.
    """
    return Traced(store, {"task": task, "user": user, "session": session, "agent": agent}, settings or Settings())


def install(
    store: Place = None,
    *,
    task: str | None = None,
    user: str | None = None,
    agent: str | None = None,
    settings: Settings | None = None,
) -> Callable[[], None]:
    """Record every root run of this process, in every thread, each into a session of its own.

    Returns what undoes it: open sessions are ended, and nothing more is recorded. A handler attached by hand, and
    a `trace()`, come before it for the runs they see. Raises as `ClawTraceCallbackHandler` does.
    """
    handler = ClawTraceCallbackHandler(store, task=task, user=user, agent=agent, settings=settings)
    _hook.register()
    _hook.installed.append(handler)

    def uninstall() -> None:
        with suppress(ValueError):
            _hook.installed.remove(handler)
        handler.close()

    return uninstall
