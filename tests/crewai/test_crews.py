"""Crews of every shape leave the tree that ran, with what the provider counted, once."""

import asyncio
from typing import Any

import pytest

from clawtrace_crewai import trace


def asks_once(asked: Any, _number: int) -> Any:
    """Search, then answer."""
    answered = any(message["role"] == "tool" for message in asked["messages"])
    return "done" if answered or not asked.get("tools") else [("search", {"q": "cats"})]


def test_a_sequential_crew_leaves_its_tasks_agents_calls_and_tools(
    provider: Any, agent: Any, crew: Any, search: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    provider.script = asks_once
    team = crew(agent("Researcher", tools=[search]), agent("Writer"))
    with trace(tmp_path, task="cats") as session:
        team.kickoff()
    assert outline(session.tree()) == [
        "chain team",
        "  chain T1",
        "    agent Researcher",
        "      llm llm",
        "      tool search",
        "      llm llm",
        "  chain T2",
        "    agent Writer",
        "      llm llm",
    ]
    assert tokens(session.tree()) == provider.total == (3000, 1800, 150)
    first, tool, second, _ = [span for span in session.tree().spans if span.kind in ("llm", "tool")]
    assert first.request.model == "gpt-x"
    assert first.request.provider == "openai"
    assert first.request.host == "127.0.0.1"
    assert first.response.finish == ("tool_calls",)
    assert first.response.usage.cache_read == 600
    assert first.response.usage.reasoning == 20
    assert tool.tool_call == "call_1_0"
    contents = session.tree().contents
    assert contents[tool.output[0]].body == {"role": "tool", "text": "found cats", "tool_call_id": "call_1_0"}
    assert tool.output[0] in next(ids for span, ids in session.tree().inputs() if span.id == second.id)
    card = session.card().to_yaml()
    assert "secret-key" not in card
    assert session.card().to_yaml() == card


def test_one_agent_alone_is_a_session_of_its_own_shape(provider: Any, agent: Any, outline: Any, tmp_path: Any) -> None:
    with trace(tmp_path) as session:
        agent("Solo").kickoff("hello")
        asyncio.run(agent("Second").kickoff_async("hello"))
    assert outline(session.tree()) == ["agent Solo", "  llm llm", "agent Second", "  llm llm"]
    assert len(provider.asked) == 2


def test_a_manager_delegates_and_the_worker_is_a_spawn(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    from crewai import Process, Task

    def script(asked: Any, _number: int) -> Any:
        if "Crew Manager" not in asked["messages"][0]["content"]:
            return "AX-1182 is late" if "Researcher" in asked["messages"][0]["content"] else "BQ-2093 is early"
        if any(message["role"] == "tool" for message in asked["messages"]):
            return "AX-1182 after BQ-2093"
        work = {"task": "look", "context": "all of it"}
        return [("delegate_work_to_coworker", {**work, "coworker": name}) for name in ("Researcher", "Writer")]

    provider.script = script
    task = Task(description="top", expected_output="x", name="Top")
    team = crew(agent("Researcher"), agent("Writer"), tasks=[task], process=Process.hierarchical, manager_llm=llm())
    with trace(tmp_path) as session:
        team.kickoff()
    shown = outline(session.tree())
    assert shown[:5] == [
        "chain team",
        "  chain Top",
        "    agent Crew Manager",
        "      llm llm",
        "      tool delegate_work_to_coworker",
    ]
    assert sorted(shown[5:7] + shown[8:10]) == sorted(
        ["        agent Researcher", "          llm llm", "        agent Writer", "          llm llm"]
    )
    assert shown[-1] == "      llm llm"
    assert tokens(session.tree()) == provider.total == (4000, 2400, 200)
    card = session.card()
    assert sorted(line.name for line in card.agents) == ["Researcher", "Writer"]
    assert all(line.used for line in card.agents)


def test_tools_called_in_parallel_keep_their_ids_and_a_failure_is_told(
    provider: Any, agent: Any, crew: Any, search: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    from crewai.tools import tool

    @tool("broken")
    def broken(q: str) -> str:
        """Fail."""
        raise ValueError(f"no {q}")

    turns = [
        [("search", {"q": "b"}), ("search", {"q": "a"})],
        [("broken", {"q": "c"})],
        [("nowhere", {"q": "d"})],
        [("search", "{not json")],
        [("search", {"wrong": 1})],
        "done",
    ]
    provider.script = lambda _asked, number: turns[number - 1]
    with trace(tmp_path) as session:
        crew(agent("Worker", tools=[search, broken])).kickoff()
    spans = [span for span in session.tree().spans if span.kind == "tool"]
    told = {span.tool_call: (span.name, span.status) for span in spans}
    assert told == {
        "call_1_0": ("search", "ok"),
        "call_1_1": ("search", "ok"),
        "call_2_0": ("broken", "error"),
        "call_3_0": ("nowhere", "error"),
        "call_4_0": ("search", "error"),
        "call_5_0": ("search", "error"),
    }
    contents = session.tree().contents
    first = next(span for span in spans if span.tool_call == "call_1_0")
    assert contents[first.output[0]].body["text"] == "found b"
    assert next(span for span in spans if span.name == "broken").failure.message == "no c"
    assert tokens(session.tree()) == provider.total == (6000, 3600, 300)


def test_refused_calls_are_told_once_and_what_follows_stays_with_its_agent(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, tokens: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    pytest.importorskip("crewai.llms.retry", reason="this CrewAI does not try again by itself")
    import crewai.llms.retry

    monkeypatch.setattr(crewai.llms.retry.time, "sleep", lambda _seconds: None)
    refused = (429, {"error": {"message": "slow down", "type": "rate_limit"}})
    provider.script = lambda _asked, number: refused if number <= 2 else "done"
    with trace(tmp_path) as session:
        crew(agent("Worker", llm=llm(max_retries=0))).kickoff()
    assert outline(session.tree()) == [
        "chain team",
        "  chain T1",
        "    agent Worker",
        "      llm llm error",
        "      llm llm error",
        "      llm llm",
    ]
    assert tokens(session.tree()) == provider.total == (1000, 600, 50)
    calls = [span for span in session.tree().spans if span.kind == "llm"]
    assert [span.request.attempt for span in calls] == [1, 2, 3]


def test_a_flow_with_crews_and_bare_calls_is_one_session(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    from crewai.flow import Flow, listen, start

    class Report(Flow):
        @start()
        def gather(self) -> str:
            return str(crew(agent("Inner")).kickoff().raw)

        @listen(gather)
        async def write(self, _text: str) -> str:
            await crew(agent("Later"), name="second").kickoff_async()
            return str(llm().call("direct"))

    with trace(tmp_path) as session:
        Report().kickoff()
    assert outline(session.tree()) == [
        "chain Report",
        "  chain gather",
        "    chain team",
        "      chain T1",
        "        agent Inner",
        "          llm llm",
        "  chain write",
        "    chain second",
        "      chain T1",
        "        agent Later",
        "          llm llm",
        "    llm llm",
    ]
    assert tokens(session.tree()) == provider.total == (3000, 1800, 150)


def test_guardrails_structured_output_and_streaming_are_counted_once(
    provider: Any, agent: Any, crew: Any, llm: Any, search: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    from crewai import Task
    from pydantic import BaseModel

    class Number(BaseModel):
        x: int

    said = ["bad", "good now", [("search", {"q": "a"})], "the number is 3", '{"x": 3}', '{"x": 3}']
    provider.script = lambda _asked, number: said[number - 1]
    worker, streamer = agent("Worker", tools=[search]), agent("Streamer", llm=llm(stream=True))
    tasks = [
        Task(
            description="say good",
            expected_output="x",
            agent=streamer,
            name="Guarded",
            guardrail=lambda out: (out.raw.startswith("good"), out.raw),
        ),
        Task(description="count", expected_output="x", agent=worker, name="Typed", output_pydantic=Number),
    ]
    with trace(tmp_path) as session:
        crew(worker, streamer, tasks=tasks).kickoff()
    assert tokens(session.tree()) == provider.total
    calls = [span for span in session.tree().spans if span.kind == "llm"]
    assert len(calls) == len(provider.asked)
    assert calls[0].request.streaming
    assert calls[0].response.first_token_ns is not None
    assert [line.strip() for line in outline(session.tree()) if "guardrail" in line]


def test_a_crew_inside_a_tool_stands_below_it(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    from crewai.tools import tool

    @tool("ask")
    def ask(q: str) -> str:
        """Ask others."""
        crew(agent("Inner"), name="inner").kickoff()
        agent("Alone").kickoff(q)
        return str(llm().call(q))

    def script(asked: Any, _number: int) -> Any:
        answered = any(message["role"] == "tool" for message in asked["messages"])
        return [("ask", {"q": "?"})] if asked.get("tools") and not answered else "done"

    provider.script = script
    with trace(tmp_path) as session:
        crew(agent("Outer", tools=[ask])).kickoff()
    assert outline(session.tree())[3:] == [
        "      llm llm",
        "      tool ask",
        "        chain inner",
        "          chain T1",
        "            agent Inner",
        "              llm llm",
        "        agent Alone",
        "          llm llm",
        "        llm llm",
        "      llm llm",
    ]
    assert tokens(session.tree()) == provider.total == (5000, 3000, 250)
