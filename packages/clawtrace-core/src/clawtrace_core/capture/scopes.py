"""The scopes of one session, for frameworks that tell of scopes by id: where each stands, and in which conversation.

Knows no framework.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from clawtrace_core.capture.asked import Asked

W = TypeVar("W")
_LONGEST: Final = 80


def epoch_ns_of(stamp: datetime) -> int:
    """Epoch nanoseconds of a time, exact to the microsecond it has."""
    return (int(stamp.timestamp()) * 1_000_000 + stamp.microsecond) * 1000


def line_of(text: str) -> str:
    """A span's name of any text: one line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


@dataclass(eq=False, slots=True)
class Node:
    """One scope, open or ended."""

    id: str
    parent: "Node | None"
    kind: str
    scope: str
    at_ns: int
    agent_id: str | None = None
    name: str = ""
    anchor: str | None = None
    """Id of its span, or of the nearest span above: a framework's inner scopes have none."""
    agent: "Node | None" = None
    """The nearest agent, itself included."""
    ended: bool = False
    tool_call: str | None = None
    told: Any = None
    """A tool call's name and arguments; the prompt of an LLM call."""
    attempt: int = 1
    asked: Asked = field(default_factory=Asked)
    """Of a home: tool calls that no tool has begun."""
    calling: "Node | None" = None
    """Of a home: its LLM call that has not ended."""
    failed: "Node | None" = None
    """Of a home: its last LLM call, when that failed."""

    @property
    def home(self) -> "Node":
        """Whose conversation this is part of: the nearest agent's around it, else that of what is around it."""
        return (self.parent.agent or self.parent) if self.parent is not None else self

    @property
    def above(self) -> str | None:
        """Id of the nearest span above."""
        return self.parent.anchor if self.parent is not None else None


class Scopes:
    """The scopes heard of, by the id of the event that started each."""

    def __init__(self) -> None:
        self.by_id: dict[str, Node] = {}
        self.calls: dict[str, Node] = {}

        self.open: dict[str, Node] = {}
        """Spans that have not ended."""
        self._agents: dict[str, list[Node]] = {}

    def add(self, node: Node, *, hidden: bool) -> None:
        """Put a scope in its place; a hidden one is no span, and what is in it stands below the span above."""
        above = node.parent
        node.anchor = node.above if hidden else node.id
        node.agent = node if node.kind == "agent" else above.agent if above is not None else None
        if node.kind == "agent" and node.agent_id is not None:
            self._agents.setdefault(node.agent_id, []).append(node)
        self.by_id[node.id] = node
        if not hidden:
            self.open[node.id] = node

    def end(self, node: Node) -> bool:
        """The scope has ended. False when it had before, or is no span."""
        was_open = self.open.pop(node.id, None) is not None
        if not node.ended and node.kind == "agent" and node.agent_id is not None:
            self._agents[node.agent_id].remove(node)
        node.ended = True
        return was_open

    def mended(self, node: Node) -> Node | None:
        """Where an agent's call belongs, also when the framework hangs it outside of that agent's running scope."""
        around = node.parent.agent if node.parent is not None else None
        if node.agent_id is None or (around is not None and around.agent_id == node.agent_id):
            return node.parent
        running = self._agents.get(node.agent_id)
        return running[-1] if running else node.parent

    def meant(self, told: str | None, scope: str, name: str, at_ns: int) -> Node | None:
        """The scope that an end means, by what it says it ends; None when that was not heard of yet.

        When it names none, or one of another sort: of those open at the time, the newest of that name.
        """
        node = self.by_id.get(told or "")
        if (node is None and told) or (node is not None and node.scope == scope):
            return node
        alike = (node for node in self.open.values() if node.scope == scope and node.name == name)
        return max((node for node in alike if node.at_ns <= at_ns), key=lambda node: node.at_ns, default=None)

    def only(self, scope: str) -> Node | None:
        """The one open scope of its sort; None when there is none, or more than one."""
        found = [node for node in self.open.values() if node.scope == scope]
        return found[0] if len(found) == 1 else None

    def forget(self) -> None:
        """Let go of everything: the session is over."""
        for index in (self.by_id, self.calls, self.open, self._agents):
            index.clear()


class Waiting(Generic[W]):
    """What came too early, by what it waits for."""

    def __init__(self) -> None:
        self._by_token: dict[Hashable, list[W]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_token)

    def put(self, token: Hashable, early: W) -> None:
        """`early` waits for `token`."""
        self._by_token.setdefault(token, []).append(early)

    def take(self, token: Hashable) -> list[W]:
        """What waited for `token`, in the order it came; it waits no more."""
        return self._by_token.pop(token, [])

    def take_all(self) -> list[W]:
        """Everything that waits, which does so no more."""
        found = [early for some in self._by_token.values() for early in some]
        self._by_token.clear()
        return found
