"""The book of a session: CrewAI's events, in whatever order they come, told to the recorder as spans.

CrewAI runs its handlers in a pool of threads, so a child may be heard of before its parent and an end before its
start. What came too early waits here for what it needs. The tree is that of the events' own ids.
"""

import json
from threading import RLock
from time import time_ns
from typing import Any

from clawtrace_core import Session
from clawtrace_core.capture import Draft
from clawtrace_core.capture.chat import Prompts, answer_of, arguments_of, restored, text_of
from clawtrace_core.capture.kept import KeepingGuard
from clawtrace_core.capture.scopes import Node, Scopes, Waiting
from clawtrace_crewai._events import CHUNK, SPANS, WORDS, Heard, agent_of, name_of
from clawtrace_crewai._translate import failure_of, request_of, response_of


class Book:
    """One session being told of. May be called from any thread."""

    def __init__(self, session: Session, *, single: bool) -> None:
        self.session = session
        self.guard = KeepingGuard(keep=session.recorder.settings.strict)
        self.closed = False
        self.over: str | None = None
        """How its root ended, when it is over with it (`single`)."""
        self.over_ns = 0
        self._single = single
        self._recorder = session.recorder
        self._lock = RLock()
        self._prompts = Prompts(restored)
        self._scopes = Scopes()
        self._first: dict[str, int] = {}
        self._waiting = Waiting[Heard]()
        self._held: dict[str, Heard] = {}
        """LLM calls that began after tool calls we have not heard of yet."""
        self._done: dict[tuple[str, str], int] = {}
        self._roots = 0

    @property
    def busy(self) -> bool:
        """Whether something is open, or waits for what it needs."""
        return bool(self._scopes.open or self._waiting or self._held)

    def tell(self, heard: Heard) -> None:
        """Take in one event."""
        with self.guard, self._lock:
            if heard.event.type == CHUNK:
                self._first.setdefault(heard.event.call_id, heard.at_ns)
            elif not self.closed:
                self._take(heard)

    def close(self, status: str = "ok", *, wait: bool = False) -> None:
        """End what never ended as cancelled, then the session. Nothing is recorded afterwards."""
        with self._lock:
            if self.closed:
                return
            self._release_all()
            self.closed, now = True, time_ns()
            for node in reversed(self._scopes.open.values()):
                self._recorder.ended(node.id, status="cancelled", attributes={"end": "never seen"}, at_ns=now)
            self._scopes.forget()
            self._prompts.forget()
        self.session.close(status, wait=wait)

    def _take(self, heard: Heard, *, forced: bool = False) -> None:
        """Tell the recorder; what came too early waits, unless it is `forced`."""
        scope, status = WORDS.get(heard.event.type, (None, None))
        if scope is None:
            self._refused(heard)
        elif status is None:
            self._start(scope, heard, forced=forced)
        elif (node := self._started(scope, heard)) is not None:
            self._end(node, status, heard)
        elif not forced:
            self._end_early(scope, heard)

    def _release(self, token: object) -> None:
        for heard in self._waiting.take(token):
            self._take(heard)

    def _release_all(self) -> None:
        """What waits for something that will never come is told as it is, in the order of its time."""
        while self._held or self._waiting:
            parked = [*self._held.values(), *self._waiting.take_all()]
            self._held.clear()
            for heard in sorted(parked, key=lambda heard: heard.at_ns):
                self._take(heard, forced=True)

    def _start(self, scope: str, heard: Heard, *, forced: bool) -> None:
        event = heard.event
        if event.event_id in self._scopes.by_id:
            return
        parent = self._scopes.by_id.get(event.parent_event_id or "")
        if parent is None and event.parent_event_id and not forced:
            self._waiting.put(event.parent_event_id, heard)
            return
        node = Node(event.event_id, parent, SPANS[scope][0], scope, heard.at_ns, agent_of(event), name_of(event))
        if scope == "task" and (parent is None or parent.scope in ("flow", "method_execution")):
            node.parent = self._scopes.only("crew_kickoff") or parent
        if node.kind in ("llm", "tool"):
            node.parent = self._scopes.mended(node)  # `llm_call_failed`, told twice, makes what follows hang too high
        if not forced and self._too_early(node, heard):
            return
        hidden = scope == "flow" and bool(getattr(heard.source, "suppress_flow_events", False))
        self._scopes.add(node, hidden=hidden)
        if not hidden:
            self._roots += node.parent is None
            told = self._tell_start(node, heard) | {"parent": node.above, "at_ns": node.at_ns}
            self._recorder.started(node.id, kind=node.kind, name=node.name, **told)
        if node.kind == "tool":
            self._let_go(node.home)
        self._release(node.id)
        if node.kind == "llm":
            self._release(event.call_id)

    def _too_early(self, node: Node, heard: Heard) -> bool:
        """Whether events of an earlier time are still on their way, so that this one must wait for them."""
        home = node.home
        in_turn = node.kind == "tool" or (node.kind == "llm" and home.kind == "agent" and node.agent_id is not None)
        if in_turn and home.calling is not None and home.calling is not node.parent:
            self._waiting.put((home.calling.id, "end"), heard)
            return True
        if node.kind == "llm" and self._unbegun(home, heard):
            self._held[heard.event.call_id] = heard
            return True
        return False

    def _unbegun(self, home: Node, heard: Heard) -> bool:
        return any(home.asked.unbegun(self._prompts.of_prompt(heard.event.messages, home.id)))

    def _let_go(self, home: Node) -> None:
        """A tool has begun: the LLM call that reads its answer may begin too."""
        for call, heard in list(self._held.items()):
            if not self._unbegun(home, heard):
                del self._held[call]
                self._take(heard)

    def _tell_start(self, node: Node, heard: Heard) -> dict[str, Any]:
        event = heard.event
        if node.kind == "llm":
            return self._tell_call(node, heard)
        if node.kind == "tool":
            arguments = arguments_of(event.tool_args)
            node.told = (event.tool_name, json.dumps(arguments, sort_keys=True, default=str))
            node.tool_call = node.home.asked.begun(event.tool_name, arguments)
            return {"input": [Draft("arguments", arguments)], "tool_call": node.tool_call}
        query = getattr(event, "query", None) if node.kind == "retriever" else None
        return {"input": [Draft("arguments", {"query": query})]} if isinstance(query, str) else {}

    def _tell_call(self, node: Node, heard: Heard) -> dict[str, Any]:
        home, event = node.home, heard.event
        prompt = node.told = self._prompts.of_prompt(event.messages, home.id)
        home.asked.synthesise(self._recorder, prompt, key=node.id, parent=node.above, at_ns=node.at_ns)
        if home.failed is not None and home.failed.told == prompt:
            node.attempt = home.failed.attempt + 1
        self._scopes.calls[event.call_id] = home.calling = node
        request = request_of(heard.source, event, node.attempt)
        return {"input": prompt, "tools": self._prompts.of_tools(event.tools), "request": request}

    def _refused(self, heard: Heard) -> None:
        event, parent = heard.event, self._scopes.by_id.get(heard.event.parent_event_id or "")
        if parent is not None:
            told = (str(event.tool_name), arguments_of(event.tool_args), failure_of(event))
            where: dict[str, Any] = {"key": event.event_id, "parent": parent.anchor, "at_ns": heard.at_ns}
            (parent.agent or parent).asked.refused(self._recorder, *told, **where)

    def _started(self, scope: str, heard: Heard) -> Node | None:
        """The scope an event ends. After a failed LLM call, told twice, every end names a scope too high, or none."""
        if scope == "llm_call":
            return self._scopes.calls.get(heard.event.call_id)
        return self._scopes.meant(heard.event.started_event_id, scope, name_of(heard.event), heard.at_ns)

    def _end(self, node: Node, status: str, heard: Heard) -> None:
        if self._scopes.end(node):
            told = {"status": status, **self._tell_end(node, status, heard)}
            self._recorder.ended(node.id, at_ns=heard.at_ns, **told)
            self._roots -= node.parent is None
            if self._single and node.parent is None and self._roots == 0:
                self.over, self.over_ns = told["status"], time_ns()
            self._release((node.id, "end"))

    def _end_early(self, scope: str, heard: Heard) -> None:
        event = heard.event
        if scope != "llm_call":
            if event.started_event_id and event.started_event_id not in self._scopes.by_id:
                self._waiting.put(event.started_event_id, heard)
        elif event.call_id in self._held:
            self._start(scope, self._held.pop(event.call_id), forced=True)  # it is over: no tool call is on its way
            self._take(heard)
        else:
            self._waiting.put(event.call_id, heard)

    def _tell_end(self, node: Node, status: str, heard: Heard) -> dict[str, Any]:
        event = heard.event
        told: dict[str, Any] = {"failure": failure_of(event)} if status == "error" else {}
        if node.kind == "llm":
            told |= self._tell_answer(node, status, event)
        elif node.kind == "tool" and status != "error":
            told = self._tell_result(node, heard)
        elif node.kind == "agent" and isinstance(text := getattr(event, "output", None), str):
            told["output"] = [Draft("assistant", {"role": "assistant", "text": text})]
        elif node.kind == "retriever":
            found = getattr(event, "results", None) or getattr(event, "retrieved_knowledge", None)
            told["output"] = [Draft("payload", text_of(found))] if found else []
        elif getattr(event, "success", None) is False:
            told["attributes"] = {"success": False}
        return told

    def _tell_answer(self, node: Node, status: str, event: Any) -> dict[str, Any]:
        home, first = node.home, self._first.pop(event.call_id, None)
        home.calling = None if home.calling is node else home.calling
        home.failed = node if status == "error" else None
        if status == "error":
            return {}
        output = answer_of(restored(event.response, 0))
        home.asked.note(output)
        return {"output": output, "response": response_of(event, first)}

    def _tell_result(self, node: Node, heard: Heard) -> dict[str, Any]:
        event = heard.event
        body = {"role": "tool", "text": text_of(event.output)}
        if node.tool_call is not None:
            body["tool_call_id"] = node.tool_call
        told: dict[str, Any] = {"output": [Draft("tool", body, tool_call=node.tool_call)]}
        if getattr(event, "failure", None) is not None:
            return {**told, "status": "error", "failure": failure_of(event)}
        if event.from_cache or self._was_cached(node, heard.source):
            told["attributes"] = {"cached": True}
        self._done.setdefault(node.told, heard.at_ns)
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
