"""LangChain plays: models, tools, retries, streams, caches."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain_core.caches import InMemoryCache
from langchain_core.tools import ToolException, tool
from langchain_model import message, says, scripted, streaming
from pydantic import BaseModel

from clawtrace_core import Settings
from clawtrace_core.testing import Stage
from clawtrace_langchain import trace

GO: Any = {"messages": [("user", "go")]}
ADD = ("add", {"a": 1, "b": 2}, "c1")


def watch(store: Path) -> AbstractContextManager[Any]:
    return trace(store, settings=Settings(strict=True))


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def told(result: Any) -> list[tuple[str, Any]]:
    return [(message.type, message.content) for message in result["messages"]]


def run(stage: Stage, *script: Any, tools: Any = (add,), given: Any = GO) -> Any:
    agent = create_agent(scripted(stage, *script), list(tools), name="calc")
    with stage.watching():
        return told(agent.invoke(given))


def one_call(stage: Stage) -> Any:
    with stage.watching():
        return scripted(stage, says(stage, "hello")).invoke("hi").content


def model_error(stage: Stage) -> Any:
    with stage.watching():
        return scripted(stage, RuntimeError("500")).invoke("hi")


def tool_call(stage: Stage) -> Any:
    return run(stage, says(stage, "", ADD), says(stage, "3"))


def parallel_tools(stage: Stage) -> Any:
    calls = [("add", {"a": n, "b": n}, f"c{n}") for n in range(3)]
    return run(stage, says(stage, "", *calls), says(stage, "done"))


def tool_error_handled(stage: Stage) -> Any:
    @tool
    def broken(x: int) -> str:
        """Break."""
        raise ToolException(f"broke on {x}")

    broken.handle_tool_error = True
    return run(stage, says(stage, "", ("broken", {"x": 1}, "c1")), says(stage, "without it"), tools=[broken])


def tool_error_unhandled(stage: Stage) -> Any:
    @tool
    def broken(x: int) -> str:
        """Break."""
        raise ValueError(f"broke on {x}")

    return run(stage, says(stage, "", ("broken", {"x": 1}, "c1")), tools=[broken])


def unknown_tool(stage: Stage) -> Any:
    return run(stage, says(stage, "", ("nope", {"q": 1}, "c1")), says(stage, "sorry"))


def retry(stage: Stage) -> Any:
    model = scripted(stage, RuntimeError("429"), RuntimeError("429"), says(stage, "ok"))
    patient = model.with_retry(wait_exponential_jitter=False, stop_after_attempt=3)
    with stage.watching():
        return patient.invoke("hi").content


def fallback(stage: Stage) -> Any:
    model = scripted(stage, RuntimeError("500")).with_fallbacks([scripted(stage, says(stage, "ok"))])
    with stage.watching():
        return model.invoke("hi").content


def stream(stage: Stage) -> Any:
    with stage.watching():
        return [chunk.content for chunk in streaming(stage, says(stage, "one two three")).stream("hi")]


def stream_abandoned(stage: Stage) -> Any:
    untold = message(stage, "one two three", usage=None)
    with stage.watching():
        chunks = streaming(stage, untold).stream("hi")
        first = next(chunks).content
        chunks.close()
        return first


def llm_cache_hit(stage: Stage) -> Any:
    model = scripted(stage, says(stage, "once"), cache=InMemoryCache())
    with stage.watching():
        return [model.invoke("hi").content for _ in range(2)]


class Form(BaseModel):
    """The form an answer must have."""

    total: int


def structured_output(stage: Stage) -> Any:
    model = scripted(stage, says(stage, "", ("Form", {"total": 3}, "c1")))
    agent = create_agent(model, [], response_format=ToolStrategy(Form))
    with stage.watching():
        return agent.invoke(GO)["structured_response"].total


def long_run(stage: Stage) -> Any:
    turns = [says(stage, "", ("add", {"a": n, "b": 1}, f"c{n}")) for n in range(199)]
    agent = create_agent(scripted(stage, *turns, says(stage, "done")), [add])
    with stage.watching():
        return told(agent.invoke(GO, {"recursion_limit": 1_000}))


CALLS = {
    "one_call": one_call,
    "model_error": model_error,
    "tool_call": tool_call,
    "parallel_tools": parallel_tools,
    "tool_error_handled": tool_error_handled,
    "tool_error_unhandled": tool_error_unhandled,
    "unknown_tool": unknown_tool,
    "retry": retry,
    "fallback": fallback,
    "streaming": stream,
    "stream_abandoned": stream_abandoned,
    "no_usage": tool_call,
    "cache_read": tool_call,
    "cache_write": tool_call,
    "reasoning": one_call,
    "llm_cache_hit": llm_cache_hit,
    "structured_output": structured_output,
    "long_run": long_run,
}
