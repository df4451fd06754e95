"""Which session a run goes to: handlers, trace(), install(), threads, tasks, and the same handler twice."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.tools import tool

from clawtrace_core import ClawTraceError, Settings, open_store
from clawtrace_core.capture.guard import PROCESS_VOICE
from clawtrace_core.errors import StoreError
from clawtrace_langchain import ClawTraceCallbackHandler, install, trace

GO = {"messages": [("user", "go")]}
STRICT = Settings(strict=True)


@pytest.fixture
def agent(scripted: Any, say: Any, add: Any) -> Any:
    """An agent that may run many times at once."""

    def answer(messages: Any) -> Any:
        last = messages[-1]
        return say("done") if last.type == "tool" else say("", ("add", {"a": 1, "b": 2}, f"c-{last.content}"))

    return create_agent(scripted(*[answer] * 400), [add], name="calc")


TURNS = ["agent calc", "  llm scripted-1", "  tool add", "  llm scripted-1"]


def test_concurrent_roots_in_threads_are_separate_sessions(agent: Any, handler: Any, outline: Any, texts: Any) -> None:
    def run(n: int) -> None:
        agent.invoke({"messages": [("user", f"q{n}")]}, {"callbacks": [handler]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(20)))
    trees = [session.tree() for session in handler.sessions()]
    assert [outline(tree) for tree in trees] == [TURNS] * 20
    asked = {texts(tree, tree.span(1).input.add)[0] for tree in trees}
    assert asked == {f"q{n}" for n in range(20)}
    assert {tree.spans[2].tool_call for tree in trees} == {f"c-q{n}" for n in range(20)}
    assert not handler._runs


def test_concurrent_roots_on_one_loop_are_separate_sessions(agent: Any, handler: Any, outline: Any) -> None:
    async def run() -> None:
        calls = (agent.ainvoke({"messages": [("user", f"q{n}")]}, {"callbacks": [handler]}) for n in range(20))
        await asyncio.gather(*calls)

    asyncio.run(run())
    assert [outline(session.tree()) for session in handler.sessions()] == [TURNS] * 20


def test_a_handler_attached_twice_counts_once(agent: Any, handler: Any, outline: Any) -> None:
    doubled = agent.with_config({"callbacks": [handler]})
    doubled.invoke(GO, {"callbacks": [handler, handler]})
    assert [outline(session.tree()) for session in handler.sessions()] == [TURNS]


def test_a_run_id_used_again_is_a_new_session(scripted: Any, say: Any, handler: Any) -> None:
    import uuid

    model, run_id = scripted(say("a"), say("b")), uuid.uuid4()
    for _ in range(2):
        model.invoke("hi", {"callbacks": [handler], "run_id": run_id})
    assert [len(session.tree().spans) for session in handler.sessions()] == [1, 1]


def test_a_run_id_used_again_in_a_trace_is_a_new_span(scripted: Any, say: Any, tmp_path: Any) -> None:
    import uuid

    model, run_id = scripted(say("a"), say("b")), uuid.uuid4()
    with trace(tmp_path, settings=STRICT) as session:
        for _ in range(2):
            model.invoke("hi", {"run_id": run_id})
    assert len(session.tree().spans) == 2


def test_metadata_of_a_run_names_session_task_and_user(scripted: Any, say: Any, handler: Any) -> None:
    model = scripted(say("a"), say("b"), say("c"))
    named = {"clawtrace_session": "mine", "clawtrace_task": "t", "clawtrace_user": "u"}
    for metadata in (named, named, {"clawtrace_session": "../not/a/name"}):
        model.invoke("hi", {"callbacks": [handler], "metadata": metadata})
    first, second, third = (session.tree().started for session in handler.sessions())
    assert (first.session, first.task, first.user) == ("mine", "t", "u")
    assert second.session == "mine-2"
    assert third.attributes["refused_name"] == "../not/a/name"


def test_a_trace_takes_every_call_of_its_block_and_none_after(
    agent: Any, scripted: Any, say: Any, tmp_path: Any, outline: Any
) -> None:
    model = scripted(say("a"), say("b"))
    with trace(tmp_path, task="t", settings=STRICT) as session:
        agent.invoke(GO)
        model.invoke("hi")
    model.invoke("hi")
    agent.invoke(GO)
    tree = session.tree()
    assert outline(tree) == [*TURNS, "llm scripted-1"]
    assert (tree.started.task, tree.started.framework) == ("t", "langchain")
    assert open_store(tmp_path).session_ids() == [session.id]


def test_an_async_trace_and_a_handler_in_a_trace_count_once(agent: Any, handler: Any, outline: Any) -> None:
    async def run() -> Any:
        async with trace(handler._store, settings=STRICT) as session:
            await agent.ainvoke(GO, {"callbacks": [handler]})
        return session

    session = asyncio.run(run())
    assert outline(session.tree()) == TURNS
    assert handler.sessions() == [session]
    assert open_store(handler._store).session_ids() == [session.id]


def test_of_nested_traces_the_inner_one_records(scripted: Any, say: Any, tmp_path: Any, outline: Any) -> None:
    small = scripted(say("x"), say("y"), model="small")
    inner_sessions = []

    @tool
    def think() -> str:
        """Think apart."""
        with trace(tmp_path, settings=STRICT) as inner:
            inner_sessions.append(inner)
            small.invoke("a")
        return str(small.invoke("b").content)

    agent = create_agent(scripted(say("", ("think", {}, "c1")), say("done")), [think], name="boss")
    with trace(tmp_path, settings=STRICT) as outer:
        agent.invoke(GO)
    assert outline(inner_sessions[0].tree()) == ["llm small"]
    turns = ["agent boss", "  llm scripted-1", "  tool think", "    llm small", "  llm scripted-1"]
    assert outline(outer.tree()) == turns


def test_traces_in_two_threads_do_not_mix(agent: Any, tmp_path: Any, outline: Any, texts: Any) -> None:
    both_in = threading.Barrier(2, timeout=10)

    def run(n: int) -> Any:
        with trace(tmp_path, settings=STRICT) as session:
            both_in.wait()
            agent.invoke({"messages": [("user", f"q{n}")]})
            both_in.wait()
        return session

    with ThreadPoolExecutor(2) as pool:
        sessions = list(pool.map(run, range(2)))
    for n, session in enumerate(sessions):
        tree = session.tree()
        assert outline(tree) == TURNS
        assert texts(tree, tree.span(1).input.add) == [f"q{n}"]


def test_a_thread_with_a_copied_context_is_in_the_trace_and_a_bare_one_is_not(
    scripted: Any, say: Any, tmp_path: Any, outline: Any
) -> None:
    model = scripted(say("a"), say("b"))
    with trace(tmp_path, settings=STRICT) as session:
        for target in (contextvars.copy_context().run, lambda call, *a: call(*a)):
            thread = threading.Thread(target=target, args=(model.invoke, "hi"))
            thread.start()
            thread.join()
    assert outline(session.tree()) == ["llm scripted-1"]


def test_a_trace_that_raises_says_so(tmp_path: Any) -> None:
    with pytest.raises(KeyError), trace(tmp_path, settings=STRICT) as session:
        raise KeyError("mine")
    ended = session.tree().ended
    assert ended is not None
    assert ended.status == "error"


def test_an_installed_handler_sees_every_thread_until_it_is_uninstalled(
    agent: Any, tmp_path: Any, outline: Any
) -> None:
    uninstall = install(tmp_path, settings=STRICT)
    try:
        agent.invoke(GO)
        thread = threading.Thread(target=agent.invoke, args=(GO,))
        thread.start()
        thread.join()
    finally:
        uninstall()
    agent.invoke(GO)
    store = open_store(tmp_path)
    assert [outline(store.read(name)) for name in store.session_ids()] == [TURNS] * 2
    uninstall()  # twice is once


def test_a_handler_attached_by_hand_is_not_doubled_by_the_installed_one(
    agent: Any, handler: Any, tmp_path: Any, outline: Any
) -> None:
    uninstall = install(tmp_path / "other", settings=STRICT)
    try:
        agent.invoke(GO, {"callbacks": [handler]})
    finally:
        uninstall()
    assert [outline(session.tree()) for session in handler.sessions()] == [TURNS]
    assert open_store(tmp_path / "other").session_ids() == []


def test_hooks_do_not_pile_up(scripted: Any, say: Any, tmp_path: Any) -> None:
    from langchain_core.tracers import context

    with trace(tmp_path, settings=STRICT):
        before = len(context._configure_hooks)
    for _ in range(20):
        install(tmp_path)()
        with trace(tmp_path, settings=STRICT):
            pass
    assert len(context._configure_hooks) == before


def test_a_card_of_a_handler_that_saw_nothing_is_an_error(handler: Any) -> None:
    with pytest.raises(ClawTraceError, match="no session yet"):
        handler.card()


def test_a_store_that_cannot_be_made_is_told_at_once(tmp_path: Any) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="file"):
        ClawTraceCallbackHandler(tmp_path / "file")
    with pytest.raises(StoreError), trace(tmp_path / "file"):
        pass


def test_a_closed_handler_that_is_used_again_says_so_and_the_agent_runs(
    scripted: Any, say: Any, handler: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PROCESS_VOICE, "_said", set())
    handler.close()
    for _ in range(2):
        assert scripted(say("hi")).invoke("go", {"callbacks": [handler]}).content == "hi"
    told = [record.getMessage() for record in caplog.records if record.name == "clawtrace"]
    assert told == ["a ClawTraceCallbackHandler that was closed records nothing: make a new one"]
    assert handler.sessions() == []


def test_an_unsupported_langchain_core_is_named() -> None:
    from clawtrace_langchain._callback import check_langchain

    check_langchain("1.7.2")
    with pytest.raises(ClawTraceError, match=r"2\.0\.0 .*>=1\.0,<2"):
        check_langchain("2.0.0")
