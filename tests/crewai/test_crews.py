"""Crews of every shape leave the tree that ran, with what the provider counted, once."""

import asyncio
from typing import Any

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
    assert outline(session) == [
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
    assert tokens(session) == provider.total == (3000, 150)
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
    assert outline(session) == ["agent Solo", "  llm llm", "agent Second", "  llm llm"]
    assert len(provider.asked) == 2
