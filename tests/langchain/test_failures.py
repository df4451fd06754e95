"""Tool errors, retries, fallbacks, cache hits, interrupts, cancellation, abandoned streams."""

import asyncio
import threading
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware, ModelRetryMiddleware, wrap_tool_call
from langchain_core.caches import InMemoryCache
from langchain_core.messages import ToolMessage
from langchain_core.tools import ToolException, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt

GO = {"messages": [("user", "go")]}


@tool
def broken(x: int) -> str:
    """Break."""
    raise ValueError(f"broke on {x}")


def test_an_unhandled_tool_error_is_kept_and_raised_unchanged(
    scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    agent = create_agent(scripted(say("", ("broken", {"x": 1}, "c1"))), [broken])
    with pytest.raises(ValueError, match="broke on 1"):
        agent.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent error", "  llm scripted-1", "  tool broken error"]
    failure = tree.spans[-1].failure
    assert failure is not None
    assert (failure.type, failure.message) == ("ValueError", "broke on 1")
    assert tree.ended is not None
    assert tree.ended.status == "error"


def test_an_exception_that_cannot_say_itself_still_ends_its_call(scripted: Any, handler: Any, outline: Any) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    with pytest.raises(Mute):
        scripted(Mute()).invoke("q", config={"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["llm scripted-1 error"]
    assert tree.spans[0].failure.message == "<its text raised RuntimeError>"


def test_an_error_a_tool_tells_the_model_is_an_error(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    @tool
    def picky() -> str:
        """Refuse."""
        raise ToolException("not today")

    picky.handle_tool_error = True
    agent = create_agent(scripted(say("", ("picky", {}, "c1")), say("done")), [picky])
    agent.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent", "  llm scripted-1", "  tool picky error", "  llm scripted-1"]
    assert tree.spans[2].failure is not None
    assert tree.spans[2].failure.message == "not today"


def test_bad_arguments_are_an_error(scripted: Any, say: Any, add: Any, handler: Any, outline: Any) -> None:
    agent = create_agent(scripted(say("", ("add", {"a": "x"}, "c1")), say("done")), [add])
    agent.invoke(GO, {"callbacks": [handler]})
    assert "  tool add error" in outline(handler.sessions()[0].tree())


def test_a_tool_that_does_not_exist_is_a_synthesised_failed_call(
    scripted: Any, say: Any, add: Any, handler: Any, outline: Any, texts: Any
) -> None:
    agent = create_agent(scripted(say("", ("nope", {"q": 1}, "c1")), say("done")), [add])
    agent.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent", "  llm scripted-1", "  tool nope error", "  llm scripted-1"]
    span = tree.spans[2]
    assert span.attributes["synthesised"] is True
    assert (span.tool_call, texts(tree, span.input.add)) == ("c1", [{"q": 1}])
    assert "not a valid tool" in texts(tree, span.output)[0]


def test_an_answer_of_a_middleware_is_a_synthesised_call(
    scripted: Any, say: Any, add: Any, handler: Any, outline: Any
) -> None:
    @wrap_tool_call
    def remembers(request: Any, _: Any) -> ToolMessage:
        return ToolMessage("7", tool_call_id=request.tool_call["id"])

    agent = create_agent(scripted(say("", ("add", {"a": 3, "b": 4}, "c1")), say("7")), [add], middleware=[remembers])
    agent.invoke(GO, {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent", "  llm scripted-1", "  tool add", "  llm scripted-1"]
    assert tree.spans[2].attributes["synthesised"] is True


def test_an_answer_first_seen_in_a_later_prompt_is_a_synthesised_call(
    scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    from clawtrace_langchain import trace

    model = scripted(say("", ("look", {"q": 1}, "c1")), say("done"))
    with trace(handler._store) as session:  # a loop written by hand: no tool run at all
        asked = model.invoke("go")
        model.invoke(["go", asked, ToolMessage("found", tool_call_id="c1")])
    assert outline(session.tree()) == ["llm scripted-1", "tool look", "llm scripted-1"]


def test_each_attempt_of_a_retry_is_a_call(scripted: Any, say: Any, handler: Any, outline: Any, tokens: Any) -> None:
    model = scripted(RuntimeError("429"), RuntimeError("429"), say("ok")).with_retry(
        wait_exponential_jitter=False, stop_after_attempt=3
    )
    model.invoke("hi", {"callbacks": [handler]})
    tree = handler.sessions()[0].tree()
    calls = ["  llm scripted-1 error", "  llm scripted-1 error", "  llm scripted-1"]
    assert outline(tree) == ["chain Scripted", *calls]
    assert [span.request.attempt for span in tree.spans if span.request is not None] == [1, 2, 3]
    assert tokens(tree) == (100, 40, 10)


def test_a_retrying_middleware_shows_each_call(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    model = scripted(RuntimeError("429"), say("ok"))
    agent = create_agent(model, [], middleware=[ModelRetryMiddleware(max_retries=2, initial_delay=0)])
    agent.invoke(GO, {"callbacks": [handler]})
    assert outline(handler.sessions()[0].tree()) == ["agent agent", "  llm scripted-1 error", "  llm scripted-1"]


@pytest.mark.parametrize("within", ["alone", "a chain"])
def test_fallbacks_stay_in_one_session(within: str, scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    from langchain_core.runnables import RunnableLambda

    model: Any = scripted(RuntimeError("500")).with_fallbacks([scripted(say("ok"), model="spare")])
    chain = model if within == "alone" else RunnableLambda(lambda text: text) | model
    chain.invoke("hi", {"callbacks": [handler]})
    (session,) = handler.sessions()
    tree = session.tree()
    assert outline(tree)[1:] == ["  llm scripted-1 error", "  llm spare"]


def test_a_cache_hit_is_marked_and_the_paid_call_is_not(scripted: Any, say: Any, handler: Any, tokens: Any) -> None:
    from clawtrace_langchain import trace

    model = scripted(say("once"), cache=InMemoryCache())
    with trace(handler._store) as session:
        assert model.invoke("hi").content == model.invoke("hi").content
    tree = session.tree()
    assert [span.response.cached for span in tree.spans if span.response is not None] == [False, True]
    assert tokens(tree) == (100, 40, 10)


@tool
def danger(x: int) -> str:
    """Ask a person first."""
    return f"person said {interrupt({'q': x})}"


def test_an_interrupt_is_a_pause_and_a_resume_names_the_session_before(
    scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    model = scripted(say("", ("danger", {"x": 1}, "c1")), say("done"))
    agent = create_agent(model, [danger], checkpointer=InMemorySaver())
    config = {"callbacks": [handler], "configurable": {"thread_id": "t1"}}
    agent.invoke(GO, config)
    agent.invoke(Command(resume="yes"), config)
    before, after = (session.tree() for session in handler.sessions())
    assert outline(before) == ["agent agent paused", "  llm scripted-1", "  tool danger paused"]
    assert before.ended is not None
    assert before.ended.status == "paused"
    assert not [span for span in before.spans if span.failure]
    assert outline(after) == ["agent agent", "  tool danger", "  llm scripted-1"]
    assert after.started.attributes["resumes"] == before.id


def person_decides(model: Any, tool: Any, handler: Any, decision: dict[str, Any]) -> None:
    """Run an agent until a person is asked about the tool, and then on with what they decide."""
    asks = HumanInTheLoopMiddleware(interrupt_on={tool.name: True})
    agent = create_agent(model, [tool], middleware=[asks], checkpointer=InMemorySaver())
    config = {"callbacks": [handler], "configurable": {"thread_id": "t1"}}
    agent.invoke(GO, config)
    agent.invoke(Command(resume={"decisions": [decision]}), config)


def test_a_call_a_person_refused_is_a_synthesised_failed_call(
    scripted: Any, say: Any, add: Any, handler: Any, outline: Any
) -> None:
    model = scripted(say("", ("add", {"a": 1, "b": 2}, "c1")), say("done"))
    person_decides(model, add, handler, {"type": "reject", "message": "no"})
    before, after = (session.tree() for session in handler.sessions())
    assert outline(before) == ["agent agent paused", "  llm scripted-1"]
    assert outline(after) == ["agent agent", "  tool add error", "  llm scripted-1"]


def test_a_call_a_person_changed_is_recorded_as_it_ran(
    scripted: Any, say: Any, add: Any, handler: Any, texts: Any
) -> None:
    model = scripted(say("", ("add", {"a": 1, "b": 2}, "c1")), say("done"))
    edited = {"name": "add", "args": {"a": 5, "b": 5}}
    person_decides(model, add, handler, {"type": "edit", "edited_action": edited})
    after = handler.sessions()[1].tree()
    assert texts(after, after.spans[1].input.add) == [{"a": 5, "b": 5}]
    assert texts(after, after.spans[1].output) == ["10"]
    prompt = next(ids for span, ids in after.inputs() if span.kind == "llm")
    assert texts(after, prompt)[-1] == model.heard[1][-1].content


def _cancelled(agent: Any, handler: Any, reached: asyncio.Event | threading.Event) -> None:
    async def run() -> None:
        task = asyncio.create_task(agent.ainvoke(GO, {"callbacks": [handler]}))
        if isinstance(reached, asyncio.Event):
            await reached.wait()
        else:
            await asyncio.to_thread(reached.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_a_cancelled_model_call_ends_as_cancelled(scripted: Any, handler: Any, outline: Any) -> None:
    reached = asyncio.Event()

    async def never() -> None:
        reached.set()
        await asyncio.Event().wait()

    _cancelled(create_agent(scripted(never), []), handler, reached)
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent cancelled", "  llm scripted-1 cancelled"]
    assert tree.ended is not None
    assert tree.ended.status == "cancelled"
    assert not [span for span in tree.spans if span.failure]


def test_a_tool_in_a_thread_may_end_after_its_cancelled_run(
    scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    reached, go_on, left = threading.Event(), threading.Event(), threading.Event()

    @tool
    def slow() -> str:
        """Take long."""
        reached.set()
        go_on.wait(10)
        return "late"

    async def run() -> None:
        task = asyncio.create_task(agent.ainvoke(GO, {"callbacks": [handler]}))
        await asyncio.to_thread(reached.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()

    agent = create_agent(scripted(say("", ("slow", {}, "c1"))), [slow])
    asyncio.run(run())  # leaving waits for the loop's own threads
    left.set()
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent agent cancelled", "  llm scripted-1", "  tool slow"]
    assert not handler._runs


def test_an_abandoned_stream_is_cancelled_and_keeps_what_came(
    streaming: Any, say: Any, handler: Any, outline: Any, texts: Any
) -> None:
    stream = streaming(say("one two three")).stream("hi", {"callbacks": [handler]})
    next(stream)
    stream.close()
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["llm scripted-1 cancelled"]
    assert texts(tree, tree.spans[0].output) == ["one "]
    assert tree.spans[0].response is not None
    assert tree.spans[0].response.usage is None


def test_a_run_that_never_ends_is_cancelled_when_the_handler_closes(streaming: Any, say: Any, handler: Any) -> None:
    stream = streaming(say("one two three")).stream("hi", {"callbacks": [handler]})
    next(stream)
    handler.close()
    tree = handler.sessions()[0].tree()
    assert tree.spans[0].status == "cancelled"
    assert tree.ended is not None
    stream.close()
    assert not handler._runs
