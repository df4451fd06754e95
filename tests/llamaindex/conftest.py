"""A scripted model for the real framework."""

import asyncio
import gc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import PrivateAttr

from clawtrace_core import Settings
from clawtrace_llamaindex import ClawTraceHandler, _trace
from tests.kit.looking import outline, texts, tokens  # noqa: F401 - fixtures

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what old releases warn of when they are loaded under a newer pydantic
    from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
    from llama_index.core.instrumentation import get_dispatcher
    from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
    from llama_index.core.llms.function_calling import FunctionCallingLLM
    from llama_index.core.llms.llm import ToolSelection

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 10,
    "total_tokens": 110,
    "prompt_tokens_details": {"cached_tokens": 40},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The framework's own warnings are not ours to mend; everybody else's are errors."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for kind in ("pydantic.warnings.PydanticDeprecatedSince20", "DeprecationWarning", "ResourceWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{kind}"))


class Line(NamedTuple):
    """What the model says: a text, then tool calls as (name, arguments, id)."""

    text: str
    calls: tuple[tuple[str, dict[str, Any], str], ...] = ()
    usage: bool = True


class Scripted(FunctionCallingLLM):
    """Says what its script says, in order; an exception is raised; a coroutine function is awaited first."""

    model: str = "scripted-1"
    _script: list[Any] = PrivateAttr()
    _heard: list[Any] = PrivateAttr(default_factory=list)

    def __init__(self, script: list[Any], **fields: Any) -> None:
        super().__init__(**fields)
        self._script = script

    @classmethod
    def class_name(cls) -> str:
        return "scripted"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name=self.model, is_function_calling_model=True, is_chat_model=True)

    @property
    def heard(self) -> list[Any]:
        return self._heard

    def _prepare_chat_with_tools(
        self, tools: Any, user_msg: Any = None, chat_history: Any = None, **more: Any
    ) -> dict[str, Any]:
        asked = [ChatMessage(role="user", content=user_msg)] if isinstance(user_msg, str) else filter(None, [user_msg])
        offered = [tool.metadata.to_openai_tool() for tool in tools]
        return {"messages": [*(chat_history or []), *asked], "tools": offered}

    def get_tool_calls_from_response(
        self, response: Any, error_on_no_tool_call: bool = True, **more: Any
    ) -> list[ToolSelection]:
        return [
            ToolSelection(tool_id=call["id"], tool_name=call["function"]["name"], tool_kwargs=call["kwargs"])
            for call in response.message.additional_kwargs.get("tool_calls", [])
        ]

    def _next(self, messages: Any) -> Line:
        self._heard.append(list(messages))
        line = self._script.pop(0)
        if isinstance(line, BaseException):
            raise line
        found: Line = line(messages) if callable(line) else line
        return found

    def _response(self, text: str, line: Line | None, delta: str | None = None) -> ChatResponse:
        calls = [
            {"id": c, "function": {"name": n, "arguments": a}, "kwargs": a} for n, a, c in (line.calls if line else ())
        ]
        message = ChatMessage(role="assistant", content=text, additional_kwargs={"tool_calls": calls} if calls else {})
        raw: dict[str, Any] = {"model": "scripted-1-dated", "id": "response-1"}
        if line is not None:
            raw |= {"choices": [{"finish_reason": "stop"}], **({"usage": dict(USAGE)} if line.usage else {})}
        return ChatResponse(message=message, raw=raw, delta=delta)

    def _chunks(self, line: Line) -> Iterator[ChatResponse]:
        words = line.text.split(" ")
        for number in range(len(words)):
            yield self._response(" ".join(words[: number + 1]), None, delta=words[number])
        yield self._response(line.text, line, delta="")

    @llm_chat_callback()
    def chat(self, messages: Any, **kwargs: Any) -> ChatResponse:
        line = self._next(messages)
        return self._response(line.text, line)

    @llm_chat_callback()
    async def achat(self, messages: Any, **kwargs: Any) -> ChatResponse:
        await self._pause()
        line = self._next(messages)
        return self._response(line.text, line)

    async def _pause(self) -> None:
        if self._script and asyncio.iscoroutinefunction(self._script[0]):
            await self._script.pop(0)()

    @llm_chat_callback()
    def stream_chat(self, messages: Any, **kwargs: Any) -> Any:
        line = self._next(messages)

        def chunks() -> Iterator[ChatResponse]:
            yield from self._chunks(line)

        return chunks()

    @llm_chat_callback()
    async def astream_chat(self, messages: Any, **kwargs: Any) -> Any:
        await self._pause()
        line = self._next(messages)

        async def chunks() -> Any:
            for chunk in self._chunks(line):
                yield chunk
                await self._pause()

        return chunks()

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        line = self._next([prompt])
        return CompletionResponse(text=line.text, raw=self._response(line.text, line).raw)

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        line = self._next([prompt])
        return CompletionResponse(text=line.text, raw=self._response(line.text, line).raw)

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError

    @llm_completion_callback()
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def say() -> Callable[..., Line]:
    """An answer: a text, then tool calls as (name, arguments, id). 100 tokens in (40 cached), 10 out."""
    return lambda text="", *calls, usage=True: Line(text, calls, usage)


@pytest.fixture
def scripted() -> Callable[..., Scripted]:
    return lambda *script, **fields: Scripted(list(script), **fields)


@pytest.fixture
def add() -> Any:
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    return add


@pytest.fixture
def handler(tmp_path: Path) -> Iterator[ClawTraceHandler]:
    """A handler at the root dispatcher that raises what it swallowed when it is closed."""
    found = ClawTraceHandler(tmp_path / "store", settings=Settings(strict=True))
    uninstall = found.install()
    yield found
    uninstall()


@pytest.fixture(scope="module", autouse=True)
def _what_the_framework_left_open() -> Iterator[None]:
    """LlamaIndex's memories leave their database to the collector, who must not meet it in somebody else's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    root = get_dispatcher()
    before = list(root.event_handlers), list(root.span_handlers)
    known = set(_trace._listener.nodes)
    yield
    assert (root.event_handlers, root.span_handlers) == before
    _trace._listener.guard.check()
    assert set(_trace._listener.nodes) <= known
