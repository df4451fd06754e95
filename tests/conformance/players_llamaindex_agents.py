"""LlamaIndex plays: agents below agents, two runs at once, and runs that stop."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dying import DIED, play_dying
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent
from llama_index.core.workflow import Context, HumanResponseEvent, InputRequiredEvent
from llamaindex_model import says, scripted
from players_llamaindex import ADD, add, answered, watch

from clawtrace_core.testing import Stage
from clawtrace_llamaindex import ClawTraceHandler, install

__all__ = ["AGENTS", "dies", "watch"]


def spawning(stage: Stage, worker: Any, name: str, *calls: Any) -> Any:
    async def ask(q: str) -> str:
        """Ask another agent."""
        return str(await worker().run(q))

    asks = says(stage, "", *(calls or [("ask", {"q": "1+1"}, f"{name}-1")]))
    return FunctionAgent(name=name, llm=scripted(stage, asks, says(stage, "done")), tools=[ask])


def working(stage: Stage, *script: Any) -> Any:
    return FunctionAgent(name="worker", llm=scripted(stage, *script), tools=[add])


def watched_run(stage: Stage, agent: Any) -> str:
    with stage.watching():
        return asyncio.run(answered(agent))


def subagent_as_tool(stage: Stage) -> Any:
    return watched_run(stage, spawning(stage, lambda: working(stage, says(stage, "", ADD), says(stage, "3")), "boss"))


def parallel_subagents(stage: Stage) -> Any:
    calls = [("ask", {"q": f"find {n}"}, f"c{n}") for n in range(2)]
    return watched_run(stage, spawning(stage, lambda: working(stage, says(stage, "found")), "boss", *calls))


def nested_subagents(stage: Stage) -> Any:
    lead = spawning(stage, lambda: working(stage, says(stage, "2")), "lead")
    return watched_run(stage, spawning(stage, lambda: lead, "boss"))


def handoff(stage: Stage) -> Any:
    give = says(stage, "", ("handoff", {"to_agent": "bob", "reason": "yours"}, "h1"))
    alice = FunctionAgent(name="alice", description="Asks.", llm=scripted(stage, give), tools=[])
    bob = FunctionAgent(name="bob", description="Answers.", llm=scripted(stage, says(stage, "mine")), tools=[])
    return watched_run(stage, AgentWorkflow(agents=[alice, bob], root_agent="alice"))


def meeting(stage: Stage, session: int, meet: Callable[[], Any]) -> Any:
    """An agent whose tool waits until the other run has come as far."""

    async def add(a: int, b: int) -> int:
        """Add two numbers."""
        await meet()
        return a + b

    script = says(stage, "", ADD, session=session), says(stage, f"done {session}", session=session)
    return FunctionAgent(name=f"calc-{session}", llm=scripted(stage, *script), tools=[add])


def sessions_in_threads(stage: Stage) -> Any:
    both = threading.Barrier(2, timeout=30)

    async def meet() -> None:
        await asyncio.to_thread(both.wait)

    def one(session: int) -> Any:
        with stage.watching():
            both.wait()
            return asyncio.run(answered(meeting(stage, session, meet)))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def sessions_in_one_loop(stage: Stage) -> Any:
    async def one(session: int, both: asyncio.Barrier) -> Any:
        with stage.watching():
            return await answered(meeting(stage, session, both.wait))

    async def two() -> Any:
        both = asyncio.Barrier(2)
        return await asyncio.gather(one(0, both), one(1, both))

    return asyncio.run(two())


def pause_and_resume(stage: Stage) -> Any:
    async def danger(ctx: Context, x: int) -> str:
        """Ask a person first."""
        asks = InputRequiredEvent(prefix=f"sure of {x}?")
        told = await ctx.wait_for_event(HumanResponseEvent, waiter_id="w", waiter_event=asks, timeout=30)
        return f"person said {told.response}"

    script = says(stage, "", ("danger", {"x": 1}, "c1")), says(stage, "done", session=1)
    agent = FunctionAgent(name="careful", llm=scripted(stage, *script), tools=[danger])

    async def go() -> str:
        running = agent.run("go")
        async for event in running.stream_events():
            if isinstance(event, InputRequiredEvent):
                running.ctx.send_event(HumanResponseEvent(response="yes"))
        return str(await running)

    with stage.watching():
        return asyncio.run(go())


def cancellation(stage: Stage) -> Any:
    async def go() -> str:
        reached = asyncio.Event()

        async def never() -> None:
            reached.set()
            await asyncio.Event().wait()

        agent = FunctionAgent(
            name="calc", llm=scripted(stage, says(stage, "", ADD), never), tools=[add], streaming=False
        )
        running = agent.run("go")
        await reached.wait()
        await running.cancel_run()
        try:
            await running
        except (Exception, asyncio.CancelledError) as error:
            return type(error).__name__
        return "went on"

    with stage.watching():
        return asyncio.run(go())


def crash(stage: Stage) -> int:
    return play_dying(stage, "players_llamaindex_agents")


def dies(stage: Stage) -> None:
    with stage.watching() as session:

        def deadly(a: int, b: int) -> int:
            """Add two numbers, never to return."""
            if session is not None:
                session.flush()
            os._exit(DIED)

        deadly.__name__ = "add"
        agent = FunctionAgent(name="calc", llm=scripted(stage, says(stage, "", ADD)), tools=[deadly])
        asyncio.run(answered(agent))


def installed_twice(stage: Stage) -> Any:
    agent = working(stage, says(stage, "", ADD), says(stage, "3"))
    if not stage.watched:
        return asyncio.run(answered(agent))
    first, second = install(stage.store), install(stage.store)
    handler = ClawTraceHandler(stage.store)
    third, fourth = handler.install(), handler.install()
    result = asyncio.run(answered(agent))
    for leave in (fourth, third, second, first):
        leave()
    return result


def removed(stage: Stage) -> Any:
    def agent(session: int) -> Any:
        return working(stage, says(stage, "", ADD, session=session), says(stage, "3", session=session))

    uninstall = install(stage.store) if stage.watched else lambda: None
    seen = asyncio.run(answered(agent(0)))
    uninstall()
    return seen, asyncio.run(answered(agent(1)))


AGENTS = {
    "subagent_as_tool": subagent_as_tool,
    "parallel_subagents": parallel_subagents,
    "nested_subagents": nested_subagents,
    "handoff": handoff,
    "sessions_in_threads": sessions_in_threads,
    "sessions_in_one_loop": sessions_in_one_loop,
    "pause_and_resume": pause_and_resume,
    "cancellation": cancellation,
    "crash": crash,
    "installed_twice": installed_twice,
    "removed": removed,
}
