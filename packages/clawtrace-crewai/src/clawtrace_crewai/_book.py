"""The book of a session: CrewAI's events, in whatever order they come, told to the recorder as spans.

CrewAI runs its handlers in a pool of threads, so a child may be heard of before its parent and an end before its
start. What came too early waits here for what it needs. The tree is that of the events' own ids.
"""

import json
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import RLock
from time import time_ns
from typing import Any

from clawtrace_core import Session
from clawtrace_core.capture import Draft
from clawtrace_core.model.event import Failure
from clawtrace_crewai._events import CHUNK, SPANS, UNSTARTED, WORDS, agent_of, at_of, name_of
from clawtrace_crewai._translate import (
    Drafts,
    answer_of,
    answered,
    arguments_of,
    failure_of,
    request_of,
    response_of,
    text_of,
)

_Asked = dict[str, tuple[str, Any]]


@dataclass(eq=False, slots=True)
class Node:
    """One scope of CrewAI, open or ended."""

    id: str
    parent: "Node | None"
    kind: str
    at_ns: int
    scope: str = ""
    agent_id: str | None = None
    anchor: str | None = None
    """Id of its span, or of the nearest span above: CrewAI's own inner flows have none."""
    agent: "Node | None" = None
    """The nearest agent, itself included."""
    ended: bool = False
    tool_call: str | None = None
    told: Any = None
    """A tool call's name and arguments; the prompt of an LLM call."""
    attempt: int = 1
    asked: _Asked = field(default_factory=dict)
    """Of a home: tool calls its model asked for and that no tool has begun: id -> (tool, arguments)."""
    calling: "Node | None" = None
    """Of a home: its LLM call that has not ended."""
    failed: "Node | None" = None
    """Of a home: its last LLM call, when that failed."""
    refused: set[tuple[str, str]] = field(default_factory=set)
    """Of a home: calls refused since the last answer; CrewAI tries and tells each several times."""

    @property
    def home(self) -> "Node":
        """Whose conversation this is part of: the nearest agent's, else that of what is around it."""
        above = self.parent.agent if self.parent is not None else None
        return above or self.parent or self


class Book:
    """One session being told of. May be called from any thread."""

    def __init__(self, session: Session, *, single: bool) -> None:
        self.session = session
        self.closed = False
        self.over: str | None = None
        """How its root ended, when it has one only (`single`)."""
        self.over_ns = 0
        self._single = single
        self._recorder = session.recorder
        self._lock = RLock()
        self._drafts = Drafts()
        self._nodes: dict[str, Node] = {}
        self._calls: dict[str, Node] = {}
        self._first: dict[str, int] = {}
        self._agents: dict[str, list[Node]] = {}
        self._open: dict[str, Node] = {}
        self._waiting: dict[Hashable, list[tuple[Any, Any]]] = {}
        self._held: dict[str, tuple[Any, Any]] = {}
        """LLM calls that began after tool calls we have not heard of yet."""
        self._done: dict[tuple[str, str], int] = {}
        self._roots = 0

    @property
    def busy(self) -> bool:
        """Whether something is open, or waits for what it needs."""
        return bool(self._open or self._waiting or self._held)

    def tell(self, source: Any, event: Any) -> None:
        """Take in one event."""
        if event.type == CHUNK:
            self._first.setdefault(event.call_id, at_of(event))
            return
        with self._lock:
            if not self.closed:
                self._take(source, event)

    def close(self, status: str = "ok", *, wait: bool = False) -> None:
        """End what never ended as cancelled, then the session. Nothing is recorded afterwards."""
        with self._lock:
            if self.closed:
                return
            self._release_all()
            self.closed, now = True, time_ns()
            for node in reversed(self._open.values()):
                self._recorder.ended(node.id, status="cancelled", attributes={"end": "never seen"}, at_ns=now)
            for index in (self._nodes, self._calls, self._first, self._agents, self._open, self._waiting, self._done):
                index.clear()
            self._drafts.forget()
        self.session.close(status, wait=wait)

    def _take(self, source: Any, event: Any) -> None:
        if event.type in UNSTARTED:
            self._refused(event)
            return
        scope, status = WORDS[event.type]
        if status is None:
            self._start(scope, source, event)
        else:
            self._end(scope, status, source, event)

    def _wait(self, token: Hashable, source: Any, event: Any) -> None:
        self._waiting.setdefault(token, []).append((source, event))

    def _release(self, token: Hashable) -> None:
        for source, event in self._waiting.pop(token, ()):
            self._take(source, event)

    def _release_all(self) -> None:
        """What waits for something that will never come is told as it is, in the order of its time."""
        while self._held or self._waiting:
            parked = [*self._held.values(), *(pair for pairs in self._waiting.values() for pair in pairs)]
            self._held.clear()
            self._waiting.clear()
            for source, event in sorted(parked, key=lambda pair: at_of(pair[1])):
                scope, status = WORDS.get(event.type, ("", None))
                if scope and status is None:
                    self._start(scope, source, event, forced=True)
                elif scope and self._started(scope, event) is not None:
                    self._end(scope, status or "ok", source, event)

    def _start(self, scope: str, source: Any, event: Any, *, forced: bool = False) -> None:
        if event.event_id in self._nodes:
            return
        parent = self._nodes.get(event.parent_event_id) if event.parent_event_id else None
        if parent is None and event.parent_event_id and not forced:
            self._wait(event.parent_event_id, source, event)
            return
        kind, fallback = SPANS[scope]
        node = Node(event.event_id, parent, kind, at_of(event), scope, agent_of(event))
        if kind in ("llm", "tool"):
            node.parent = self._mended(node)
        if not forced and self._too_early(node, source, event):
            return
        self._nodes[node.id] = node
        self._place(node, source)
        if node.anchor == node.id:
            self._open[node.id] = node
            self._roots += node.parent is None
            self._tell_start(node, name_of(event, fallback), source, event)
        self._release(node.id)
        if kind == "llm":
            self._release(event.call_id)

    def _place(self, node: Node, source: Any) -> None:
        above = node.parent
        hidden = node.scope == "flow" and bool(getattr(source, "suppress_flow_events", False))
        node.anchor = (above.anchor if above is not None else None) if hidden else node.id
        node.agent = above.agent if above is not None else None
        if node.kind == "agent":
            node.agent = node
            if node.agent_id is not None:
                self._agents.setdefault(node.agent_id, []).append(node)

    def _mended(self, node: Node) -> Node | None:
        """After an `llm_call_failed` that is told twice, what follows hangs too high: put it back to its agent."""
        around = node.parent.agent if node.parent is not None else None
        if node.agent_id is None or (around is not None and around.agent_id == node.agent_id):
            return node.parent
        running = [agent for agent in self._agents.get(node.agent_id, ()) if not agent.ended]
        return running[-1] if running else node.parent

    def _too_early(self, node: Node, source: Any, event: Any) -> bool:
        """Whether events of an earlier time are still on their way, so that this one must wait for them."""
        home = node.home
        if node.kind == "tool" and home.calling is not None and home.calling is not node.parent:
            self._wait((home.calling.id, "end"), source, event)
            return True
        if node.kind == "llm" and home.asked:
            prompt = self._drafts.of_prompt(event.messages, home.id)
            if any(call in home.asked for call, _ in answered(prompt)):
                self._held[event.call_id] = (source, event)
                return True
        return False

    def _tell_start(self, node: Node, name: str, source: Any, event: Any) -> None:
        told: dict[str, Any] = {}
        if node.kind == "llm":
            told = self._tell_call(node, source, event)
        elif node.kind == "tool":
            arguments = arguments_of(event.tool_args)
            node.told = (event.tool_name, json.dumps(arguments, sort_keys=True, default=str))
            node.tool_call = self._call_of(node.home, event.tool_name, arguments)
            told = {"input": [Draft("arguments", arguments)], "tool_call": node.tool_call}
        elif node.kind == "retriever" and isinstance(query := getattr(event, "query", None), str):
            told = {"input": [Draft("arguments", {"query": query})]}
        above = node.parent.anchor if node.parent is not None else None
        self._recorder.started(node.id, kind=node.kind, name=name, parent=above, at_ns=node.at_ns, **told)
        if node.kind == "tool":
            self._let_go(node.home)

    def _tell_call(self, node: Node, source: Any, event: Any) -> dict[str, Any]:
        home = node.home
        prompt = node.told = self._drafts.of_prompt(event.messages, home.id)
        for call, draft in answered(prompt):
            if call in home.asked:
                self._synthesise(node, call, draft)
        if home.failed is not None and home.failed.told == prompt:
            node.attempt = home.failed.attempt + 1
        self._calls[event.call_id] = home.calling = node
        home.refused.clear()
        return {
            "input": prompt,
            "tools": self._drafts.of_tools(event.tools),
            "request": request_of(source, event, node.attempt),
        }

    def _let_go(self, home: Node) -> None:
        """A tool has begun: the LLM call that reads its answer may begin too."""
        for call_id, (source, event) in list(self._held.items()):
            prompt = self._drafts.of_prompt(event.messages, home.id)
            if not any(call in home.asked for call, _ in answered(prompt)):
                del self._held[call_id]
                self._take(source, event)

    def _call_of(self, home: Node, name: str, arguments: Any) -> str | None:
        """The model's id of a tool call, which CrewAI does not tell: the first that asks for the same."""
        asked = home.asked
        same = [call for call, (tool, given) in asked.items() if tool == name and given == arguments]
        call = next(iter(same or [call for call, (tool, _) in asked.items() if tool == name]), None)
        if call is not None:
            del asked[call]
        return call

    def _synthesise(self, llm: Node, call: str, answer: Draft) -> None:
        """A tool call that was answered, though no event told of it: CrewAI refused its arguments."""
        name, arguments = llm.home.asked.pop(call)
        key, above = (llm.id, call), llm.parent.anchor if llm.parent is not None else None
        failure = Failure(type="ToolCallRefused", message=text_of(answer.body.get("text", ""))[:500])
        given = [Draft("arguments", arguments)]
        marks = {"synthesised": True}
        self._recorder.started(
            key, kind="tool", name=name, parent=above, input=given, tool_call=call, attributes=marks, at_ns=llm.at_ns
        )
        self._recorder.ended(key, status="error", output=[answer], failure=failure, at_ns=llm.at_ns)

    def _refused(self, event: Any) -> None:
        parent = self._nodes.get(event.parent_event_id or "")
        home = parent.agent or parent if parent is not None else None
        arguments = arguments_of(event.tool_args)
        what = (str(event.tool_name), json.dumps(arguments, sort_keys=True, default=str))
        if home is None or parent is None or what in home.refused:
            return
        home.refused.add(what)
        at_ns = at_of(event)
        given = [Draft("arguments", arguments)]
        self._recorder.started(
            event.event_id, kind="tool", name=what[0], parent=parent.anchor, input=given, at_ns=at_ns
        )
        self._recorder.ended(event.event_id, status="error", failure=failure_of(event), at_ns=at_ns)

    def _started(self, scope: str, event: Any) -> Node | None:
        """The scope an event ends. An LLM call is known by its `call_id`: a second failure names a wrong scope."""
        if scope == "llm_call":
            return self._calls.get(event.call_id)
        node = self._nodes.get(event.started_event_id or "")
        return node if node is not None and node.scope == scope else None

    def _end(self, scope: str, status: str, source: Any, event: Any) -> None:
        node = self._started(scope, event)
        if node is None:
            self._end_early(scope, source, event)
            return
        if node.ended:
            return
        node.ended = True
        if self._open.pop(node.id, None) is not None:
            at_ns = at_of(event)
            told = self._tell_end(node, status, source, event, at_ns)
            self._recorder.ended(node.id, at_ns=at_ns, **{"status": status, **told})
            self._roots -= node.parent is None
            if self._single and node.parent is None and self._roots == 0:
                self.over, self.over_ns = told.get("status", status), time_ns()
        if node.agent is node and node.agent_id is not None:
            with suppress(KeyError, ValueError):
                self._agents[node.agent_id].remove(node)
        self._release((node.id, "end"))

    def _end_early(self, scope: str, source: Any, event: Any) -> None:
        if scope != "llm_call":
            if event.started_event_id and event.started_event_id not in self._nodes:
                self._wait(event.started_event_id, source, event)
            return
        held = self._held.pop(event.call_id, None)
        if held is None:
            self._wait(event.call_id, source, event)
            return
        self._start(scope, *held, forced=True)  # it has ended: no tool call is on its way any more
        self._take(source, event)

    def _tell_end(self, node: Node, status: str, source: Any, event: Any, at_ns: int) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if node.kind == "llm":
            told = self._tell_answer(node, status, event)
        elif node.kind == "tool":
            told = self._tell_result(node, status, source, event, at_ns)
        elif node.kind == "agent" and isinstance(text := getattr(event, "output", None), str):
            told = {"output": [Draft("assistant", {"role": "assistant", "text": text})]}
        elif node.kind == "retriever":
            found = getattr(event, "results", None) or getattr(event, "retrieved_knowledge", None)
            told = {"output": [Draft("payload", text_of(found))] if found else []}
        elif getattr(event, "success", None) is False:
            told = {"attributes": {"success": False}}
        if status == "error" and "failure" not in told:
            told["failure"] = failure_of(event)
        return told

    def _tell_answer(self, node: Node, status: str, event: Any) -> dict[str, Any]:
        home = node.home
        home.calling = None if home.calling is node else home.calling
        home.failed = node if status == "error" else None
        first = self._first.pop(event.call_id, None)
        if status == "error":
            return {}
        output = answer_of(event.response)
        for draft in output:
            for call in draft.body.get("tool_calls", ()):
                home.asked[str(call["id"])] = (call["name"], call["args"])
        return {"output": output, "response": response_of(event, first)}

    def _tell_result(self, node: Node, status: str, source: Any, event: Any, at_ns: int) -> dict[str, Any]:
        if status == "error":
            return {"failure": failure_of(event)}
        body = {"role": "tool", "text": text_of(event.output)}
        if node.tool_call is not None:
            body["tool_call_id"] = node.tool_call
        told: dict[str, Any] = {"output": [Draft("tool", body, tool_call=node.tool_call)]}
        if getattr(event, "failure", None) is not None:
            return {**told, "status": "error", "failure": failure_of(event)}
        if event.from_cache or self._was_cached(node, source):
            told["attributes"] = {"cached": True}
        self._done.setdefault(node.told, at_ns)
        return told

    def _was_cached(self, node: Node, source: Any) -> bool:
        """Whether CrewAI answered from its own cache, which it does not tell where the model calls tools natively."""
        before = self._done.get(node.told)
        cache = getattr(getattr(source, "tools_handler", None), "cache", None)
        if before is None or before > node.at_ns or cache is None:
            return False
        name, arguments = node.told
        given = json.loads(arguments)
        return cache.read(tool=name, input=json.dumps(given) if given else "") is not None

    def nodes(self) -> Iterator[str]:
        """Ids of the scopes heard of so far."""
        yield from list(self._nodes)
