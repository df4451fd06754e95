"""Agents below agents: as tools, as deepagents tasks, as nodes, handed over to; parents LangChain lost."""

from typing import Annotated, Any, TypedDict

import pytest
from deepagents import create_deep_agent
from langchain.agents import create_agent
from langchain_core.tools import tool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command

GO = {"messages": [("user", "go")]}


class State(TypedDict):
    messages: Annotated[list[Any], add_messages]


def _asking(agent: Any) -> Any:
    @tool
    def ask(q: str) -> str:
        """Ask another agent."""
        return str(agent.invoke({"messages": [("user", q)]})["messages"][-1].content)

    return ask


@pytest.mark.parametrize("name", ["researcher", None])
def test_an_agent_as_a_tool_is_a_subtree_of_the_tool_call(
    name: str | None, scripted: Any, say: Any, add: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    inner = create_agent(scripted(say("", ("add", {"a": 1, "b": 1}, "s1")), say("2"), model="small"), [add], name=name)
    boss = create_agent(scripted(say("", ("ask", {"q": "1+1"}, "c1")), say("done")), [_asking(inner)], name="boss")
    boss.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == [
        "agent boss",
        "  llm scripted-1",
        "  tool ask",
        f"    agent {name or 'agent'}",
        "      llm small",
        "      tool add",
        "      llm small",
        "  llm scripted-1",
    ]
    assert tokens(tree) == (400, 160, 40)


def test_an_agent_as_a_tool_in_an_async_run(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    import asyncio

    inner = create_agent(scripted(say("2"), model="small"), [], name="researcher")

    @tool
    async def ask(q: str) -> str:
        """Ask another agent."""
        return str((await inner.ainvoke({"messages": [("user", q)]}))["messages"][-1].content)

    calls = [("ask", {"q": str(n)}, f"c{n}") for n in range(1)]
    boss = create_agent(scripted(say("", *calls), say("done")), [ask], name="boss")
    asyncio.run(boss.ainvoke(GO, {"callbacks": [handler]}))
    assert outline(handler.sessions()[0].tree()) == [
        "agent boss",
        "  llm scripted-1",
        "  tool ask",
        "    agent researcher",
        "      llm small",
        "  llm scripted-1",
    ]


def test_deepagents_tasks_in_parallel_are_subtrees_of_their_own(
    scripted: Any, say: Any, add: Any, handler: Any, outline: Any, tokens: Any, texts: Any
) -> None:
    def answer(messages: Any) -> Any:
        return say(f"found {messages[-1].content}")

    tasks = [
        ("task", {"description": f"find {what}", "subagent_type": "researcher"}, f"t-{what}") for what in ("a", "b")
    ]
    researcher = {
        "name": "researcher",
        "description": "Finds things.",
        "system_prompt": "Find.",
        "model": scripted(answer, answer, model="small"),
    }
    deep = create_deep_agent(
        model=scripted(say("", *tasks), say("done")), tools=[add], subagents=[researcher], name="deep"
    )
    deep.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    spawn = ["  tool task", "    agent researcher", "      llm small"]
    assert outline(tree) == ["agent deep", "  llm scripted-1", *spawn, *spawn, "  llm scripted-1"]
    joined = {span.tool_call: texts(tree, span.output) for span in tree.spans if span.name == "task"}
    assert joined == {"t-a": ["found find a"], "t-b": ["found find b"]}
    assert tokens(tree) == (400, 160, 40)


def test_a_failing_subagent_is_an_error_at_every_level(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    inner = create_agent(scripted(RuntimeError("500"), model="small"), [], name="researcher")
    boss = create_agent(scripted(say("", ("ask", {"q": "1+1"}, "c1"))), [_asking(inner)], name="boss")
    with pytest.raises(RuntimeError, match="500"):
        boss.invoke(GO, {"callbacks": [handler]})
    assert outline(handler.sessions()[0].tree()) == [
        "agent boss error",
        "  llm scripted-1",
        "  tool ask error",
        "    agent researcher error",
        "      llm small error",
    ]


def test_a_graph_as_a_node_is_an_agent_of_its_own(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    inner = create_agent(scripted(say("found")), [], name="researcher")
    graph = StateGraph(State).add_node("research", inner).add_edge(START, "research").add_edge("research", END)
    graph.compile(name="outer").invoke({"messages": [("user", "go")]}, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent outer", "  agent researcher", "    llm scripted-1"]


def test_a_handover_is_no_error(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    @tool
    def handoff() -> Any:
        """Hand over to bob."""
        return Command(goto="bob", graph=Command.PARENT, update={"messages": [("user", "yours")]})

    alice = create_agent(scripted(say("", ("handoff", {}, "h1"))), [handoff], name="alice")
    bob = create_agent(scripted(say("mine")), [], name="bob")
    graph = StateGraph(State).add_node("alice", alice, destinations=("bob",)).add_node("bob", bob)
    graph.add_edge(START, "alice").compile(name="swarm").invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == [
        "agent swarm",
        "  agent alice",
        "    llm scripted-1",
        "    tool handoff",
        "  agent bob",
        "    llm scripted-1",
    ]


def test_a_call_that_drops_the_callbacks_keeps_its_place_inside_a_trace(
    scripted: Any, say: Any, tmp_path: Any, outline: Any
) -> None:
    from clawtrace_langchain import trace

    small = scripted(say("short"), model="small")

    @tool
    def summarise(text: str) -> str:
        """Summarise."""
        return str(small.invoke(text, {"callbacks": []}).content)

    agent = create_agent(scripted(say("", ("summarise", {"text": "x"}, "c1")), say("done")), [summarise], name="boss")
    with trace(tmp_path) as session:
        agent.invoke(GO)
    assert outline(session.tree()) == [
        "agent boss",
        "  llm scripted-1",
        "  tool summarise",
        "    llm small",
        "  llm scripted-1",
    ]
