"""Runs and the book of a session: which of a framework's runs become spans, and below which. Knows no framework.

A run that may be a mere wrapper is held back until it shows what it is. One that turns out to be an agent, or that is
at the root, becomes a span; any other none: what runs below it goes to the nearest span above.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from time import time_ns
from typing import Any
from uuid import UUID

from clawtrace_core.capture.bodies import Drafts, plain
from clawtrace_core.capture.recorder import Recorder
from clawtrace_core.capture.signal import Draft
from clawtrace_core.model.event import Failure

HELD, HIDDEN, SHOWN = range(3)
CURRENT: ContextVar["Book | None"] = ContextVar("clawtrace_session", default=None)
"""The session of the innermost `trace()` around the caller."""

_keys = count(1)


@dataclass(eq=False, slots=True)
class Run:
    """One of the framework's runs, open or ended."""

    id: UUID
    parent: "Run | None"
    book: "Book"
    index: "dict[UUID, Run]"
    """Where the listener that saw the start looks up the end."""
    kind: str
    name: str
    at_ns: int = field(default_factory=time_ns)
    key: int = field(default_factory=lambda: next(_keys))
    state: int = HELD
    anchor: int | None = None
    """Key of this run's span, or of the nearest span above when it has none."""
    attempt: int = 1
    ended: bool = False
    paused: bool = False
    agent: bool = False
    node: bool = False
    """A step of an agent: what it does stands below the agent."""
    given: Any = None
    first_token_ns: int | None = None
    root: "Run" = field(init=False)
    members: "list[Run]" = field(default_factory=list)
    """All runs below a root, itself included; kept by the root."""

    def __post_init__(self) -> None:
        self.root = self if self.parent is None else self.parent.root
        self.root.members.append(self)
        if self.parent is not None and self.parent.kind == "chain":
            self.attempt = self.parent.attempt

    def above(self, kind: str) -> "Run | None":
        """The nearest run above of that kind; `node` is a step of an agent."""
        run = self.parent
        while run is not None and not (run.node if kind == "node" else run.kind == kind):
            run = run.parent
        return run


class Book:
    """The runs of one session, and what must be remembered to record them rightly."""

    def __init__(
        self,
        recorder: Recorder,
        runs: dict[UUID, Run],
        drafts: Drafts,
        given: Callable[[Any], Sequence[Draft]],
        *,
        single: bool,
    ) -> None:
        self.recorder = recorder
        self.runs = runs
        self.single = single
        """True when the session is over when its one root is."""
        self.session: Any = None
        """What the user holds of it."""
        self.listener: object = None
        """Who is to hear of what runs in the context of this session."""
        self.drafts = drafts
        self.given = given
        """Reads what a held run was given."""
        self.lock = RLock()  # a collected generator may end its run while this thread holds the lock
        self.closed = False
        self.over: str | None = None
        """How the one root ended."""
        self.roots: set[Run] = set()
        self.asked: dict[str, tuple[Run, str, Any]] = {}
        """Tool calls a model asked for and that no tool run has answered yet: (LLM run, tool, arguments)."""
        self.open: dict[int, Run] = {}
        """Spans started and not ended, by key."""
        self.adrift: dict[int, int] = {}
        """Those still open when their root ended, and when that was: their end may come late, or never."""

    def settle(self, run: Run) -> None:
        """Decide what a held chain is; above it first."""
        with self.lock:
            if run.state != HELD:
                return
            if run.parent is not None:
                self.settle(run.parent)
            if run.agent or run.parent is None:
                run.kind = "agent" if run.agent else "chain"
                self.start(run, input=self.given(run.given))
            else:
                run.state, run.anchor = HIDDEN, run.parent.anchor
            run.given = None

    def start(self, run: Run, **told: Any) -> None:
        """Record the start of a run as a span, with what else `Recorder.started` takes."""
        with self.lock:
            if run.parent is not None:
                self.settle(run.parent)
            above = run.parent.anchor if run.parent is not None else None
            run.state, run.anchor = SHOWN, run.key
            self.open[run.key] = run
            self.recorder.started(run.key, kind=run.kind, name=run.name, parent=above, at_ns=run.at_ns, **told)

    def end(self, run: Run, **told: Any) -> None:
        """Record the end of a run that is a span, with what else `Recorder.ended` takes; others end unseen."""
        with self.lock:
            run.ended = True
            if self.open.pop(run.key, None) is not None:
                if self.adrift.pop(run.key, None) is not None:  # a late end: its root forgot the others
                    self.runs.pop(run.id, None)
                self.recorder.ended(run.key, **told)

    def pause(self, run: Run | None) -> None:
        """A run waits for a person: so does everything above it."""
        while run is not None:
            run.paused = True
            run = run.parent

    def synthesise(self, run: Run, call: str, answer: Draft, failure: Failure | None) -> None:
        """Record the tool call of that id, which no run told of, beside `run`, which holds its answer.

        An answer from the node that asked is no tool: the parser of a structured output writes such ones.
        """
        asker, name, arguments = self.asked.pop(call)
        if asker.above("node") is run:
            return
        if run.parent is not None:
            self.settle(run.parent)
        key = next(_keys)
        self.recorder.started(
            key,
            kind="tool",
            name=name,
            parent=run.parent.anchor if run.parent is not None else None,
            input=[Draft("arguments", plain(arguments))],
            tool_call=call,
            attributes={"synthesised": True},
            at_ns=run.at_ns,
        )
        self.recorder.ended(key, status="error" if failure else "ok", output=[answer], failure=failure)

    def root_ended(self, root: Run, status: str) -> None:
        """Forget the runs of a root that ended; a session of one root ends with it.

        Cancelled calls never end, and a tool in a thread ends after its parent. So a session with an open span
        waits for late ends until its handler is used again, flushed or closed.
        """
        now = time_ns()
        with self.lock:
            for run in root.members:
                if run.ended or run.state != SHOWN:
                    run.ended = True
                    self.runs.pop(run.id, None)
                else:
                    self.adrift[run.key] = now
            root.members = []
            self.roots.discard(root)
            self.over = status if self.single else None
        self.close_if_over()

    def close_if_over(self, *, wait: bool = True) -> bool:
        """Close when the root ended and, with `wait`, no late end is expected. True when closed."""
        if self.over is not None and not (wait and self.adrift):
            self.close(self.over)
        return self.closed

    def close(self, status: str, *, wait: bool = False) -> None:
        """End what never ended as cancelled, then the session. Nothing is recorded afterwards."""
        with self.lock:
            if self.closed:
                return
            self.closed, now = True, time_ns()
            for run in reversed(self.open.values()):
                run.ended, at_ns = True, self.adrift.get(run.key, now)
                self.recorder.ended(run.key, status="cancelled", attributes={"end": "never seen"}, at_ns=at_ns)
            for run in (*self.open.values(), *(run for root in self.roots for run in root.members)):
                self.runs.pop(run.id, None)
                run.index.pop(run.id, None)
            self.open.clear()
            self.roots.clear()
            self.drafts.forget()
        self.recorder.close(status, wait=wait)
