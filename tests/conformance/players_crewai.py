"""CrewAI plays: models, tools, retries, streams."""

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from crewai_model import Agent, Crew, Task, studio, tool
from pydantic import BaseModel

from clawtrace_core import Settings
from clawtrace_core.testing import Stage
from clawtrace_crewai import trace

ADD = [("add", {"a": 1, "b": 2})]
REFUSED = (429, {"error": {"message": "slow down", "type": "rate_limit"}})
BROKEN = (400, {"error": {"message": "no", "type": "invalid_request_error"}})


def watch(store: Path) -> AbstractContextManager[Any]:
    return trace(store, settings=Settings(strict=True))


@tool("add")
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def member(llm: Any, role: str = "Worker", tools: Any = (), **more: Any) -> Any:
    return Agent(role=role, goal="Help", backstory="You help.", llm=llm, tools=list(tools), **more)


def team(*members: Any, **more: Any) -> Any:
    tasks = [Task(description=f"Do the part of {one.role}", expected_output="x", agent=one) for one in members]
    return Crew(**{"agents": list(members), "tasks": tasks, "name": "team", **more})


def run(stage: Stage, *script: Any, tools: Any = (add,), llm: Any = None, **more: Any) -> str:
    with studio(stage) as at:
        crew = team(member(at.llm(*script, **(llm or {})), tools=tools, **more))
        with stage.watching():
            return str(crew.kickoff().raw)


def one_call(stage: Stage) -> Any:
    with studio(stage) as at:
        llm = at.llm("hello")
        with stage.watching():
            return llm.call("hi")


def model_error(stage: Stage) -> Any:
    with studio(stage) as at:
        llm = at.llm(BROKEN)
        with stage.watching():
            return llm.call("hi")


def tool_call(stage: Stage) -> Any:
    return run(stage, ADD, "3")


def parallel_tools(stage: Stage) -> Any:
    return run(stage, [("add", {"a": n, "b": n}) for n in range(3)], "done")


def tool_error_handled(stage: Stage) -> Any:
    @tool("broken")
    def broken(x: int) -> str:
        """Break."""
        raise ValueError(f"broke on {x}")

    return run(stage, [("broken", {"x": 1})], "without it", tools=[broken])


def unknown_tool(stage: Stage) -> Any:
    return run(stage, [("nope", {"q": 1})], "sorry")


def retry(stage: Stage) -> Any:
    with studio(stage) as at, patch("crewai.llms.retry.time", SimpleNamespace(sleep=lambda _: None)):
        llm = at.llm(REFUSED, REFUSED, "ok")
        with stage.watching():
            return llm.call("hi")


def fallback(stage: Stage) -> Any:
    """CrewAI has no fallback of its own: its users write it."""
    with studio(stage) as at:
        first, spare = at.llm(BROKEN), at.llm("ok")
        with stage.watching():
            try:
                return first.call("hi")
            except Exception:
                return spare.call("hi")


def stream(stage: Stage) -> Any:
    with studio(stage) as at:
        llm = at.llm("one two three", stream=True)
        with stage.watching():
            return llm.call("hi")


def stream_abandoned(stage: Stage) -> Any:
    async def abandoned() -> Any:
        with studio(stage) as at:
            crew = team(member(at.halting()), stream=True)
            async with stage.watching():
                stream = await crew.akickoff()
                async for chunk in stream:
                    first = chunk.content
                    break
                await stream.aclose()
            return first

    return asyncio.run(abandoned())


def cache_write(stage: Stage) -> Any:
    """CrewAI's client of Anthropic keeps the sum of what was written to the cache."""
    return run(stage, ADD, "3", llm={"model": "anthropic/claude-sonnet-4-5"})


class Form(BaseModel):
    """The form an answer must have."""

    total: int


def structured_output(stage: Stage) -> Any:
    with studio(stage) as at:
        worker = member(at.llm('{"total": 3}'))
        task = Task(description="count", expected_output="x", agent=worker, output_pydantic=Form)
        crew = team(worker, tasks=[task])
        with stage.watching():
            return crew.kickoff().pydantic.total


def long_run(stage: Stage) -> Any:
    turns = [[("add", {"a": n, "b": 1})] for n in range(199)]
    return run(stage, *turns, "done", max_iter=1_000)


CALLS = {
    "one_call": one_call,
    "model_error": model_error,
    "tool_call": tool_call,
    "parallel_tools": parallel_tools,
    "tool_error_handled": tool_error_handled,
    "unknown_tool": unknown_tool,
    "retry": retry,
    "fallback": fallback,
    "streaming": stream,
    "stream_abandoned": stream_abandoned,
    "no_usage": tool_call,
    "cache_read": tool_call,
    "cache_write": cache_write,
    "reasoning": one_call,
    "structured_output": structured_output,
    "long_run": long_run,
}
