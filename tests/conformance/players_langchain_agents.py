"""LangChain, LangGraph and deepagents play: agents below agents, two runs at once, and runs that stop."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, TypedDict

from deepagents import create_deep_agent
from dying import DIED, play_dying
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_model import says, scripted
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, interrupt
from players_langchain import ADD, GO, add, told, watch

from clawtrace_core.testing import Stage
from clawtrace_langchain import ClawTraceCallbackHandler, install

__all__ = ["AGENTS", "dies", "watch"]
ASK = ("ask", {"q": "1+1"}, "c1")


class State(TypedDict):
    messages: Annotated[list[Any], add_messages]


def asking(agent: Any) -> Any:
    @tool
    def ask(q: str) -> str:
        """Ask another agent."""
        return str(agent.invoke({"messages": [("user", q)]})["messages"][-1].content)

    return ask


def spawning(stage: Stage, worker: Any, name: str) -> Any:
    return create_agent(scripted(stage, says(stage, "", ASK), says(stage, "done")), [asking(worker)], name=name)


def subagent_as_tool(stage: Stage) -> Any:
    worker = create_agent(scripted(stage, says(stage, "", ADD), says(stage, "3")), [add], name="worker")
    with stage.watching():
        return told(spawning(stage, worker, "boss").invoke(GO))


def parallel_subagents(stage: Stage) -> Any:
    tasks = [("task", {"description": f"find {n}", "subagent_type": "worker"}, f"t{n}") for n in range(2)]
    worker = {
        "name": "worker",
        "description": "Finds things.",
        "system_prompt": "Find.",
        "model": scripted(stage, says(stage, "found"), says(stage, "found")),
    }
    model = scripted(stage, says(stage, "", *tasks), says(stage, "done"))
    deep = create_deep_agent(model=model, tools=[add], subagents=[worker], name="deep")
    with stage.watching():
        return told(deep.invoke(GO))


def nested_subagents(stage: Stage) -> Any:
    worker = create_agent(scripted(stage, says(stage, "2")), [], name="worker")
    with stage.watching():
        return told(spawning(stage, spawning(stage, worker, "lead"), "boss").invoke(GO))


def handoff(stage: Stage) -> Any:
    @tool
    def give_to_bob() -> Any:
        """Hand over to bob."""
        return Command(goto="bob", graph=Command.PARENT, update={"messages": [("user", "yours")]})

    alice = create_agent(scripted(stage, says(stage, "", ("give_to_bob", {}, "h1"))), [give_to_bob], name="alice")
    bob = create_agent(scripted(stage, says(stage, "mine")), [], name="bob")
    graph = StateGraph(State).add_node("alice", alice, destinations=("bob",)).add_node("bob", bob)
    swarm = graph.add_edge(START, "alice").compile(name="swarm")
    with stage.watching():
        return told(swarm.invoke(GO))


def meeting(stage: Stage, session: int, meet: Callable[[], Any]) -> Any:
    """An agent whose tool waits until the other run has come as far."""

    @tool("add")
    def plain(a: int, b: int) -> int:
        """Add two numbers."""
        meet()
        return a + b

    @tool("add")
    async def awaited(a: int, b: int) -> int:
        """Add two numbers."""
        await meet()
        return a + b

    script = says(stage, "", ADD, session=session), says(stage, f"done {session}", session=session)
    waiting = awaited if asyncio.iscoroutinefunction(meet) else plain
    return create_agent(scripted(stage, *script), [waiting], name=f"calc-{session}")


def sessions_in_threads(stage: Stage) -> Any:
    both = threading.Barrier(2, timeout=30)

    def one(session: int) -> Any:
        with stage.watching():
            both.wait()
            return told(meeting(stage, session, both.wait).invoke(GO))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def sessions_in_one_loop(stage: Stage) -> Any:
    async def one(session: int, both: asyncio.Barrier) -> Any:
        async def meet() -> None:
            await both.wait()

        with stage.watching():
            return told(await meeting(stage, session, meet).ainvoke(GO))

    async def two() -> Any:
        both = asyncio.Barrier(2)
        return await asyncio.gather(one(0, both), one(1, both))

    return asyncio.run(two())


def pause_and_resume(stage: Stage) -> Any:
    @tool
    def danger(x: int) -> str:
        """Ask a person first."""
        return f"person said {interrupt({'q': x})}"

    script = says(stage, "", ("danger", {"x": 1}, "c1")), says(stage, "done", session=1)
    agent = create_agent(scripted(stage, *script), [danger], checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "t1"}}
    with stage.watching():
        agent.invoke(GO, config)
    with stage.watching():
        return told(agent.invoke(Command(resume="yes"), config))


def cancellation(stage: Stage) -> Any:
    async def cancelled() -> str:
        reached = asyncio.Event()

        async def never() -> None:
            reached.set()
            await asyncio.Event().wait()

        agent = create_agent(scripted(stage, says(stage, "", ADD), never), [add])
        with stage.watching():
            task = asyncio.create_task(agent.ainvoke(GO))
            await reached.wait()
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                return "cancelled"
        return "went on"

    return asyncio.run(cancelled())


def crash(stage: Stage) -> int:
    return play_dying(stage, "players_langchain_agents")


def dies(stage: Stage) -> None:
    with stage.watching() as session:

        @tool("add")
        def deadly(a: int, b: int) -> int:
            """Add two numbers, never to return."""
            if session is not None:
                session.flush()
            os._exit(DIED)

        create_agent(scripted(stage, says(stage, "", ADD)), [deadly]).invoke(GO)


def installed_twice(stage: Stage) -> Any:
    agent = create_agent(scripted(stage, says(stage, "", ADD), says(stage, "3")), [add])
    if not stage.watched:
        return told(agent.invoke(GO))
    uninstall, handler = install(stage.store), ClawTraceCallbackHandler(stage.store)
    again = install(stage.store)
    result = told(agent.with_config({"callbacks": [handler]}).invoke(GO, {"callbacks": [handler, handler]}))
    for leave in (again, uninstall, handler.close):
        leave()
    return result


def removed(stage: Stage) -> Any:
    scripts = [[says(stage, "", ADD, session=n), says(stage, "3", session=n)] for n in range(2)]
    agent = create_agent(scripted(stage, *scripts[0], *scripts[1]), [add])
    uninstall = install(stage.store) if stage.watched else lambda: None
    seen = told(agent.invoke(GO))
    uninstall()
    return seen, told(agent.invoke(GO))


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
