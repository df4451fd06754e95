"""Tracing without plumbing: `trace()` for a block of code, `install()` for a process.

LangChain asks its configure hooks for a handler whenever it makes a callback manager. One hook is registered
once per process, at the first use; it answers with a handler only while there is something to record.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from os import PathLike
from typing import Any, cast

from langchain_core.callbacks.base import BaseCallbackHandler

from clawtrace_core import Session, Settings, Store, open_session
from clawtrace_core.capture.blocks import Block
from clawtrace_core.capture.runs import CURRENT, Book
from clawtrace_langchain._callback import ClawTraceCallbackHandler
from clawtrace_langchain._listener import Listener
from clawtrace_langchain._translate import book_of, status_of

Place = str | PathLike[str] | Store | None
_installed: list[ClawTraceCallbackHandler] = []


class _Hook:
    """Stands where LangChain expects a context variable; all it does with one is to `get()` it.

    A real variable cannot be given a value in all threads and emptied again; this leaves nothing behind.
    """

    def get(self) -> BaseCallbackHandler | None:
        book = CURRENT.get()
        if book is not None:
            return cast("Listener", book.listener)
        return _installed[-1] if _installed else None


@cache
def _register() -> None:
    from langchain_core.tracers.context import register_configure_hook  # noqa: PLC0415 - heavy until it is used

    # With the class, a handler that the user attached by hand is not doubled by ours.
    register_configure_hook(cast("ContextVar[Any]", _Hook()), inheritable=True, handle_class=Listener)


class trace(Block[str | PathLike[str] | Store, Book, Session]):  # noqa: N801 - used like a function, as those of contextlib
    """Record every LangChain call inside the block into one session, with no callbacks to pass.

        with trace(store="runs", task="sheet-12") as session:
            agent.invoke(...)
        print(session.card().to_yaml())

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread that
    is started inside by hand, without `contextvars.copy_context()`, is not seen. Nothing is recorded after the
    block. Raises StoreError or SettingsInvalid on entering, when the store or the name cannot be used.
    """

    current = CURRENT

    def _open(self) -> tuple[Book, Session]:
        _register()
        session = open_session(framework="langchain", **self._told)
        book = book_of(session, {}, single=False)
        book.listener = Listener(self._told["settings"])
        return book, session

    def _close(self, book: Book, error: BaseException | None, *, wait: bool) -> None:
        book.close(status_of(error), wait=wait)


def install(store: Place = None, *, settings: Settings | None = None, **names: str | None) -> Callable[[], None]:
    """Record every root run of this process, in every thread, each into a session of its own.

    Takes what `ClawTraceCallbackHandler` takes, and raises as it does. Returns what undoes it: open sessions are ended,
    and nothing more is recorded. A handler attached by hand, and a `trace()`, come before it for the runs they see.
    """
    handler = ClawTraceCallbackHandler(store, settings=settings, **names)
    _register()
    _installed.append(handler)

    def uninstall() -> None:
        with suppress(ValueError):
            _installed.remove(handler)
        handler.close()

    return uninstall
