"""Nodes and the book of a session, for a framework that tells many more spans than are written. Knows no framework.

Most of them only stand between others. Two kinds are held back until they show what they are: a root that is no agent
(a query engine, a function of the user's) is written as a `chain` when something below it is, and a model that may only
hand its call on to another one is written when it does not. Of what ends, a session remembers the latest.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from time import time_ns
from typing import Any

from clawtrace_core.capture.signal import NOTHING
from clawtrace_core.model.event import Failure

HIDDEN, HELD, SHOWN = range(3)
OTHER, RUN, MODEL, PARSING = "", "run", "model", "parsing"
"""What a span means here: nothing; a run of a workflow; a model's call; a structured output being made. Others are the
adapter's own."""
CURRENT: ContextVar["Book | None"] = ContextVar("clawtrace_session", default=None)
"""The session of the innermost `trace()` around the caller."""
_REMEMBERED = 512
"""Ended spans of a session that are kept, for what starts late below them."""

_keys = count(1)


@dataclass(eq=False, slots=True)
class Node:
    """One of LlamaIndex's spans, open or lately ended."""

    id: str
    parent: "Node | None"
    book: "Book"
    means: str = OTHER
    method: str = ""
    instance: Any = None
    at_ns: int = field(default_factory=time_ns)
    key: int = field(default_factory=lambda: next(_keys))
    state: int = HIDDEN
    told: dict[str, Any] = field(default_factory=dict)
    """What the start of a held span will tell."""
    above: "Node | None" = field(init=False)
    """The nearest span above that is, or may be, written."""
    run: "Node | None" = field(init=False)
    """The workflow run around, itself included."""
    structured: bool = field(init=False)
    """Whether a structured output is being made: the tools below it are only its parsers."""
    status: str | None = None
    """How it ended."""
    ended: bool = False
    cancelled: bool = False
    error: BaseException | None = None
    wrapper: bool = False
    """A model's call that was written before it turned out to be made by another one."""
    first_token_ns: int | None = None
    partial: Any = None
    """What a stream has brought so far."""
    prompt: Any = None
    task: Any = None
    left: bool = False
    """Whether LlamaIndex closed the span; of a stream that is before it is read."""
    attempt: int = 1
    tries: dict[Any, tuple[int, Any]] | None = None
    """Of a run: how often a step has failed on an event, and the event (kept, so that no other gets its address)."""
    part: "Node | None" = None
    """Of a run of several agents: the one at work."""
    waiting: dict[str, "Node"] | None = None
    """Of a run: the tools that wait for a person, by tool call."""

    def __post_init__(self) -> None:
        parent = self.parent
        self.above = None if parent is None else parent if parent.state != HIDDEN else parent.above
        self.run = self if self.means == RUN else parent.run if parent is not None else None
        inherited = parent is not None and parent.structured and parent.state != SHOWN
        self.structured = self.means == PARSING or inherited
        self.attempt = parent.attempt if parent is not None else 1

    @property
    def kind(self) -> Any:
        """The class of the instance whose method this is."""
        return type(self.instance)

    @property
    def overrides(self) -> int:
        """How many overrides of the method have called `super()` around this one."""
        depth, above = 0, self.parent
        while above is not None and above.instance is self.instance and above.method == self.method:
            depth, above = depth + 1, above.parent
        return depth

    def begins_try(self, event: Any) -> None:
        """A step of a run begins on an event: it may have failed on it before."""
        self.prompt = event
        tries = self.parent.tries if self.parent is not None else None
        if tries:
            self.attempt = 1 + tries.get((self.method, id(event)), (0, None))[0]

    def failed_inside(self, error: BaseException, status: str) -> None:
        """Tell the run around of an exception: some frameworks end such a run with no result and no exception."""
        run = self.run
        if run is None or run is self:
            return
        if status == "cancelled":
            run.error = run.error or error
        elif status == "error" and self.parent is run:
            run.error = error
            run.tries = {**(run.tries or {}), (self.method, id(self.prompt)): (self.attempt, self.prompt)}

    def close(self, status: str, failure: Failure | None, **told: Any) -> None:
        """Record the end of this span, and of the session where that waited for it."""
        self.status = status
        self.book.end(self, status=status, failure=failure, **told)
        self.book.close_if_over()


class Book:
    """The spans of one session, and what must be remembered to record them rightly."""

    def __init__(self, nodes: dict[str, Node], drafts: Any, begin: Callable[[str], Any], *, single: bool) -> None:
        self.nodes = nodes
        self.single = single
        """True when the session is over when its one root is."""
        self.session: Any = None
        """What the user holds of it; None until the first span is written: many roots never come to anything."""
        self.drafts = drafts
        """Of the messages of this session, each made once."""
        self.lock = RLock()  # a collected generator may end its call while this thread holds the lock
        self.closed = False
        self.over: str | None = None
        """How the one root ended."""
        self.open: dict[int, Node] = {}
        """Spans written and not ended, by key; models held back too."""
        self._begin = begin
        self._ended: deque[str] = deque()

    def hold(self, node: Node, told: dict[str, Any]) -> None:
        """Keep the start of a span until it is known whether it is one."""
        node.state, node.told = HELD, told
        if node.means == MODEL:
            self.open[node.key] = node

    def start(self, node: Node, **told: Any) -> None:
        """Record the start of a span, with what else `Recorder.started` takes."""
        with self.lock:
            if self.closed:
                return
            above = self._above(node)
            node.state, node.told = SHOWN, {}
            self.open[node.key] = node
            if self.session is None:
                self.session = self._begin(told["name"] if above is None else "")
            if above is not None and above.part is not None and above.part is not node:
                above = above.part
            parent = above.key if above is not None else None
            self.session.recorder.started(node.key, parent=parent, at_ns=node.at_ns, **told)

    def _above(self, node: Node) -> Node | None:
        """The span above, written first if it was held; a model above a model only handed the call on."""
        above = node.above
        while above is not None and above.state != SHOWN:
            if above.state == HELD and not (above.means == MODEL == node.means):
                self.start(above, **above.told)
                break
            if above.state == HELD:
                above.state = HIDDEN
                self.open.pop(above.key, None)
            above = above.above
        if above is not None and above.means == MODEL == node.means:
            above.wrapper = True
        return above

    def end(self, node: Node, **told: Any) -> None:
        """Record the end of a span, with what else `Recorder.ended` takes; of what is no span, nothing."""
        with self.lock:
            node.ended = True
            if node.state == HELD and node.means == MODEL and not self.closed:
                self.start(node, **node.told)
            if self.open.pop(node.key, None) is not None and self.session is not None:
                self.session.recorder.ended(node.key, **told)

    def remark(self, node: Node, name: str, attributes: Mapping[str, Any] = NOTHING) -> None:
        """Record that something happened on a span."""
        if self.session is not None and node.state == SHOWN and not self.closed:
            self.session.recorder.remarked(name, key=node.key, attributes=attributes)

    def forget(self, node: Node) -> None:
        """A span is over; it is kept a while for what starts late below it."""
        with self.lock:
            if self.closed:
                self.nodes.pop(node.id, None)
                return
            self._ended.append(node.id)
            if len(self._ended) > _REMEMBERED:
                self.nodes.pop(self._ended.popleft(), None)

    def root_ended(self, status: str, *, lingers: bool) -> None:
        """A session of one root ends with it, or with the last stream that is still read.

        One that `lingers` may have left a thread behind that has not begun yet: it ends with what that does, or when
        its handler is used next.
        """
        if self.single:
            self.over = status
            if not lingers:
                self.close_if_over()

    def close_if_over(self) -> None:
        """Close when the root has ended and no call is open any more."""
        if self.over is not None and not self.open:
            self.close(self.over)

    def close(self, status: str, *, wait: bool = False) -> None:
        """End what never ended as cancelled, then the session. Nothing is recorded afterwards."""
        with self.lock:
            if self.closed:
                return
            for node in list(reversed(self.open.values())):
                self.end(node, status="cancelled", attributes={"end": "never seen"})
                self.nodes.pop(node.id, None)
            self.closed = True
            for name in self._ended:
                self.nodes.pop(name, None)
            self._ended.clear()
        if self.session is not None:
            self.session.close(status, wait=wait)


class Books:
    """The books of a handler whose every root is a session of its own."""

    def __init__(self, make: Callable[[], Book], adrift: int = 100) -> None:
        self._make = make
        self._adrift = adrift
        """Sessions whose root has ended and whose streams have not: the oldest is closed beyond these."""
        self.books: deque[Book] = deque()
        self.closed = False

    def open(self) -> Book:
        """The book of a new root."""
        self.settle()
        if len(self.books) > self._adrift and self.books[0].over is not None:
            self.books[0].close(self.books[0].over)
        self.books.append(self._make())
        return self.books[-1]

    def settle(self) -> None:
        """Close the sessions that have ended; those whose streams are still read wait."""
        for book in list(self.books):
            book.close_if_over()
        self.books = deque(book for book in self.books if not book.closed)

    def close(self) -> None:
        """End every session, and open no more."""
        self.closed = True
        for book in self.books:
            book.close(book.over or "cancelled")
        self.books.clear()
