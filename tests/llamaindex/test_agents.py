"""Agents of every kind: each call once, below what made it, with the tokens the provider told."""

from typing import Any

import pytest
from llama_index.core.agent.workflow import AgentWorkflow, CodeActAgent, FunctionAgent, ReActAgent
from llama_index.core.tools import FunctionTool

BOTH = pytest.mark.parametrize("streaming", [True, False])


@pytest.fixture
def run() -> Any:
    import asyncio

    async def go(agent: Any, asked: Any) -> str:
        return str(await agent.run(**asked))

    return lambda agent, **asked: asyncio.run(go(agent, asked or {"user_msg": "1+2"}))


@BOTH
def test_an_agent_is_its_model_calls_and_its_tools(
    streaming: bool, scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any, tokens: Any, texts: Any
) -> None:
    model = scripted(say("let me see", ("add", {"a": 1, "b": 2}, "call_1")), say("3"))
    agent = FunctionAgent(name="calc", llm=model, tools=[add], system_prompt="Add. {braces}", streaming=streaming)
    assert run(agent) == "3"
    (session,) = handler.sessions()
    tree = session.tree()
    assert outline(tree) == ["agent calc", "  llm scripted-1", "  tool add", "  llm scripted-1"]
    assert tokens(tree) == (200, 80, 20)
    agent_span, call, tool, answer = tree.spans
    assert (tree.started.framework, tree.started.agent, tree.ended.status) == ("llamaindex", "calc", "ok")
    first, second = (texts(tree, ids) for span, ids in tree.inputs() if span.kind == "llm")
    heard = [[message.content for message in prompt] for prompt in model.heard]
    assert [first, second] == heard
    assert (first[0], first[-1], second[-2:]) == ("Add. {braces}", "1+2", ["let me see", "3"])
    assert texts(tree, agent_span.output) == ["3"] == texts(tree, answer.output)
    assert tool.tool_call == "call_1"
    assert tree.contents[tool.input.add[0]].body == {"a": 1, "b": 2}
    second_ids = next(ids for span, ids in tree.inputs() if span.id == answer.id)
    assert second_ids[-2:] == (call.output[0], tool.output[0])  # what was said comes back as the same contents
    streams = streaming or "streaming" not in FunctionAgent.model_fields  # older agents always stream
    assert call.request.streaming is streams
    assert (call.response.first_token_ns is not None) is streams
    assert (call.response.model, call.response.finish, call.response.id) == (
        "scripted-1-dated",
        ("stop",),
        "response-1",
    )
    assert tree.contents[call.request.tools].body[0]["function"]["name"] == "add"


def test_parallel_tools_errors_and_unknown_tools_are_told_apart(
    scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any
) -> None:
    def boom(x: int) -> int:
        """Fail."""
        raise ValueError(f"bad {x}")

    async def slow(n: int) -> str:
        """Take a while."""
        return f"slow {n}"

    calls = [
        ("slow", {"n": 1}, "c1"),
        ("boom", {"x": 7}, "c2"),
        ("nosuch", {"y": 1}, "c3"),
        ("add", {"a": 1, "b": 1}, "c4"),
    ]
    agent = FunctionAgent(name="p", llm=scripted(say("", *calls), say("done")), tools=[add, boom, slow])
    assert run(agent) == "done"
    tree = handler.sessions()[0].tree()
    tools = {span.name: span for span in tree.spans if span.kind == "tool"}
    assert sorted(tools) == ["add", "boom", "nosuch", "slow"]
    assert [tools[name].status for name in ("add", "boom", "nosuch", "slow")] == ["ok", "error", "error", "ok"]
    assert (tools["boom"].failure.type, tools["boom"].failure.message) == ("ValueError", "bad 7")
    assert "not found" in tools["nosuch"].failure.message
    assert {span.parent for span in tools.values()} == {1}


@BOTH
def test_a_react_agent_is_its_calls_and_its_tools(
    streaming: bool, scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    asks = 'Thought: I need a tool.\nAction: add\nAction Input: {"a": 1, "b": 2}'
    model = scripted(say(asks), say("Thought: I can answer.\nAnswer: 3"))
    agent = ReActAgent(name="re", llm=model, tools=[FunctionTool.from_defaults(add)], streaming=streaming)
    assert run(agent) == "3"
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent re", "  llm scripted-1", "  tool add", "  llm scripted-1"]
    assert tokens(tree) == (200, 80, 20)


@BOTH
def test_a_codeact_agent_is_its_calls_and_its_code(
    streaming: bool, scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any
) -> None:
    model = scripted(say("<execute>\nprint(add(1, 2))\n</execute>"), say("It is 3."))
    ran: list[str] = []

    def execute(code: str) -> str:
        ran.append(code)
        return "3"

    more = {"streaming": streaming} if "streaming" in CodeActAgent.model_fields else {}  # older ones always stream
    agent = CodeActAgent(name="coder", code_execute_fn=execute, llm=model, tools=[add], **more)
    assert "3" in run(agent)
    assert ran
    assert outline(handler.sessions()[0].tree()) == [
        "agent coder",
        "  llm scripted-1",
        "  tool execute",
        "  llm scripted-1",
    ]


def _team(scripted: Any, writer: list[Any], reviewer: list[Any], tools: list[Any]) -> AgentWorkflow:
    first = FunctionAgent(name="writer", description="Writes.", llm=scripted(*writer), tools=tools)
    second = FunctionAgent(name="reviewer", description="Reviews.", llm=scripted(*reviewer), tools=[])
    return AgentWorkflow(agents=[first, second], root_agent="writer")


def test_a_hand_off_begins_the_turn_of_another_agent(
    scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any, texts: Any
) -> None:
    hand = ("handoff", {"to_agent": "reviewer", "reason": "look at it"}, "c2")
    team = _team(scripted, [say("", ("add", {"a": 1, "b": 2}, "c1")), say("", hand)], [say("fine")], [add])
    assert run(team) == "fine"
    tree = handler.sessions()[0].tree()
    assert outline(tree) == [
        "agent AgentWorkflow",
        "  agent writer",
        "    llm scripted-1",
        "    tool add",
        "    llm scripted-1",
        "    tool handoff",
        "  agent reviewer",
        "    llm scripted-1",
    ]
    (note,) = tree.spans[0].notes
    assert (note.name, dict(note.attributes)) == ("handoff", {"from": "writer", "to": "reviewer"})
    assert texts(tree, tree.spans[6].output) == ["fine"]


def test_a_refused_hand_off_changes_nothing(
    scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any
) -> None:
    hand = ("handoff", {"to_agent": "nobody", "reason": "x"}, "c1")
    team = _team(scripted, [say("", hand), say("mine then")], [], [add])
    assert run(team) == "mine then"
    assert outline(handler.sessions()[0].tree()) == [
        "agent AgentWorkflow",
        "  agent writer",
        "    llm scripted-1",
        "    tool handoff",
        "    llm scripted-1",
    ]


def test_a_workflow_of_one_agent_has_no_turns(scripted: Any, say: Any, run: Any, handler: Any, outline: Any) -> None:
    only = FunctionAgent(name="only", description="All.", llm=scripted(say("hi")), tools=[])
    assert run(AgentWorkflow(agents=[only])) == "hi"
    assert outline(handler.sessions()[0].tree()) == ["agent AgentWorkflow", "  llm scripted-1"]


def test_a_sub_agent_in_a_tool_is_below_that_tool_also_in_parallel_and_nested(
    scripted: Any, say: Any, add: Any, run: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    deepest = FunctionAgent(name="deepest", llm=scripted(say("deep a"), say("deep b")), tools=[])

    async def dig(q: str) -> str:
        """Dig."""
        return str(await deepest.run(q))

    async def research(q: str) -> str:
        """Look it up."""
        inner = FunctionAgent(
            name="researcher", llm=scripted(say("", ("dig", {"q": q}, f"d-{q}")), say(q)), tools=[dig]
        )
        return str(await inner.run(q))

    asks = say("", ("research", {"q": "a"}, "c1"), ("research", {"q": "b"}, "c2"))
    boss = FunctionAgent(name="boss", llm=scripted(asks, say("done")), tools=[research])
    assert run(boss) == "done"
    tree = handler.sessions()[0].tree()
    inside = [
        "  tool research",
        "    agent researcher",
        "      llm scripted-1",
        "      tool dig",
        "        agent deepest",
        "          llm scripted-1",
        "      llm scripted-1",
    ]
    assert outline(tree) == ["agent boss", "  llm scripted-1", *inside, *inside, "  llm scripted-1"]
    assert tokens(tree) == (800, 320, 80)


def test_two_hundred_calls_in_one_run_stay_whole(
    scripted: Any, say: Any, add: Any, run: Any, handler: Any, tokens: Any
) -> None:
    turns = [say("", ("add", {"a": n, "b": 1}, f"c{n}")) for n in range(100)]
    agent = FunctionAgent(name="long", llm=scripted(*turns, say("end")), tools=[add])
    assert run(agent, user_msg="go", max_iterations=300) == "end"
    (session,) = handler.sessions()
    tree = session.tree()
    assert len(tree.spans) == 202
    assert tokens(tree) == (10100, 4040, 1010)
    assert session.recorder.lost == 0
    assert len(handler._ears.nodes) == 0
