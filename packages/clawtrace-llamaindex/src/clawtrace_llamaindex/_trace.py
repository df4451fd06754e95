"""`trace()`: one listener of the process stands at the root dispatcher while any is open, and goes with the last."""

from contextlib import suppress
from contextvars import Token
from typing import Any

from llama_index_instrumentation import get_dispatcher

from clawtrace_core import Session, Settings, open_session
from clawtrace_core.capture.hearing import Stand
from clawtrace_core.capture.histories import BlockDrafts
from clawtrace_core.capture.nodes import CURRENT, Book
from clawtrace_llamaindex._listener import Listener
from clawtrace_llamaindex._messages import message_body
from clawtrace_llamaindex._roots import Place, Shell, check_llamaindex
from clawtrace_llamaindex._translate import status_of

_listener = Listener({}, None, keep=True)
_stand = Stand(lambda: Shell(_listener).attach(get_dispatcher()))


class trace:  # noqa: N801 - used like a function, as those of contextlib
    """Record every LlamaIndex call inside the block into one session, with no handler to add.

        with trace(store="runs", task="sheet-12") as session:
            response = await agent.run("...")
        print(session.card().to_yaml())

    Works with `async with` too. Of nested blocks the inner one records. Threads and tasks do not mix; a thread that
    is started inside by hand, without `contextvars.copy_context()`, is not seen. Raises on entering: StoreError or
    SettingsInvalid when the store or the name cannot be used, ClawTraceError when LlamaIndex is not a supported one.
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
        self._told |= {"store": store, "settings": settings or Settings(), "framework": "llamaindex"}
        self._entered: list[tuple[Book, Token[Book | None]]] = []

    def __enter__(self) -> Session:
        check_llamaindex()
        session = open_session(**self._told)
        book = Book(_listener.nodes, BlockDrafts(message_body), lambda _: session, single=False)
        book.session = session
        self._entered.append((book, CURRENT.set(book)))
        _stand.need(1)
        return session

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self._leave(error, wait=True)

    async def __aenter__(self) -> Session:
        return self.__enter__()

    async def __aexit__(self, _kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self._leave(error, wait=False)  # the event loop does not wait for a disk

    def _leave(self, error: BaseException | None, *, wait: bool) -> None:
        book, token = self._entered.pop()
        with suppress(ValueError):  # left in another context than entered: that one's value is not ours to restore
            CURRENT.reset(token)
        _stand.need(-1)
        book.close(status_of(error), wait=wait)
        if self._told["settings"].strict and error is None:
            _listener.guard.check()
