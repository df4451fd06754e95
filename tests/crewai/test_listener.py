"""The listener: one session for each outermost kickoff, nothing twice, nothing after its removal."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest

from clawtrace_core import ClawTraceError
from clawtrace_core.errors import StoreError
from clawtrace_crewai import ClawTraceListener, install, trace


def handlers() -> int:
    from crewai.events import crewai_event_bus

    return sum(len(found) for found in crewai_event_bus._sync_handlers.values())


def test_each_kickoff_is_a_session_named_after_its_root(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    before = handlers()
    with ClawTraceListener(store=tmp_path, task="cats") as listener:
        crew(agent("Worker")).kickoff_for_each(inputs=[{"x": 1}, {"x": 2}])
        agent("Solo").kickoff("hello")
        llm().call("hi")
        found = listener.sessions()
        assert [outline(session.tree()) for session in found] == [
            ["chain team", "  chain T1", "    agent Worker", "      llm llm"],
            ["chain team", "  chain T1", "    agent Worker", "      llm llm"],
            ["agent Solo", "  llm llm"],
            ["llm llm"],
        ]
        assert [session.tree().started.agent for session in found] == ["team", "team", "Solo", "llm"]
        assert {tokens(session.tree()) for session in found} == {(1000, 600, 50)}
        assert listener.card().to_yaml()
        assert all(session.recorder.closed for session in found)
    assert handlers() == before
    crew(agent("Worker")).kickoff()
    assert len(listener.sessions()) == 4


def test_two_listeners_and_a_trace_count_every_call_once(agent: Any, crew: Any, tokens: Any, tmp_path: Any) -> None:
    first = ClawTraceListener(store=tmp_path / "first")
    second = ClawTraceListener(store=tmp_path / "second")
    with trace(tmp_path / "traced") as session:
        crew(agent("Worker")).kickoff()
    crew(agent("Worker")).kickoff()
    second.uninstall()
    second.uninstall()
    crew(agent("Worker")).kickoff()
    assert tokens(session.tree()) == (1000, 600, 50)
    assert [tokens(one.tree()) for one in second.sessions()] == [(1000, 600, 50)]
    assert [tokens(one.tree()) for one in first.sessions()] == [(1000, 600, 50)]
    first.uninstall()
    with pytest.raises(ClawTraceError, match="was uninstalled and records nothing"), first:
        pass


def test_sessions_in_threads_and_in_one_event_loop_do_not_mix(
    provider: Any, agent: Any, crew: Any, tokens: Any, tmp_path: Any
) -> None:
    provider.script = lambda asked, _number: asked["messages"][0]["content"].split(".")[0]
    told: dict[str, Any] = {}

    def run(role: str) -> None:
        with trace(tmp_path, task=role) as session:
            crew(agent(role), agent(role + "2")).kickoff()
        told[role] = session

    async def arun(role: str) -> None:
        async with trace(tmp_path, task=role) as session:
            await crew(agent(role)).kickoff_async()
        told[role] = session

    async def both() -> None:
        await asyncio.gather(arun("E"), arun("F"))

    threads = [threading.Thread(target=run, args=(role,)) for role in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(both())
    for role, session in told.items():
        tree = session.tree()
        roles = {span.name for span in tree.spans if span.kind == "agent"}
        assert roles == ({role, role + "2"} if role in "ABCD" else {role})
        assert tokens(session.tree()) == (1000 * len(roles), 600 * len(roles), 50 * len(roles))
        assert not any(span.attributes.get("orphan") for span in tree.spans)


def test_install_hears_every_thread_and_what_it_returns_undoes_it(agent: Any, crew: Any, tmp_path: Any) -> None:
    uninstall = install(store=tmp_path)
    threads = [threading.Thread(target=crew(agent(role)).kickoff) for role in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    uninstall()
    crew(agent("C")).kickoff()
    from clawtrace_core import open_store

    store = open_store(tmp_path)
    trees = [store.read(session) for session in store.session_ids()]
    assert sorted(next(s.name for s in tree.spans if s.kind == "agent") for tree in trees) == ["A", "B"]


def test_a_failed_kickoff_is_an_error_and_still_raises(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, tmp_path: Any
) -> None:
    provider.script = lambda _asked, _number: (400, {"error": {"message": "bad", "type": "x"}})
    worker = agent("Worker", llm=llm(max_retries=0), max_retry_limit=0)
    with ClawTraceListener(store=tmp_path) as listener:
        with pytest.raises(Exception, match="bad"):
            crew(worker).kickoff()
        (session,) = listener.sessions()
    assert outline(session.tree()) == [
        "chain team error",
        "  chain T1 error",
        "    agent Worker error",
        "      llm llm error",
    ]
    assert "bad" in session.tree().spans[3].failure.message


def test_what_cannot_work_is_said_at_once(tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError):
        ClawTraceListener(store=tmp_path / "file")
    monkeypatch.setattr("clawtrace_core.capture.releases.version", lambda _name: "0.203.1")
    with pytest.raises(ClawTraceError, match=r"crewai 0\.203\.1 is installed.*supports"):
        ClawTraceListener(store=tmp_path)
    with pytest.raises(ClawTraceError, match="supports"), trace(tmp_path):
        pass


def test_importing_the_package_does_not_import_crewai() -> None:
    code = "import clawtrace_crewai, sys; print(sorted(m for m in sys.modules if m.partition('.')[0] == 'crewai'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
