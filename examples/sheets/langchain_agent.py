"""The agent: `create_agent` with the simulated model, the workbook's tools and skills as its prompt."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.tools import BaseTool, StructuredTool, ToolException

from clawtrace_langchain import load_skill_prompt, trace
from examples.sheets.model_langchain import SimulatedChatModel
from examples.sheets.tools import SheetError, SheetTools

__all__ = ["ask", "build_agent", "instructions", "langchain_tools", "trace"]


def instructions(skills: Sequence[Path]) -> str:
    """The skills as a system prompt."""
    return load_skill_prompt(*skills)


def build_agent(tools: SheetTools, told: str) -> Any:
    """A LangChain agent on one workbook."""
    return create_agent(SimulatedChatModel(), langchain_tools(tools), system_prompt=told, name="sheets")


def ask(agent: Any, request: str) -> str:
    """Run the agent on one request; its answer."""
    state = agent.invoke({"messages": [{"role": "user", "content": request}]})
    return str(state["messages"][-1].text)


def langchain_tools(tools: SheetTools) -> list[BaseTool]:
    """The tools as LangChain wants them; readers say that they only read."""
    return [_wrapped(function, reads=function.__name__ in tools.READING) for function in tools.functions()]


def _wrapped(function: Callable[..., str], *, reads: bool) -> BaseTool:
    return StructuredTool.from_function(
        with_failures_told(function), handle_tool_error=True, metadata={"readOnlyHint": reads}
    )


def with_failures_told(function: Callable[..., str]) -> Callable[..., str]:
    """The function, with what it raises of its own as LangChain tells it to the model."""

    @wraps(function)
    def told(*args: Any, **kwargs: Any) -> str:
        try:
            return function(*args, **kwargs)
        except SheetError as reason:
            # The agent reads the message and goes on; anything else is a bug and ends the run.
            raise ToolException(str(reason)) from reason

    return told
