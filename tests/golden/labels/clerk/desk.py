"""What stands around the clerk's model: a system prompt that may change, a history that may be cut, a nudge."""

import random
from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse, hook_config
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, RemoveMessage, SystemMessage, ToolMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from tests.golden.labels.clerk.mind import Mind
from tests.golden.labels.clerk.model import Meter
from tests.golden.labels.clerk.wording import NUDGES

RULES = (
    "You are a clerk in the back office of a trading house. You work on the office's workbook, its notes and its "
    "customers' records. Answer every request of the user with the figures they asked for. Use the tools; do not "
    "guess. "
)
HOUSE = "House rule {n}: figures are given in EUR unless the user names another currency, and dates as year-month-day. "


class Desk(AgentMiddleware[Any, Any]):
    """One way to keep a prompt and a history, drawn at random."""

    def __init__(self, draw: random.Random, mind: Mind, meter: Meter) -> None:
        super().__init__()
        self._draw, self._mind, self._meter = draw, mind, meter
        self._calls = 0
        self._rules = RULES + "".join(HOUSE.format(n=n) for n in range(draw.choice((0, 3, 20, 60))))
        self._stamped = draw.choice((0, 0, 0, 0, 1, 2, 7))
        """Calls after which the time in the prompt is another; 0: no time is told."""
        self._ahead = draw.random() < 0.5
        self._limit = draw.choice((0, 0, 0, 2_000, 5_000, 9_000, 20_000))
        """Tokens of history from which it is cut down to a summary; 0: never."""
        self._clears = draw.choice((0, 0, 0, 0, 4, 10))
        """Results that stay in the history; 0: all."""
        self._shuffles = draw.choice((0, 0, 0, 0.05, 0.3))
        self._drops = draw.choice((0, 0, 0, 0.03, 0.2))
        """How often the provider drops its cache."""
        self._order: list[int] = []

    def before_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Cuts a long history down to a summary and the latest turn."""
        messages: list[BaseMessage] = state["messages"]
        size = sum(len(str(message.text)) for message in messages) // 4
        last = max((n for n, message in enumerate(messages) if isinstance(message, AIMessage)), default=0)
        if not self._limit or size < self._limit or last < 4:
            return None
        if self._draw.random() < 0.7:
            self._mind.changed()
        return {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES), _summary(messages[:last]), *messages[last:]]}

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Sends the prompt as this desk keeps it."""
        self._calls += 1
        if self._draw.random() < self._drops:
            self._meter.forget()
        told = self._rules
        if self._stamped:
            now = (self._calls - 1) // self._stamped
            stamp = f"The time is {9 + now // 60:02}:{now % 60:02}. "
            told = stamp + told if self._ahead else told + stamp
        tools = list(request.tools)
        if not self._order or self._draw.random() < self._shuffles:
            self._order = self._draw.sample(range(len(tools)), len(tools)) if self._order else list(range(len(tools)))
        return handler(
            request.override(
                system_message=SystemMessage(told),
                messages=self._cleared(list(request.messages)),
                tools=[tools[n] for n in self._order],
            )
        )

    def _cleared(self, messages: list[Any]) -> list[Any]:
        """The history without the bodies of its oldest results."""
        if not self._clears:
            return messages
        results = [n for n, message in enumerate(messages) if isinstance(message, ToolMessage)]
        old = set(results[: max(0, len(results) - self._clears)])
        return [
            message.model_copy(update={"content": "[result cleared]"}) if n in old else message
            for n, message in enumerate(messages)
        ]

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Where the model neither acted nor answered, calls it again, with a word or without."""
        if not self._mind.idle:
            return None
        nudge = self._draw.choice(NUDGES)
        return {"jump_to": "model", "messages": [HumanMessage(nudge)] if nudge else []}


def _summary(messages: list[BaseMessage]) -> HumanMessage:
    lines = []
    for message in messages:
        if isinstance(message, HumanMessage):
            lines.append(f"user: {message.text}")
        elif isinstance(message, ToolMessage):
            lines.append(f"{message.name}: {' '.join(str(message.text).split())[:90]}")
        elif isinstance(message, AIMessage) and message.text and not message.tool_calls:
            lines.append(f"you said: {message.text}")
    return HumanMessage("Summary of the conversation so far:\n" + "\n".join(lines))
