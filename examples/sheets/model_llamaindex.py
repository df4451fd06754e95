"""The policy as a LlamaIndex model that calls tools. Simulated: no provider is called; usage is counted, not billed."""

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
    TextBlock,
    ToolCallBlock,
)
from llama_index.core.llms.callbacks import llm_chat_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.tools import BaseTool
from pydantic import Field

from examples.sheets.conversation import Asked, Call, Got, Said, Turn
from examples.sheets.policy import next_said
from examples.sheets.simulated import CONTEXT_WINDOW, MODEL, PROVIDER, Policy, answer, openai_usage, tool_seen


class SimulatedLLM(FunctionCallingLLM):
    """A model that does what the scripted policy says next, whole or streamed."""

    model: str = MODEL
    policy: Policy = Field(default=next_said, exclude=True)

    @classmethod
    def class_name(cls) -> str:
        return "clawtrace_simulated"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            model_name=self.model, context_window=CONTEXT_WINDOW, is_chat_model=True, is_function_calling_model=True
        )

    def _prepare_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,  # noqa: ARG002 - the signature is LlamaIndex's
        allow_parallel_tool_calls: bool = False,  # noqa: ARG002
        tool_required: bool = False,  # noqa: ARG002 - the policy chooses for itself
        **_: Any,
    ) -> dict[str, Any]:
        asked = ChatMessage(role=MessageRole.USER, content=user_msg) if isinstance(user_msg, str) else user_msg
        messages = [*(chat_history or []), *([] if asked is None else [asked])]
        return {"messages": messages, "tools": [tool.metadata.to_openai_tool() for tool in tools]}

    def get_tool_calls_from_response(
        self,
        response: ChatResponse,
        error_on_no_tool_call: bool = True,
        **_: Any,
    ) -> list[ToolSelection]:
        """The tool calls of a response. Raises ValueError when there are none and there must be."""
        calls = _calls(response.message)
        if error_on_no_tool_call and not calls:
            raise ValueError("the model asked for no tool; expected one at least")
        return [
            ToolSelection(tool_id=call.tool_call_id or "", tool_name=call.tool_name, tool_kwargs=call.tool_kwargs)
            for call in calls
        ]

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return self._respond(messages, kwargs)

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return self._respond(messages, kwargs)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        def chunks() -> ChatResponseGen:
            yield self._respond(messages, kwargs)

        return chunks()

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseAsyncGen:
        async def chunks() -> ChatResponseAsyncGen:
            yield self._respond(messages, kwargs)

        return chunks()

    def _respond(self, messages: Sequence[ChatMessage], asked: dict[str, Any]) -> ChatResponse:
        instructions, turns = read_messages(messages)
        given = answer(instructions, [tool_seen(tool) for tool in asked.get("tools", ())], turns, policy=self.policy)
        calls = [
            ToolCallBlock(tool_call_id=id_, tool_name=call.name, tool_kwargs=dict(call.args))
            for id_, call in given.calls
        ]
        blocks = [*([TextBlock(text=given.said.text)] if given.said.text else []), *calls]
        raw = {"model": self.model, "provider": PROVIDER, "simulated": True, "usage": openai_usage(given.counted)}
        message = ChatMessage(role=MessageRole.ASSISTANT, blocks=blocks)
        return ChatResponse(message=message, delta=given.said.text, raw=raw)

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        raise NotImplementedError("the policy only chats")

    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        raise NotImplementedError("the policy only chats")

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        raise NotImplementedError("the policy only chats")

    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:
        raise NotImplementedError("the policy only chats")


def read_messages(messages: Sequence[ChatMessage]) -> tuple[str, list[Turn]]:
    """LlamaIndex's messages as instructions and turns."""
    instructions = "\n\n".join(m.content or "" for m in messages if m.role == MessageRole.SYSTEM)
    return instructions, [turn for message in messages if (turn := _turn(message)) is not None]


def _turn(message: ChatMessage) -> Turn | None:
    text = message.content or ""
    match message.role:
        case MessageRole.USER:
            return Asked(text=text)
        case MessageRole.ASSISTANT:
            calls = (Call(name=call.tool_name, args=dict(call.tool_kwargs)) for call in _calls(message))
            return Said(text=text, calls=tuple(calls))
        case MessageRole.TOOL:
            return Got(text=text)  # LlamaIndex does not tell the model whether the call failed
    return None


def _calls(message: ChatMessage) -> list[ToolCallBlock]:
    return [block for block in message.blocks if isinstance(block, ToolCallBlock)]
