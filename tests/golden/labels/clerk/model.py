"""The clerk's mind as a LangChain chat model. Simulated: no provider is called; its usage is counted, not billed."""

import json
from collections.abc import Sequence
from typing import Any

from examples.sheets.conversation import (
    CACHE_FROM,
    CACHE_STEP,
    TURN_TOKENS,
    Got,
    Metered,
    Said,
    said_tokens,
    tokens_of,
)
from examples.sheets.model_langchain import SimulatedChatModel
from examples.sheets.simulated import Answer
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class Meter:
    """Counts a session's calls as a provider would that caches the beginnings of prompts."""

    def __init__(self) -> None:
        self._known: list[list[str]] = []
        self.calls = 0

    def count(self, blocks: list[str]) -> tuple[int, int]:
        """Input tokens, and how many of them stood in the cache."""
        cached = 0
        sizes = [TURN_TOKENS + tokens_of(block) for block in blocks]
        for known in self._known:
            same = next((n for n, (a, b) in enumerate(zip(known, blocks, strict=False)) if a != b), None)
            alike = min(len(known), len(blocks)) if same is None else same
            cached = max(cached, sum(sizes[:alike]))
        self._known.append(blocks)
        self.calls += 1
        return sum(sizes), cached // CACHE_STEP * CACHE_STEP if cached >= CACHE_FROM else 0

    def forget(self) -> None:
        """The provider dropped its cache."""
        self._known.clear()


class ClerkModel(SimulatedChatModel):
    """A chat model that says what a mind says."""

    talk: Any
    """The generator of what is said."""
    meter: Any

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said: Said = next(self.talk) if not self.meter.calls else self.talk.send(_latest(messages))
        blocks = [json.dumps(kwargs.get("tools", []), sort_keys=True), *map(_block, messages)]
        read, cached = self.meter.count(blocks)
        calls = tuple((f"call_{self.meter.calls}_{n}", call) for n, call in enumerate(said.calls))
        counted = Metered(input=read, cache_read=cached, output=said_tokens(said))
        message = self._message(Answer(said=said, counted=counted, calls=calls))
        return ChatResult(generations=[ChatGeneration(message=message)], llm_output={"model_name": self.model_name})


def _latest(messages: Sequence[BaseMessage]) -> list[Got]:
    """The results behind the model's last turn."""
    last = max((n for n, message in enumerate(messages) if isinstance(message, AIMessage)), default=-1)
    found = [message for message in messages[last + 1 :] if isinstance(message, ToolMessage)]
    return [Got(text=str(message.text), failed=message.status == "error") for message in found]


def _block(message: BaseMessage) -> str:
    calls = json.dumps(message.tool_calls, sort_keys=True) if isinstance(message, AIMessage) else ""
    return f"{message.type}: {message.text}{calls}"
