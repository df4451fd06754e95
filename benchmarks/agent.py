"""The run that is measured: a real `create_agent` loop of N model calls and N tool calls, history growing."""

from collections.abc import Sequence
from typing import Any

from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, tool

RESULT = "row {n}: region=North units=120 price=4.75 note=" + "steady " * 20


class Script(BaseChatModel):
    """Calls the tool until `turns` results are in the history, then answers."""

    turns: int

    @property
    def _llm_type(self) -> str:
        return "script"

    def _get_ls_params(self, **_kwargs: Any) -> Any:
        return {"ls_provider": "openai", "ls_model_name": "gpt-4.1-mini", "ls_model_type": "chat"}

    def bind_tools(self, tools: Sequence[Any], **_kwargs: Any) -> Any:
        return self.bind(tools=[{"name": item.name, "description": item.description} for item in tools])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - the framework's signature
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - as above
        **_kwargs: Any,
    ) -> ChatResult:
        done = len(messages) // 2
        usage = {"input_tokens": 40 * len(messages), "output_tokens": 20, "total_tokens": 40 * len(messages) + 20}
        calls = [{"name": "read_row", "args": {"n": done}, "id": f"call-{done}"}] if done < self.turns else []
        message = AIMessage(content="" if calls else "done", tool_calls=calls, usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])


@tool
def read_row(n: int) -> str:
    """Read one row of the sheet."""
    return RESULT.format(n=n)


def build(turns: int) -> Any:
    """An agent that makes `turns` tool calls and `turns + 1` model calls."""
    tools: list[BaseTool] = [read_row]
    return create_agent(Script(turns=turns), tools)


def run(agent: Any, turns: int, callbacks: Sequence[Any] = ()) -> None:
    """One run from the first message to the answer."""
    config: RunnableConfig = {"callbacks": list(callbacks), "recursion_limit": 4 * turns + 10}
    out = agent.invoke({"messages": [{"role": "user", "content": "Read every row."}]}, config=config)
    if len(out["messages"]) != 2 * turns + 2:
        raise SystemExit(f"the run went wrong: {len(out['messages'])} messages")
