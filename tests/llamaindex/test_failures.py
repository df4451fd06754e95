"""What goes wrong: errors, cancellation, timeouts, retries, people asked in the middle, streams left half-way."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.workflow import (
    Context,
    Event,
    HumanResponseEvent,
    InputRequiredEvent,
    StartEvent,
    StopEvent,
    Workflow,
    step,
)

ASKED = [ChatMessage(role="user", content="hi")]


async def _forever() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("streaming", [True, False])
def test_a_call_that_fails_is_an_error_and_so_is_its_run(
    streaming: bool, scripted: Any, handler: Any, outline: Any
) -> None:
    agent = FunctionAgent(name="e", llm=scripted(RuntimeError("no luck")), tools=[], streaming=streaming)

    async def go() -> None:
        with pytest.raises(Exception, match="no luck"):
            await agent.run("x")

    asyncio.run(go())
    (session,) = handler.sessions()
    tree = session.tree()
    assert outline(tree) == ["agent e error", "  llm scripted-1 error"]
    assert (tree.spans[1].failure.type, tree.spans[1].failure.message) == ("RuntimeError", "no luck")
    assert "no luck" in tree.spans[0].failure.message
    assert tree.ended.status == "error"


def test_too_many_turns_are_an_error(scripted: Any, say: Any, add: Any, handler: Any, outline: Any) -> None:
    turns = [say("", ("add", {"a": 1, "b": 2}, f"c{n}")) for n in range(5)]
    agent = FunctionAgent(name="m", llm=scripted(*turns), tools=[add])

    async def go() -> None:
        with pytest.raises(Exception, match="Max iterations"):
            await agent.run("x", max_iterations=2)

    asyncio.run(go())
    tree = handler.sessions()[0].tree()
    assert outline(tree)[0] == "agent m error"
    assert "Max iterations" in tree.spans[0].failure.message


@pytest.mark.parametrize("where", ["tool", "model", "stream"])
def test_a_cancelled_run_is_cancelled_and_no_failure(
    where: str, scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    async def wait(n: int) -> str:
        """Wait."""
        await _forever()
        return str(n)

    first = {"tool": [say("", ("wait", {"n": 1}, "c1"))], "model": [_forever], "stream": [say("some words"), _forever]}
    agent = FunctionAgent(name="c", llm=scripted(*first[where]), tools=[wait], streaming=where == "stream")

    async def go() -> None:
        running = agent.run("x")
        while len(handler._books.books) == 0 or not _inner(handler, where):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)
        await running.cancel_run()
        with suppress(BaseException):
            await running

    asyncio.run(go())
    tree = handler.sessions()[0].tree()
    last = {"tool": ["  llm scripted-1", "  tool wait cancelled"]}.get(where, ["  llm scripted-1 cancelled"])
    assert outline(tree) == ["agent c cancelled", *last]
    assert not any(span.failure for span in tree.spans)


def _inner(handler: Any, where: str) -> bool:
    found = [node for book in handler._books.books for node in book.open.values()]
    if where == "stream":
        return any(node.partial is not None for node in found)
    return any(node.method in {"wait", "achat", "astream_chat"} for node in found)


def test_a_run_that_times_out_is_an_error_and_what_ran_is_cancelled(
    scripted: Any, say: Any, handler: Any, outline: Any
) -> None:
    async def wait(n: int) -> str:
        """Wait."""
        await _forever()
        return str(n)

    agent = FunctionAgent(name="t", llm=scripted(say("", ("wait", {"n": 1}, "c1"))), tools=[wait], timeout=0.5)

    async def go() -> None:
        with pytest.raises(Exception, match="timed out"):
            await agent.run("x")

    asyncio.run(go())
    first, *rest = outline(handler.sessions()[0].tree())
    assert first in {"agent t error", "agent t cancelled"}  # older workflows do not tell why
    assert rest == ["  llm scripted-1", "  tool wait cancelled"]


def test_a_tool_that_asks_a_person_is_one_call_though_its_body_runs_twice(
    scripted: Any, say: Any, handler: Any, outline: Any, texts: Any
) -> None:
    bodies: list[str] = []

    async def danger(ctx: Context, q: str) -> str:
        """Ask first."""
        bodies.append(q)
        told = await ctx.wait_for_event(
            HumanResponseEvent, waiter_id="w", waiter_event=InputRequiredEvent(prefix="sure?"), timeout=20
        )
        return f"human said {told.response}"

    agent = FunctionAgent(name="h", llm=scripted(say("", ("danger", {"q": "q"}, "c1")), say("ok")), tools=[danger])

    async def go() -> str:
        running = agent.run("x")
        async for event in running.stream_events():
            if isinstance(event, InputRequiredEvent):
                running.ctx.send_event(HumanResponseEvent(response="yes"))
        return str(await running)

    assert asyncio.run(go()) == "ok"
    (session,) = handler.sessions()
    tree = session.tree()
    assert outline(tree) == ["agent h", "  llm scripted-1", "  tool danger", "  llm scripted-1"]
    assert texts(tree, tree.spans[2].output) == ["human said yes"]
    if len(bodies) == 2:  # newer workflows; older ones wait inside the body
        assert [note.name for note in tree.spans[2].notes] == ["paused", "resumed"]


def test_a_run_left_while_it_waits_for_a_person_is_paused(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    async def danger(ctx: Context, q: str) -> str:
        """Ask first."""
        told = await ctx.wait_for_event(
            HumanResponseEvent, waiter_id="w", waiter_event=InputRequiredEvent(prefix="sure?"), timeout=20
        )
        return f"human said {told.response}"

    agent = FunctionAgent(name="h", llm=scripted(say("", ("danger", {"q": "q"}, "c1"))), tools=[danger])

    async def go() -> None:
        running = agent.run("x")
        async for event in running.stream_events():
            if isinstance(event, InputRequiredEvent):
                await asyncio.sleep(0.05)
                await running.cancel_run()
        with suppress(BaseException):
            await running

    asyncio.run(go())
    tree = handler.sessions()[0].tree()
    assert [span.status for span in tree.spans] in (["paused", "ok", "paused"], ["cancelled", "ok", "cancelled"])
    assert not any(span.failure for span in tree.spans)


def test_every_try_of_a_step_is_a_call_of_its_own(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    from llama_index.core.workflow.retry_policy import ConstantDelayRetryPolicy

    model = scripted(RuntimeError("busy"), RuntimeError("busy"), say("at last"))

    class Stubborn(Workflow):
        @step(retry_policy=ConstantDelayRetryPolicy(delay=0, maximum_attempts=5))
        async def ask(self, ev: StartEvent) -> StopEvent:
            return StopEvent(result=str(await model.achat(ASKED)))

    async def go() -> Any:
        return await Stubborn().run()

    assert "at last" in str(asyncio.run(go()))
    tree = handler.sessions()[0].tree()
    assert outline(tree) == ["agent Stubborn", "  llm scripted-1 error", "  llm scripted-1 error", "  llm scripted-1"]
    assert [span.request.attempt for span in tree.spans[1:]] == [1, 2, 3]


def test_calls_that_collecting_events_repeats_are_all_there(scripted: Any, say: Any, handler: Any, tokens: Any) -> None:
    """Steps that collect events are run again when they clash; the model is really asked again, and billed."""
    model = scripted(*[say("x") for _ in range(12)])

    class Part(Event):
        n: int

    class Collecting(Workflow):
        @step
        async def begin(self, ctx: Context, ev: StartEvent) -> Part | None:
            for n in range(3):
                ctx.send_event(Part(n=n))
            return None

        @step(num_workers=3)
        async def gather(self, ctx: Context, ev: Part) -> StopEvent | None:
            await model.achat(ASKED)
            return StopEvent(result="done") if ctx.collect_events(ev, [Part] * 3) else None

    async def go() -> Any:
        return await Collecting().run()

    assert asyncio.run(go()) == "done"
    tree = handler.sessions()[0].tree()
    calls = [span for span in tree.spans if span.kind == "llm" and span.status == "ok"]
    assert len(calls) == len(model.heard)
    assert tokens(tree)[0] == 100 * len(calls)


def test_a_stream_left_half_way_keeps_what_had_come(scripted: Any, say: Any, handler: Any, texts: Any) -> None:
    stream = scripted(say("one two three")).stream_chat(ASKED)
    next(stream)
    next(stream)
    stream.close()
    tree = handler.sessions()[0].tree()
    (call,) = tree.spans
    assert (call.status, call.failure, texts(tree, call.output)) == ("cancelled", None, ["one two"])
    assert call.response.usage is None
    assert tree.ended.status in {"ok", "cancelled"}


def test_a_stream_that_is_never_read_ends_with_the_handler(scripted: Any, say: Any, handler: Any, outline: Any) -> None:
    scripted(say("one two")).stream_chat(ASKED)
    assert handler.sessions()[0].tree().ended is None
    handler.close()
    assert outline(handler.sessions()[0].tree()) == ["llm scripted-1 cancelled"]


def test_a_stream_read_after_its_root_has_ended_is_whole(scripted: Any, say: Any, handler: Any, tokens: Any) -> None:
    stream = scripted(say("one two")).stream_chat(ASKED)
    other = scripted(say("between")).chat(ASKED)
    assert [chunk.delta for chunk in stream] == ["one", "two", ""]
    assert other.message.content == "between"
    first, second = (session.tree() for session in handler.sessions())
    assert tokens(first) == tokens(second) == (100, 40, 10)
    assert first.ended.status == second.ended.status == "ok"
