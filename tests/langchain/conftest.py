"""A scripted chat model for the real frameworks."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import tool

from clawtrace_core import Settings
from clawtrace_langchain import ClawTraceCallbackHandler
from tests.kit.looking import outline, texts, tokens  # noqa: F401 - fixtures


class Scripted(BaseChatModel):
    """Says what its script says, in order; an exception is raised; a future-like callable is awaited."""

    script: list[Any]
    model: str = "scripted-1"
    heard: list[Any]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        named = [getattr(tool, "name", None) or str(tool) for tool in tools]
        return self.bind(tools=[{"type": "function", "name": name} for name in named])

    def _next(self, messages: Any) -> AIMessage:
        self.heard.append(list(messages))
        line = self.script.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line(messages) if callable(line) else line

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    async def _agenerate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        if self.script and asyncio.iscoroutinefunction(self.script[0]):
            await self.script.pop(0)()
        return self._generate(messages)


class Streaming(Scripted):
    """Says it word by word, with the usage in the last chunk."""

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Iterator[Any]:
        line = self._next(messages)
        for word in str(line.content).split(" ") if line.content else ():
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))
        calls = [
            {"name": call["name"], "args": str(call["args"]).replace("'", '"'), "id": call["id"], "index": index}
            for index, call in enumerate(line.tool_calls)
        ]
        last = AIMessageChunk(content="", tool_call_chunks=calls, usage_metadata=line.usage_metadata)
        yield ChatGenerationChunk(message=last)


def _say(text: str = "", *calls: tuple[str, dict[str, Any], str], usage: bool = True) -> AIMessage:
    counts = {
        "input_tokens": 100,
        "output_tokens": 10,
        "total_tokens": 110,
        "input_token_details": {"cache_read": 40},
    }
    return AIMessage(
        content=text,
        tool_calls=[{"name": name, "args": args, "id": call_id} for name, args, call_id in calls],
        usage_metadata=counts if usage else None,
        response_metadata={"model_name": "scripted-1-dated", "finish_reason": "stop"},
    )


@pytest.fixture
def say() -> Callable[..., AIMessage]:
    """An answer: a text, then tool calls as (name, arguments, id). 100 tokens in (40 cached), 10 out."""
    return _say


@pytest.fixture
def scripted() -> Callable[..., Scripted]:
    return lambda *script, **fields: Scripted(script=list(script), heard=[], **fields)


@pytest.fixture
def streaming() -> Callable[..., Streaming]:
    return lambda *script, **fields: Streaming(script=list(script), heard=[], **fields)


@pytest.fixture
def add() -> Any:
    @tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    return add


@pytest.fixture
def handler(tmp_path: Path) -> Iterator[ClawTraceCallbackHandler]:
    """A handler that raises what it would swallow."""
    found = ClawTraceCallbackHandler(tmp_path / "store", settings=Settings(strict=True))
    yield found
    found.close()
