"""Runs and the book of a session: which of LangChain's runs become spans, and below which.

A chain run is held back until it shows what it is: a graph (one of its children is tagged `graph:step:N`)
becomes an `agent` span, another chain at the root a `chain` span, and every other chain (a graph's node, a
sequence, a parser) none: what runs below it goes to the nearest span above.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from itertools import count
from threading import RLock
from time import time_ns
from typing import Any
from uuid import UUID

from langchain_core.messages import BaseMessage, ToolMessage

from clawtrace_core import Session
from clawtrace_core.capture import Draft
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_langchain._messages import Drafts, of_state, plain
from clawtrace_langchain._translate import tool_messages

HELD, HIDDEN, SHOWN = range(3)
UNNAMED = "LangGraph"
"""What langgraph calls a graph that was given no name."""

CURRENT: ContextVar["Book | None"] = ContextVar("clawtrace_session", default=None)
"""The session of the innermost `trace()` around the caller."""

_keys = count(1)


class Run:
    """One of LangChain's runs, open or ended."""

    __slots__ = (
        "anchor",
        "at_ns",
        "attempt",
        "book",
        "ended",
        "first_token_ns",
        "given",
        "graph",
        "id",
        "index",
        "key",
        "kind",
        "members",
        "name",
        "node",
        "parent",
        "paused",
        "root",
        "state",
        "thread",
    )

    def __init__(
        self, run_id: UUID, parent: "Run | None", book: "Book", index: "dict[UUID, Run]", kind: str, name: str
    ) -> None:
        self.id = run_id
        self.parent = parent
        self.root: Run = parent.root if parent is not None else self
        self.book = book
        self.kind = kind
        self.name = name
        self.key = next(_keys)
        self.at_ns = time_ns()
        self.state = HELD
        self.anchor: int | None = None
        """Key of this run's span, or of the nearest span above when it has none."""
        self.attempt = parent.attempt if parent is not None and parent.kind == "chain" else 1
        self.ended = False
        self.paused = False
        self.graph = False
        self.node = False
        self.given: Any = None
        self.thread: Any = None
        self.first_token_ns: int | None = None
        self.index = index
        """Where the handler that saw the start looks up the end."""
        self.members: list[Run] = [] if parent is None else parent.root.members
        self.members.append(self)

    @property
    def is_span(self) -> bool:
        """Whether this run is recorded as a span."""
        return self.state == SHOWN

    def node_above(self) -> "Run | None":
        """The graph node this run works in."""
        run = self.parent
        while run is not None and not run.node:
            run = run.parent
        return run


class Book:
    """The runs of one session, and what must be remembered to record them rightly."""

    def __init__(self, session: Session, runs: dict[UUID, Run], *, single: bool) -> None:
        self.session = session
        self.single = single
        """True when the session is over when its one root is."""
        self.recorder = session.recorder
        self.runs = runs
        self.drafts = Drafts()
        self.lock = RLock()  # a collected generator may end its run while this thread holds the lock
        self.closed = False
        self.over: str | None = None
        """How the one root ended."""
        self.roots: set[Run] = set()
        self.asked: dict[str, tuple[Run, str, Any]] = {}
        """Tool calls a model asked for and that no tool run has answered yet: (LLM run, tool, arguments)."""
        self.open: dict[int, Run] = {}
        """Spans started and not ended, by key."""
        self.adrift: dict[int, tuple[Run, int]] = {}
        """Spans still open when their root ended, with the time of that: their end may come late, or never."""

    def settle(self, run: Run) -> None:
        """Decide what a held chain is; above it first."""
        if run.state != HELD:
            return
        parent = run.parent
        if parent is not None:
            self.settle(parent)
        if run.graph:
            self._show(run, "agent", self._agent_name(run))
        elif parent is None:
            self._show(run, "chain", run.name)
        else:
            run.state, run.anchor = HIDDEN, parent.anchor
        run.given = None

    def _agent_name(self, run: Run) -> str:
        above = run.parent
        while above is not None and above.kind != "tool":
            above = above.parent
        if run.name != UNNAMED:
            return run.name
        asked = above.given.get("subagent_type") if above is not None and isinstance(above.given, dict) else None
        return str(asked or "agent")

    def _show(self, run: Run, kind: str, name: str) -> None:
        run.kind = kind
        self.start(run, name=name, input=of_state(self.drafts, run.given))

    def start(
        self,
        run: Run,
        *,
        name: str,
        input: Sequence[Draft],  # noqa: A002 - the recorder's word
        tool_call: str | None = None,
        request: Request | None = None,
        tools: Draft | None = None,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        """Record the start of a run as a span."""
        parent = run.parent
        if parent is not None:
            self.settle(parent)
        run.state, run.anchor = SHOWN, run.key
        self.open[run.key] = run
        self.recorder.started(
            run.key,
            kind=run.kind,
            name=name,
            parent=parent.anchor if parent is not None else None,
            input=input,
            tool_call=tool_call,
            request=request,
            tools=tools,
            attributes=attributes or {},
            at_ns=run.at_ns,
        )

    def end(
        self,
        run: Run,
        *,
        status: str = "ok",
        output: Sequence[Draft] = (),
        response: Response | None = None,
        failure: Failure | None = None,
    ) -> None:
        """Record the end of a run that is a span; others end unseen."""
        run.ended = True
        if run.state == SHOWN and self.open.pop(run.key, None) is not None:
            self.adrift.pop(run.key, None)
            self.recorder.ended(
                run.key, status=status, output=output, response=response, failure=failure, at_ns=time_ns()
            )

    def pause(self, run: Run) -> None:
        """A run waits for a person: so does everything above it."""
        above: Run | None = run
        while above is not None:
            above.paused = True
            above = above.parent

    def answered_by_node(self, node: Run, output: Any) -> None:
        """Tool answers in a node's output that no tool run gave: unknown tools, middleware, people's refusals.

        An answer from the node that asked is no tool: the parser of a structured output writes such ones.
        """
        for message in tool_messages(output):
            asked = self.asked.pop(message.tool_call_id, None)
            if asked is not None and asked[0].node_above() is not node:
                self._synthesise(message, asked, node.at_ns)

    def answered_before(self, fresh: Sequence[BaseMessage]) -> None:
        """The same, seen only when the answer comes back in a later prompt."""
        for message in fresh:
            if isinstance(message, ToolMessage):
                asked = self.asked.pop(message.tool_call_id, None)
                if asked is not None:
                    self._synthesise(message, asked, time_ns())

    def _synthesise(self, message: ToolMessage, asked: tuple[Run, str, Any], start_ns: int) -> None:
        asker, name, arguments = asked
        key = next(_keys)
        failed = message.status == "error"
        self.recorder.started(
            key,
            kind="tool",
            name=name,
            parent=asker.parent.anchor if asker.parent is not None else None,
            input=[Draft("arguments", plain(arguments))],
            tool_call=message.tool_call_id,
            attributes={"synthesised": True},
            at_ns=start_ns,
        )
        self.recorder.ended(
            key,
            status="error" if failed else "ok",
            output=[self.drafts.of_message(message)],
            failure=tool_failure(message) if failed else None,
            at_ns=time_ns(),
        )

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
                    self.adrift[run.key] = (run, now)
            root.members = []
            self.roots.discard(root)
            if self.single:
                self.over = status
                self.close_if_over()

    def close_if_over(self, *, wait: bool = True) -> bool:
        """Close when the root ended and, with `wait`, no late end is expected. True when closed."""
        if self.over is not None and not (wait and self.adrift):
            self.close(self.over)
        return self.closed

    def close(self, status: str = "ok") -> None:
        """End what never ended as cancelled, then the session. Nothing is recorded afterwards."""
        with self.lock:
            if self.closed:
                return
            self.closed = True
            now = time_ns()
            for run in reversed(self.open.values()):
                at_ns = self.adrift[run.key][1] if run.key in self.adrift else now
                run.ended = True
                self.recorder.ended(run.key, status="cancelled", attributes={"end": "never seen"}, at_ns=at_ns)
            for run in (*self.open.values(), *(run for root in self.roots for run in root.members)):
                self.runs.pop(run.id, None)
                run.index.pop(run.id, None)
            self.open.clear()
            self.adrift.clear()
            self.roots.clear()
            self.session.close(status, wait=False)


def tool_failure(message: ToolMessage) -> Failure:
    """A failure a tool told the model of, rather than raised."""
    text = message.content if isinstance(message.content, str) else str(message.content)
    return Failure(type="ToolMessage", message=text[:2000])
