"""Which session a run goes to: `trace()`, a handler on a dispatcher, `install()`, and what nobody asked for."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.instrumentation import get_dispatcher

from clawtrace_core import ClawTraceError, Settings, open_store
from clawtrace_core.errors import SettingsInvalid, StoreError
from clawtrace_llamaindex import ClawTraceHandler, install, trace
from clawtrace_llamaindex._roots import check_llamaindex

ASKED = [ChatMessage(role="user", content="hi")]
STRICT = Settings(strict=True)


@pytest.fixture
def ask(scripted: Any, say: Any) -> Any:
    """One agent run of one call, which is named after it."""

    async def go(name: str = "a") -> str:
        return str(await FunctionAgent(name=name, llm=scripted(say(name)), tools=[]).run("hi"))

    return go


def test_everything_inside_a_trace_is_one_session(tmp_path: Path, ask: Any, outline: Any) -> None:
    with trace(tmp_path, task="t", user="u", session="mine", agent="boss") as session:
        asyncio.run(ask("a"))
        asyncio.run(ask("b"))
    tree = open_store(tmp_path).read("mine")
    assert session.id == "mine"
    assert (tree.started.task, tree.started.user, tree.started.agent) == ("t", "u", "boss")
    assert outline(tree) == ["agent a", "  llm scripted-1", "agent b", "  llm scripted-1"]
    assert tree.ended.status == "ok"


def test_an_async_trace_works_and_two_at_once_in_one_loop_do_not_mix(tmp_path: Path, ask: Any, outline: Any) -> None:
    async def one(name: str) -> Any:
        async with trace(tmp_path, settings=STRICT) as session:
            await asyncio.gather(ask(name), ask(name))
        return session

    async def both() -> Any:
        return await asyncio.gather(one("a"), one("b"))

    for name, session in zip("ab", asyncio.run(both()), strict=True):
        assert outline(session.tree()).count(f"agent {name}") == 2
        assert len(session.tree().spans) == 4


def test_two_traces_at_once_in_threads_do_not_mix(tmp_path: Path, ask: Any, outline: Any) -> None:
    found: dict[str, Any] = {}
    ready = threading.Barrier(2)

    def one(name: str) -> None:
        with trace(tmp_path, settings=STRICT) as session:
            ready.wait()
            asyncio.run(ask(name))
            ready.wait()
        found[name] = session.tree()

    threads = [threading.Thread(target=one, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: outline(tree) for name, tree in found.items()} == {
        name: [f"agent {name}", "  llm scripted-1"] for name in "ab"
    }


def test_of_nested_traces_the_inner_one_records(tmp_path: Path, ask: Any, outline: Any) -> None:
    with trace(tmp_path) as outer:
        asyncio.run(ask("before"))
        with trace(tmp_path) as inner:
            asyncio.run(ask("inside"))
        asyncio.run(ask("after"))
    assert outline(inner.tree())[0] == "agent inside"
    assert [line for line in outline(outer.tree()) if "agent" in line] == ["agent before", "agent after"]


def test_a_trace_opened_in_a_tool_takes_what_runs_in_it(
    tmp_path: Path, scripted: Any, say: Any, ask: Any, outline: Any
) -> None:
    inner: list[Any] = []

    async def look(q: str) -> str:
        """Look."""
        async with trace(tmp_path) as session:
            inner.append(session)
            return str(await ask("inside"))

    async def go() -> None:
        await FunctionAgent(name="o", llm=scripted(say("", ("look", {"q": "x"}, "c")), say("k")), tools=[look]).run("x")

    with trace(tmp_path) as outer:
        asyncio.run(go())
    assert outline(outer.tree()) == ["agent o", "  llm scripted-1", "  tool look", "  llm scripted-1"]
    assert outline(inner[0].tree()) == ["agent inside", "  llm scripted-1"]


def test_nothing_is_recorded_after_the_block(tmp_path: Path, ask: Any) -> None:
    with trace(tmp_path) as session:
        asyncio.run(ask())
    session.flush()
    size = session.store.path(session.id).stat().st_size
    asyncio.run(ask())
    session.flush()
    assert session.store.path(session.id).stat().st_size == size
    assert len(open_store(tmp_path).session_ids()) == 1


def test_what_still_runs_when_the_block_ends_is_cancelled_and_lost_silently(
    tmp_path: Path, scripted: Any, say: Any, outline: Any
) -> None:
    async def wait() -> None:
        await asyncio.sleep(0.05)

    async def go() -> Any:
        async with trace(tmp_path) as session:
            task = asyncio.ensure_future(scripted(wait, say("late")).achat(ASKED))
            await asyncio.sleep(0.01)
        assert (await task).message.content == "late"
        return session

    assert outline(asyncio.run(go()).tree()) == ["llm scripted-1 cancelled"]


def test_an_exception_in_the_block_ends_the_session_as_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), trace(tmp_path) as session:
        raise ValueError("mine")
    assert session.tree().ended.status == "error"


def test_one_root_is_one_session_of_a_handler(handler: ClawTraceHandler, ask: Any, outline: Any) -> None:
    async def both() -> None:
        await ask("a")
        await asyncio.gather(ask("b"), ask("c"))

    asyncio.run(both())
    assert sorted(outline(session.tree())[0] for session in handler.sessions()) == ["agent a", "agent b", "agent c"]
    assert handler.card().calls.llm == 1


def test_a_handler_added_twice_counts_once(handler: ClawTraceHandler, ask: Any, outline: Any, tokens: Any) -> None:
    root = get_dispatcher()
    root.add_event_handler(handler)
    root.add_span_handler(handler)
    asyncio.run(ask())
    (session,) = handler.sessions()
    assert outline(session.tree()) == ["agent a", "  llm scripted-1"]
    assert tokens(session.tree()) == (100, 40, 10)


def test_a_handler_is_added_by_the_frameworks_own_way(tmp_path: Path, ask: Any, outline: Any) -> None:
    handler, root = ClawTraceHandler(tmp_path, settings=STRICT), get_dispatcher()
    before = list(root.event_handlers), list(root.span_handlers)
    root.add_event_handler(handler)
    root.add_span_handler(handler)
    asyncio.run(ask())
    root.event_handlers, root.span_handlers = before
    asyncio.run(ask())
    handler.close()
    assert [outline(session.tree()) for session in handler.sessions()] == [["agent a", "  llm scripted-1"]]


def test_a_trace_comes_before_a_handler(handler: ClawTraceHandler, tmp_path: Path, ask: Any) -> None:
    with trace(tmp_path / "other") as session:
        asyncio.run(ask())
    asyncio.run(ask())
    assert len(session.tree().spans) == 2
    assert len(handler.sessions()) == 1


def test_installed_for_the_process_it_sees_every_thread_until_it_is_undone(tmp_path: Path, ask: Any) -> None:
    uninstall = install(tmp_path, task="all", settings=STRICT)
    thread = threading.Thread(target=lambda: asyncio.run(ask("there")))
    thread.start()
    thread.join()
    asyncio.run(ask("here"))
    uninstall()
    uninstall()
    asyncio.run(ask("nobody"))
    store = open_store(tmp_path)
    assert sorted(store.read(session).started.agent for session in store.session_ids()) == ["here", "there"]


def test_of_two_installed_the_last_one_records_and_a_handler_added_by_hand_before_it(tmp_path: Path, ask: Any) -> None:
    first, second = install(tmp_path / "1"), install(tmp_path / "2")
    asyncio.run(ask())
    by_hand = ClawTraceHandler(tmp_path / "3")
    remove = by_hand.install()
    asyncio.run(ask())
    remove()
    second()
    asyncio.run(ask())
    first()
    assert [len(open_store(tmp_path / name).session_ids()) for name in "123"] == [1, 1, 1]


def test_removing_a_handler_ends_its_sessions_and_leaves_the_others(tmp_path: Path, ask: Any) -> None:
    root = get_dispatcher()
    before = list(root.event_handlers)
    one, two = ClawTraceHandler(tmp_path / "1"), ClawTraceHandler(tmp_path / "2")
    remove_one, remove_two = one.install(), two.install()
    remove_one()
    assert root.event_handlers[-1] is two
    asyncio.run(ask())
    remove_two()
    assert (len(one.sessions()), len(two.sessions())) == (0, 1)
    assert root.event_handlers == before


def test_a_closed_handler_says_so_when_it_is_installed(tmp_path: Path) -> None:
    handler = ClawTraceHandler(tmp_path)
    with pytest.raises(ClawTraceError, match="run first"):
        handler.card()
    handler.close()
    with pytest.raises(ClawTraceError, match="make a new one"):
        handler.install()


def test_a_bad_name_or_place_is_told_on_entering_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsInvalid, match="session"), trace(tmp_path, session="../up"):
        pass
    with pytest.raises(StoreError), trace(tmp_path / "file"):
        pass
    with pytest.raises(StoreError):
        ClawTraceHandler(tmp_path / "file")


@pytest.mark.parametrize("found", ["0.12.51", "0.11.9", "0.15.0", "1.0.0"])
def test_a_llamaindex_that_is_not_supported_is_refused(found: str) -> None:
    with pytest.raises(ClawTraceError, match=rf"llama-index-core {found} .* >=0.12.52,<0.15"):
        check_llamaindex(found)


def test_a_root_that_comes_to_nothing_leaves_no_session(handler: ClawTraceHandler) -> None:
    from llama_index.core.node_parser import SentenceSplitter

    assert SentenceSplitter().split_text("one. two.") == ["one. two."]
    assert handler.sessions() == []


def test_a_function_of_the_users_own_is_the_root_of_what_it_calls(
    handler: ClawTraceHandler, scripted: Any, say: Any, ask: Any, outline: Any
) -> None:
    dispatcher = get_dispatcher("my.program")

    @dispatcher.span
    async def request(name: str) -> str:
        scripted(say("plain")).chat(ASKED)
        return str(await ask(name))

    asyncio.run(request("inner"))
    (session,) = handler.sessions()
    lines = outline(session.tree())
    assert lines[0].startswith("chain ")
    assert lines[1:] == ["  llm scripted-1", "  agent inner", "    llm scripted-1"]


def test_a_thousand_sessions_leave_nothing_behind(handler: ClawTraceHandler, scripted: Any, say: Any) -> None:
    for _ in range(300):
        scripted(say("x")).chat(ASKED)
        scripted(say("never read")).stream_chat(ASKED)
    assert len(handler._books.books) < 300
    assert len(handler._ears.nodes) < 300
