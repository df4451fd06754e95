"""`create_agent`: sync, async, streaming, parallel tools, structured output, batch."""

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel

TURNS = ["agent calc", "  llm scripted-1", "  tool add", "  llm scripted-1"]


@pytest.fixture
def calc(scripted: Any, say: Any, add: Any) -> Any:
    model = scripted(say("", ("add", {"a": 1, "b": 2}, "c1")), say("3"))
    return create_agent(model, [add], system_prompt="Add.", name="calc")


def test_a_sync_run_is_one_session_with_its_calls(calc: Any, handler: Any, outline: Any, tokens: Any) -> None:
    result = calc.invoke({"messages": [("user", "1+2")]}, {"callbacks": [handler]})
    assert result["messages"][-1].content == "3"
    (session,) = handler.sessions()
    tree = session.tree()
    assert outline(tree) == TURNS
    assert tokens(tree) == (200, 80, 20)
    assert tree.ended is not None
    assert (tree.ended.status, tree.ended.lost) == ("ok", 0)
    assert (tree.started.framework, tree.started.agent) == ("langchain", "calc")


async def _run(agent: Any, handler: Any) -> Any:
    return await agent.ainvoke({"messages": [("user", "1+2")]}, {"callbacks": [handler]})


def test_an_async_run_looks_the_same(calc: Any, handler: Any, outline: Any, tokens: Any) -> None:
    import asyncio

    asyncio.run(_run(calc, handler))
    tree = handler.sessions()[0].tree()
    assert outline(tree) == TURNS
    assert tokens(tree) == (200, 80, 20)


def test_a_prompt_holds_what_the_model_was_sent_and_answers_are_stored_once(
    calc: Any, handler: Any, texts: Any
) -> None:
    calc.invoke({"messages": [("user", "1+2")]}, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    prompts = {span.id: ids for span, ids in tree.inputs() if span.kind == "llm"}
    second = texts(tree, prompts[4])
    assert (second[0], second[1], second[3]) == ("Add.", "1+2", "3")
    asked = tree.span(2).output
    assert prompts[4][2] == asked[0]  # the answer came back as the same content
    assert prompts[4][3] == tree.span(3).output[0]
    assert tree.contents[asked[0]].body["tool_calls"] == [{"id": "c1", "name": "add", "args": {"a": 1, "b": 2}}]
    assert tree.span(3).tool_call == "c1"
    assert tree.contents[tree.span(3).output[0]].tool_call == "c1"
    assert tree.span(1).output == tree.span(4).output


def test_the_request_names_model_provider_and_tools(calc: Any, handler: Any) -> None:
    calc.invoke({"messages": [("user", "1+2")]}, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    first, second = (span for span in tree.spans if span.kind == "llm")
    assert first.request is not None
    assert second.request is not None
    assert (first.request.model, first.request.provider, first.request.attempt) == ("scripted-1", "scripted", 1)
    assert tree.contents[str(first.request.tools)].body == [{"type": "function", "name": "add"}]
    assert first.request.tools == second.request.tools
    assert first.response is not None
    assert (first.response.model, first.response.finish) == ("scripted-1-dated", ("stop",))


def test_parallel_tool_calls_are_siblings(scripted: Any, say: Any, add: Any, handler: Any, outline: Any) -> None:
    calls = [("add", {"a": n, "b": n}, f"c{n}") for n in range(5)]
    agent = create_agent(scripted(say("", *calls), say("done")), [add])
    agent.invoke({"messages": [("user", "go")]}, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent", "  llm scripted-1", *["  tool add"] * 5, "  llm scripted-1"]
    assert {span.tool_call for span in tree.spans if span.kind == "tool"} == {f"c{n}" for n in range(5)}


@pytest.mark.parametrize("mode", ["updates", "messages"])
def test_a_streamed_agent_has_its_usage_and_answers(
    mode: str, streaming: Any, say: Any, add: Any, handler: Any, outline: Any, tokens: Any
) -> None:
    model = streaming(say("", ("add", {"a": 1, "b": 2}, "c1")), say("the sum is three"))
    agent = create_agent(model, [add], name="calc")
    for _ in agent.stream({"messages": [("user", "1+2")]}, {"callbacks": [handler]}, stream_mode=mode):
        pass
    tree = handler.sessions()[0].tree()
    assert outline(tree) == TURNS
    assert tokens(tree) == (200, 80, 20)
    last = tree.spans[-1]
    assert last.response is not None
    assert (last.response.first_token_ns is not None) == (mode == "messages")
    prompts = {span.id: ids for span, ids in tree.inputs() if span.kind == "llm"}
    assert tree.span(2).output[0] in prompts[4]


def test_new_style_stream_events_tell_the_first_token(streaming: Any, say: Any, handler: Any, tokens: Any) -> None:
    model = streaming(say("one two three"))
    stream = model.stream_events("hi", version="v3", config={"callbacks": [handler]})
    for _ in stream:
        pass
    tree = handler.sessions()[0].tree()
    assert tree.spans[0].response is not None
    assert tree.spans[0].response.first_token_ns is not None
    assert tokens(tree) == (100, 40, 10)


class Answer(BaseModel):
    x: int


def test_structured_output_is_no_tool_and_each_retry_is_a_call(
    scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    wrong, right = say("", ("Answer", {"x": "no"}, "s1")), say("", ("Answer", {"x": 4}, "s2"))
    agent = create_agent(scripted(wrong, right), [], response_format=Answer)
    result = agent.invoke({"messages": [("user", "go")]}, {"callbacks": [handler]})
    assert result["structured_response"] == Answer(x=4)
    assert outline(handler.sessions()[0].tree()) == ["agent agent", "  llm scripted-1", "  llm scripted-1"]


def test_a_chain_is_a_chain_span_with_its_model_call(
    scripted: Any, say: Any, handler: Any, outline: Any, texts: Any
) -> None:
    chain = ChatPromptTemplate.from_messages([("system", "S"), ("user", "{q}")]) | scripted(say("hello"))
    chain.invoke({"q": "hi"}, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["chain RunnableSequence", "  llm scripted-1"]
    ((_, root_input), (_, prompt)) = tree.inputs()
    assert texts(tree, root_input) == [{"q": "hi"}]
    assert texts(tree, prompt) == ["S", "hi"]
    assert texts(tree, tree.span(1).output) == ["hello"]


def test_each_element_of_a_batch_is_a_session(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    model = scripted(say("a"), say("b"), say("c"))
    model.batch(["1", "2", "3"], {"callbacks": [handler]})
    trees = [session.tree() for session in handler.sessions()]
    assert [outline(tree) for tree in trees] == [["llm scripted-1"]] * 3


def test_a_batch_in_a_trace_is_one_session(scripted: Any, say: Any, handler: Any, outline: Any, tokens: Any) -> None:
    from clawtrace_langchain import trace

    with trace(handler._store) as session:
        scripted(say("a"), say("b"), say("c")).batch(["1", "2", "3"])
    assert outline(session.tree()) == ["llm scripted-1"] * 3
    assert tokens(session.tree()) == (300, 120, 30)


def test_a_message_changed_in_place_is_a_new_content(scripted: Any, say: Any, handler: Any, texts: Any) -> None:
    from clawtrace_langchain import trace

    message = AIMessage(content=[{"type": "text", "text": "before"}, {"type": "text", "text": "same"}])
    model = scripted(say("a"), say("b"), say("c"))
    with trace(handler._store) as session:
        model.invoke([message])
        model.invoke([message])
        message.content[0]["text"] = "after"  # type: ignore[index]
        model.invoke([message])
    tree = session.tree()
    first, second, third = (ids for _, ids in tree.inputs())
    assert first == second
    assert first != third
    assert texts(tree, third)[0]["parts"][0]["text"] == "after"


def test_calls_put_in_place_of_a_messages_own_are_a_new_content(scripted: Any, say: Any, handler: Any) -> None:
    from clawtrace_langchain import trace

    message = say("", ("add", {"a": 1}, "c1"))
    model = scripted(say("a"), say("b"))
    with trace(handler._store) as session:
        model.invoke(["go", message])
        message.tool_calls = [{**message.tool_calls[0], "args": {"a": 2}}]
        model.invoke(["go", message])
    tree = session.tree()
    asked = [tree.contents[ids[1]].body["tool_calls"][0]["args"] for _, ids in tree.inputs()]
    assert asked == [{"a": 1}, {"a": 2}]
