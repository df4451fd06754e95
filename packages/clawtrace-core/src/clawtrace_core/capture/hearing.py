"""What one listener hears of: its nodes, and the book each goes to. Knows no framework."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from clawtrace_core.capture.calls import Calls
from clawtrace_core.capture.kept import KeepingGuard
from clawtrace_core.capture.nodes import CURRENT, Book, Books, Node


class Hearing:
    """Takes the spans inside a `trace()`; or, with `books`, those outside of any, each root into a book of its own.

    `nodes` are those of the books too.
    """

    def __init__(self, nodes: dict[str, Node], books: Books | None, *, keep: bool) -> None:
        self.guard = KeepingGuard(keep=keep)
        self.nodes = nodes
        self.calls = Calls()
        self.books = books
        self.yields: Callable[[], bool] = bool
        """Whether another listener takes the root that begins now."""

    def enter(self, key: str, above: str | None, means: str, method: str, instance: Any) -> Node | None:
        """The node of a span that begins; None when it is known already, or is not to be recorded."""
        if key in self.nodes:  # the handler was added twice
            return None
        parent = self.nodes.get(above) if above is not None else None
        if parent is not None and parent.run is not None and parent.run.ended:
            parent = None  # some frameworks leave an ended run as the parent of whatever comes next
        book = self._book_for(parent)
        if book is None or book.closed:
            return None
        node = Node(key, parent if parent is not None and parent.book is book else None, book, means, method, instance)
        self.nodes[key] = node
        return node

    def _book_for(self, parent: Node | None) -> Book | None:
        scope = CURRENT.get()
        inside = scope is not None and not scope.closed
        if self.books is None:
            return scope
        if inside or self.books.closed:
            return None
        if parent is not None and not parent.book.closed:
            return parent.book
        return None if self.yields() else self.books.open()


class Stand:
    """Something that is put up for the first who needs it and taken down with the last."""

    def __init__(self, put_up: Callable[[], Callable[[], None]]) -> None:
        self._put_up = put_up
        self._take_down: Callable[[], None] | None = None
        self._needed = 0
        self._lock = Lock()

    def need(self, change: int) -> None:
        """One more needs it (1), or one less (-1)."""
        with self._lock:
            self._needed += change
            if self._needed and self._take_down is None:
                self._take_down = self._put_up()
            elif not self._needed and self._take_down is not None:
                self._take_down()
                self._take_down = None
