"""CrewAI plays: agents below agents, two runs at once, and runs that stop."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from crewai_model import (
    Flow,
    HumanFeedbackPending,
    Process,
    SQLiteFlowPersistence,
    Task,
    human_feedback,
    listen,
    start,
    studio,
    tool,
)
from dying import DIED, play_dying
from players_crewai import ADD, add, member, team, watch

from clawtrace_core.testing import Stage
from clawtrace_crewai import ClawTraceListener, install

__all__ = ["AGENTS", "dies", "watch"]


def delegating(stage: Stage, spawns: int, *script: Any) -> str:
    """A manager that gives its worker so many pieces of work in one turn."""
    calls = [
        ("delegate_work_to_coworker", {"task": f"look {n}", "context": "all", "coworker": f"Worker {n}"})
        for n in range(spawns)
    ]
    with studio(stage) as at:
        workers = [member(at.llm(*script), f"Worker {n}", [add]) for n in range(spawns)]
        task = Task(description="top", expected_output="x")
        more = {"process": Process.hierarchical, "manager_llm": at.llm(calls, "done"), "tasks": [task]}
        crew = team(*workers, **more)
        with stage.watching():
            return str(crew.kickoff().raw)


def subagent_as_tool(stage: Stage) -> Any:
    return delegating(stage, 1, ADD, "3")


def parallel_subagents(stage: Stage) -> Any:
    return delegating(stage, 2, "found")


def nested_subagents(stage: Stage) -> Any:
    def asking(worker: Any) -> Any:
        @tool("ask")
        def ask(q: str) -> str:
            """Ask another agent."""
            return str(worker.kickoff(q).raw)

        return ask

    asks = [("ask", {"q": "1+1"})]
    with studio(stage) as at:
        lead = member(at.llm(asks, "2"), "Lead", [asking(member(at.llm("2")))])
        boss = team(member(at.llm(asks, "done"), "Boss", [asking(lead)]))
        with stage.watching():
            return str(boss.kickoff().raw)


def handoff(stage: Stage) -> Any:
    """In CrewAI the order of tasks hands over: the second agent goes on with what the first one found."""
    with studio(stage) as at:
        crew = team(member(at.llm("yours"), "Alice"), member(at.llm("mine"), "Bob"))
        with stage.watching():
            return str(crew.kickoff().raw)


def meeting(at: Any, session: int, meet: Callable[[], Any]) -> Any:
    """A crew whose tool waits until the other run has come as far."""

    @tool("add")
    def waiting(a: int, b: int) -> int:
        """Add two numbers."""
        meet()
        return a + b

    return team(member(at.llm(ADD, f"done {session}", session=session), f"Worker {session}", [waiting]))


def sessions_in_threads(stage: Stage) -> Any:
    both = threading.Barrier(2, timeout=60)

    def one(session: int) -> Any:
        crew = meeting(at, session, both.wait)
        with stage.watching():
            both.wait()
            return str(crew.kickoff().raw)

    with studio(stage) as at, ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def sessions_in_one_loop(stage: Stage) -> Any:
    both = threading.Barrier(2, timeout=60)

    async def one(session: int, at: Any) -> Any:
        crew = meeting(at, session, both.wait)
        async with stage.watching():
            return str((await crew.kickoff_async()).raw)

    async def two() -> Any:
        with studio(stage) as at:
            return await asyncio.gather(one(0, at), one(1, at))

    return asyncio.run(two())


class Later:
    """Asks a person who is not there yet."""

    def request_feedback(self, context: Any, flow: Any) -> str:
        raise HumanFeedbackPending(context=context)


def pause_and_resume(stage: Stage) -> Any:
    """CrewAI asks people between the steps of a flow: it cannot pause within a tool."""
    with studio(stage) as at:
        first, second = team(member(at.llm("draft"))), team(member(at.llm("done", session=1)))

        class Review(Flow):  # type: ignore[type-arg]
            @start()
            @human_feedback(message="sure?", provider=Later())
            def draft(self) -> str:
                return str(first.kickoff().raw)

            @listen(draft)
            def finish(self, _: Any) -> str:
                return str(second.kickoff().raw)

        kept = SQLiteFlowPersistence(str(stage.store.with_suffix(".db")))
        with stage.watching():
            pending = Review(persistence=kept).kickoff()
        with stage.watching():
            return str(Review.from_pending(pending.context.flow_id, kept).resume("yes"))


def cancellation(stage: Stage) -> Any:
    async def cancelled() -> str:
        reached, over = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def never() -> Any:
            loop.call_soon_threadsafe(reached.set)
            over.wait(60)
            return (400, {"error": {"message": "too late"}})

        with studio(stage) as at:
            crew = team(member(at.llm(ADD, never), tools=[add]))
            async with stage.watching():
                task = asyncio.create_task(crew.akickoff())
                await reached.wait()
                task.cancel()
                try:
                    await task
                    result = "went on"
                except asyncio.CancelledError:
                    result = "cancelled"
            over.set()
        return result

    return asyncio.run(cancelled())


def crash(stage: Stage) -> int:
    return play_dying(stage, "players_crewai_agents")


def dies(stage: Stage) -> None:
    with studio(stage) as at, stage.watching() as session:

        @tool("add")
        def deadly(a: int, b: int) -> int:
            """Add two numbers, never to return."""
            if session is not None:
                session.flush()
            os._exit(DIED)

        team(member(at.llm(ADD), tools=[deadly])).kickoff()


def installed_twice(stage: Stage) -> Any:
    with studio(stage) as at:
        crew = team(member(at.llm(ADD, "3"), tools=[add]))
        if not stage.watched:
            return str(crew.kickoff().raw)
        first, second = install(stage.store), install(stage.store)
        with ClawTraceListener(stage.store), ClawTraceListener(stage.store):
            result = str(crew.kickoff().raw)
        second()
        first()
        return result


def removed(stage: Stage) -> Any:
    with studio(stage) as at:
        crews = [team(member(at.llm(ADD, "3", session=n), tools=[add])) for n in range(2)]
        uninstall = install(stage.store) if stage.watched else lambda: None
        seen = str(crews[0].kickoff().raw)
        uninstall()
        return seen, str(crews[1].kickoff().raw)


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
