"""LlamaIndex plays: models, tools, retries, streams."""

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.core.workflow import StartEvent, StopEvent, Workflow, step
from llama_index.core.workflow.retry_policy import ConstantDelayRetryPolicy
from llamaindex_model import breaks_off, says, scripted
from pydantic import BaseModel

from clawtrace_core import Settings
from clawtrace_core.testing import Stage
from clawtrace_llamaindex import trace

ASKED = [ChatMessage(role="user", content="hi")]
ADD = ("add", {"a": 1, "b": 2}, "c1")


def watch(store: Path) -> AbstractContextManager[Any]:
    return trace(store, settings=Settings(strict=True))


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def answered(agent: Any, **more: Any) -> str:
    return str(await agent.run("go", **more))


def run(stage: Stage, *script: Any, tools: Any = (add,), **more: Any) -> str:
    agent = FunctionAgent(name="calc", llm=scripted(stage, *script), tools=list(tools))
    with stage.watching():
        return asyncio.run(answered(agent, **more))


def one_call(stage: Stage) -> Any:
    with stage.watching():
        return scripted(stage, says(stage, "hello")).chat(ASKED).message.content


def model_error(stage: Stage) -> Any:
    with stage.watching():
        return scripted(stage, RuntimeError("500")).chat(ASKED)


def tool_call(stage: Stage) -> Any:
    return run(stage, says(stage, "", ADD), says(stage, "3"))


def parallel_tools(stage: Stage) -> Any:
    calls = [("add", {"a": n, "b": n}, f"c{n}") for n in range(3)]
    return run(stage, says(stage, "", *calls), says(stage, "done"))


def broken(x: int) -> str:
    """Break."""
    raise ValueError(f"broke on {x}")


BREAK = ("broken", {"x": 1}, "c1")


def tool_error_handled(stage: Stage) -> Any:
    return run(stage, says(stage, "", BREAK), says(stage, "without it"), tools=[broken])


def tool_error_unhandled(stage: Stage) -> Any:
    """Agents tell every error of a tool to the model; a workflow of one's own may let it through."""
    model = scripted(stage, says(stage, "", BREAK))

    class Strict(Workflow):
        @step
        async def act(self, ev: StartEvent) -> StopEvent:
            tools = [FunctionTool.from_defaults(broken)]
            return StopEvent(str(await model.apredict_and_call(tools, user_msg="go", error_on_tool_error=True)))

    async def go() -> Any:
        return await Strict().run()

    with stage.watching():
        return asyncio.run(go())


def unknown_tool(stage: Stage) -> Any:
    return run(stage, says(stage, "", ("nope", {"q": 1}, "c1")), says(stage, "sorry"))


def retry(stage: Stage) -> Any:
    model = scripted(stage, RuntimeError("429"), RuntimeError("429"), says(stage, "ok"))

    class Stubborn(Workflow):
        @step(retry_policy=ConstantDelayRetryPolicy(delay=0, maximum_attempts=5))
        async def ask(self, ev: StartEvent) -> StopEvent:
            return StopEvent((await model.achat(ASKED)).message.content)

    async def go() -> Any:
        return await Stubborn().run()

    with stage.watching():
        return asyncio.run(go())


def fallback(stage: Stage) -> Any:
    """LlamaIndex has no fallback of its own: its users write it."""
    first, spare = scripted(stage, RuntimeError("500")), scripted(stage, says(stage, "ok"))
    with stage.watching():
        try:
            return first.chat(ASKED).message.content
        except RuntimeError:
            return spare.chat(ASKED).message.content


def stream(stage: Stage) -> Any:
    with stage.watching():
        return [chunk.delta for chunk in scripted(stage, says(stage, "one two three")).stream_chat(ASKED)]


def stream_abandoned(stage: Stage) -> Any:
    with stage.watching():
        chunks = scripted(stage, breaks_off("one two three")).stream_chat(ASKED)
        first = next(chunks).delta
        chunks.close()
        return first


class Form(BaseModel):
    """The form an answer must have."""

    total: int


def structured_output(stage: Stage) -> Any:
    model = scripted(stage, says(stage, "", ("Form", {"total": 3}, "c1")))
    with stage.watching():
        return model.as_structured_llm(Form).chat(ASKED).raw.total


def long_run(stage: Stage) -> Any:
    turns = [says(stage, "", ("add", {"a": n, "b": 1}, f"c{n}")) for n in range(199)]
    return run(stage, *turns, says(stage, "done"), max_iterations=1_000)


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
    "structured_output": structured_output,
    "long_run": long_run,
}
