"""The policy as a LangChain chat model. Simulated: no provider is called, and its usage is counted, not billed."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams, LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from examples.sheets.conversation import Asked, Call, Got, Said, Tool, Turn
from examples.sheets.policy import next_said
from examples.sheets.simulated import MODEL, PROVIDER, Answer, Policy, answer, tool_seen


class SimulatedChatModel(BaseChatModel):
    """A chat model that does what the scripted policy says next."""

    model_name: str = MODEL
    policy: Policy = Field(default=next_said, exclude=True)
    tools: tuple[Tool, ...] = ()

    @property
    def _llm_type(self) -> str:
        return "clawtrace-simulated"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "simulated": True}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"], params["ls_model_name"] = PROVIDER, self.model_name
        return params

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 - the policy chooses for itself
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """A copy of the model that sees these tools, and is sent their schemas."""
        schemas = [convert_to_openai_tool(tool) for tool in tools]
        bound = self.model_copy(update={"tools": tuple(map(tool_seen, schemas))})
        return bound.bind(tools=schemas, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - the signature is LangChain's
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        instructions, turns = read_messages(messages)
        message = self._message(answer(instructions, self.tools, turns, policy=self.policy))
        return ChatResult(generations=[ChatGeneration(message=message)], llm_output={"model_name": self.model_name})

    def _message(self, given: Answer) -> AIMessage:
        counted = given.counted
        return AIMessage(
            content=given.said.text,
            tool_calls=[
                {"name": c.name, "args": dict(c.args), "id": id_, "type": "tool_call"} for id_, c in given.calls
            ],
            usage_metadata=UsageMetadata(
                input_tokens=counted.input,
                output_tokens=counted.output,
                total_tokens=counted.input + counted.output,
                input_token_details=InputTokenDetails(cache_read=counted.cache_read),
            ),
            response_metadata={"model_name": self.model_name, "model_provider": PROVIDER, "simulated": True},
        )


def read_messages(messages: Sequence[BaseMessage]) -> tuple[str, list[Turn]]:
    """LangChain's messages as instructions and turns."""
    instructions = "\n\n".join(str(m.text) for m in messages if isinstance(m, SystemMessage))
    return instructions, [turn for message in messages if (turn := _turn(message)) is not None]


def _turn(message: BaseMessage) -> Turn | None:
    match message:
        case HumanMessage():
            return Asked(text=str(message.text))
        case AIMessage():
            return Said(
                text=str(message.text), calls=tuple(Call(name=c["name"], args=c["args"]) for c in message.tool_calls)
            )
        case ToolMessage():
            return Got(text=str(message.text), failed=message.status == "error")
    return None
