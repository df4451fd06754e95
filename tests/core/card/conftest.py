"""Sessions built from model events by hand, and the simplest prices and counter that tell things apart."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from clawtrace_core.card import TraceCard, compile_card
from clawtrace_core.model.content import Content, ContentList
from clawtrace_core.model.event import (
    ContentStored,
    Event,
    Outcome,
    Request,
    Response,
    SessionEnded,
    SessionStarted,
    SpanEnded,
    SpanStarted,
)
from clawtrace_core.model.session import SessionTree, read_tree
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing.cost import Cost, Unpriced

T0 = 1_760_000_000_000_000_000
USUAL = Usage(input=100, output=10)
RATES = {"m": (2, "0.2", "2.5", 8), "n": (3, "0.3", "3.75", 15)}
"""USD per million tokens: uncached, cache read, cache write, output."""


class Counted(NamedTuple):
    tokens: int
    exact: bool = True


class Words:
    """Counts words, at least one."""

    def count(self, text: str, model: str | None = None) -> Counted:
        return Counted(max(1, len(text.split())))


class Rates:
    """Prices the models of RATES; any other has no price."""

    def price(
        self, *, request: Request | None, response: Response | None, usage: Usage | None, at_ns: int, kind: str = "llm"
    ) -> Cost | Unpriced:
        model = (response.model if response else None) or (request.model if request else None)
        if usage is None or usage.input is None or model not in RATES:
            return Unpriced(reason=f"no price for {model}", model=model, provider="lab")
        million = Decimal(10) ** 6
        read, write = min(usage.cache_read, usage.input), usage.cache_write
        plain = max(0, usage.input - read - write)
        counts = (plain, read, write, usage.output or 0)
        parts = [Decimal(count) * Decimal(rate) / million for count, rate in zip(counts, RATES[model], strict=True)]
        return Cost(
            usd=sum(parts, Decimal(0)),
            uncached=parts[0],
            cache_read=parts[1],
            cache_write=parts[2],
            output=parts[3],
            other=Decimal(0),
            state="computed",
            provider="lab",
            model=str(model),
            source="the test's own rates",
        )


def digest_of(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass
class Talk:
    """Writes a session event by event. Every verb moves the clock by a millisecond."""

    task: str | None = "task-1"
    agent: str | None = None
    events: list[Event] = field(default_factory=list)
    at: int = T0
    spans: int = 0
    stored: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        opening = SessionStarted(session="s1", at_ns=self.at, task=self.task, framework="lab", agent=self.agent)
        self.events.append(opening)

    def tick(self) -> int:
        self.at += 1_000_000
        return self.at

    def keep(self, role: str, text: str, body: Any, **more: Any) -> str:
        content = digest_of(role, body, more)
        if content not in self.stored:
            self.stored.add(content)
            size = len(text.encode())
            kept = Content(id=content, role=role, size=size, digest=digest_of(text), body=body, **more)
            self.events.append(ContentStored(content=kept))
        return content

    def says(self, role: str, text: str) -> str:
        return self.keep(role, text, {"role": role, "text": text})

    def arguments(self, value: Any) -> str:
        return self.keep("arguments", json.dumps(value), value)

    def tools(self, *names: str) -> str:
        return self.keep("tools", " ".join(names), [{"name": name} for name in names])

    def asks(self, *calls: tuple[str, str, Any], text: str = "") -> str:
        """An assistant message that asks for `(id, name, args)`."""
        told = [{"id": key, "name": name, "args": args} for key, name, args in calls]
        return self.keep("assistant", text, {"role": "assistant", "text": text, "tool_calls": told})

    def answers(self, call: str, text: str, **more: Any) -> str:
        body = {"role": "tool", "text": text, "tool_call_id": call, **more}
        return self.keep("tool", text, body, tool_call=call)

    def start(self, kind: str, name: str, parent: int | None = None, **more: Any) -> int:
        self.spans += 1
        self.events.append(SpanStarted(span=self.spans, parent=parent, kind=kind, name=name, at_ns=self.tick(), **more))
        return self.spans

    def end(self, span: int, *output: str, **more: Any) -> None:
        self.events.append(SpanEnded(span=span, at_ns=self.tick(), output=output, **more))

    def llm(
        self,
        prompt: ContentList,
        *output: str,
        parent: int | None = None,
        usage: Usage | None = None,
        model: str = "m",
        tools: str | None = None,
        **more: Any,
    ) -> int:
        """A whole LLM call."""
        span = self.start("llm", "chat", parent, input=prompt, request=Request(model=model, tools=tools))
        response = None if "failure" in more else Response(model=model, usage=usage, cached=more.pop("cached", False))
        self.end(span, *output, response=response, **more)
        return span

    def tool(
        self,
        name: str,
        call: str,
        args: Any,
        result: str,
        *,
        parent: int | None = None,
        attributes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> int:
        """A whole tool call with its answer."""
        arguments = self.arguments(args)
        span = self.start(
            "tool",
            name,
            parent,
            input=ContentList(add=(arguments,)),
            tool_call=call,
            attributes=attributes or {},
        )
        self.end(span, self.answers(call, result, **({"status": "error"} if more.pop("wrong", False) else {})), **more)
        return span

    def graded(self, outcome: Outcome) -> None:
        self.events.append(outcome)

    def tree(self, *, ended: bool = True, lost: int = 0) -> SessionTree:
        events = [*self.events, SessionEnded(at_ns=self.tick(), lost=lost)] if ended else self.events
        return read_tree(list(enumerate(events, start=1)), session="s1")


class Chat:
    """A talk of one agent in which every round is one LLM call with its tool calls, history and all."""

    def __init__(self, system: str = "You are careful.", user: str = "Do the task.", **more: Any) -> None:
        self.talk = Talk(**more)
        self.root = self.talk.start("agent", "boss")
        self.history = [self.talk.says("system", system), self.talk.says("user", user)]
        self.told = 0
        self.last: int | None = None
        self.calls = 0

    def prompt(self) -> ContentList:
        added = tuple(self.history[self.told :])
        return ContentList(add=added, base=self.last, keep=self.told if self.last is not None else 0)

    def think(self, message: str, *, usage: Usage | None = USUAL, **more: Any) -> int:
        """One LLM call over the whole history; its message joins the history."""
        prompt = self.prompt()
        span = self.talk.llm(prompt, message, parent=self.root, usage=usage, **more)
        self.last, self.told = span, len(self.history)
        self.history.append(message)
        return span

    def turn(self, *calls: tuple[str, Any, str], text: str = "", **more: Any) -> list[int]:
        """One LLM call that asks for `(tool, args, result)` each, and those tool calls; the tools' spans."""
        asked = [(f"c{self.calls + index}", *call) for index, call in enumerate(calls)]
        self.calls += len(calls)
        self.think(self.talk.asks(*[(key, name, args) for key, name, args, _ in asked], text=text))
        spans = []
        for key, name, args, result in asked:
            spans.append(self.talk.tool(name, key, args, result, parent=self.root, **more))
            wrong = {"status": "error"} if more.get("wrong") else {}
            self.history.append(self.talk.answers(key, result, **wrong))
        return spans

    def play(self, *calls: tuple[str, Any, str], **more: Any) -> SessionTree:
        """A round for each call, and the answer: the whole session."""
        for call in calls:
            self.turn(call, **more)
        return self.finish()

    def finish(self, answer: str = "All done.") -> SessionTree:
        self.think(self.talk.says("assistant", answer))
        self.talk.end(self.root)
        return self.talk.tree()


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture(scope="session")
def chat() -> Callable[..., Chat]:
    return Chat


@pytest.fixture(scope="session")
def rates() -> Rates:
    return Rates()


@pytest.fixture(scope="session")
def count() -> Words:
    return Words()


@pytest.fixture(scope="session")
def new_talk() -> Callable[..., Talk]:
    return Talk


@pytest.fixture(scope="session")
def plain_card() -> TraceCard:
    chat = Chat()
    chat.turn(("read_file", {"path": "a.txt"}, "some text"))
    return compile_card(chat.finish(), price=Rates(), count=Words())
