"""The LlamaIndex run that is measured: a real `FunctionAgent` loop of N model and N tool calls, history growing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection

RESULT = "row {n}: region=North units=120 price=4.75 note=" + "steady " * 20


class Script(FunctionCallingLLM):
    """Calls the tool until `turns` results are in the history, then answers."""

    turns: int

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="gpt-4.1-mini", is_function_calling_model=True, is_chat_model=True)

    def _prepare_chat_with_tools(
        self,
        tools: Sequence[Any],
        user_msg: Any = None,  # noqa: ARG002 - the framework's signature
        chat_history: Any = None,
        **_more: Any,
    ) -> dict[str, Any]:
        return {"messages": list(chat_history), "tools": [tool.metadata.to_openai_tool() for tool in tools]}

    def get_tool_calls_from_response(self, response: Any, **_more: Any) -> list[ToolSelection]:
        return [ToolSelection(**call["selection"]) for call in response.message.additional_kwargs.get("tool_calls", ())]

    def _answer(self, messages: Sequence[ChatMessage]) -> ChatResponse:
        done = len(messages) // 2
        size = 40 * len(messages)
        raw = {"usage": {"prompt_tokens": size, "completion_tokens": 20, "total_tokens": size + 20}}
        told: dict[str, Any] = {}
        if done < self.turns:
            selection = {"tool_id": f"call-{done}", "tool_name": "read_row", "tool_kwargs": {"n": done}}
            function = {"name": "read_row", "arguments": {"n": done}}
            told = {"tool_calls": [{"id": f"call-{done}", "function": function, "selection": selection}]}
        message = ChatMessage(role="assistant", content="" if told else "done", additional_kwargs=told)
        return ChatResponse(message=message, raw=raw, delta="")

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **_more: Any) -> ChatResponse:
        return self._answer(messages)

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **_more: Any) -> ChatResponse:
        return self._answer(messages)

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **_more: Any) -> Any:
        answer = self._answer(messages)

        async def chunks() -> AsyncIterator[ChatResponse]:
            yield answer

        return chunks()

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **_more: Any) -> Any:
        return iter([self._answer(messages)])

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_more: Any) -> CompletionResponse:
        raise NotImplementedError

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **_more: Any) -> CompletionResponse:
        raise NotImplementedError

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **_more: Any) -> Any:
        raise NotImplementedError

    @llm_completion_callback()
    async def astream_complete(self, prompt: str, formatted: bool = False, **_more: Any) -> Any:
        raise NotImplementedError


def read_row(n: int) -> str:
    """Read one row of the sheet."""
    return RESULT.format(n=n)


def build(turns: int) -> FunctionAgent:
    """An agent that makes `turns` tool calls and `turns + 1` model calls."""
    return FunctionAgent(name="reader", llm=Script(turns=turns), tools=[read_row], timeout=None)


def run(agent: FunctionAgent, turns: int) -> None:
    """One run from the first message to the answer."""

    async def go() -> str:
        return str(await agent.run(user_msg="Read every row.", max_iterations=4 * turns + 10))

    if asyncio.run(go()) != "done":
        raise SystemExit("the run went wrong")
