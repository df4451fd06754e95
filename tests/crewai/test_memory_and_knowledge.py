"""Memory, knowledge, reasoning, planning and persisted flows, with CrewAI's own stores (LanceDB, ChromaDB, SQLite).

All of it works offline with a custom embedder. Three things are CrewAI's, and cannot be told by what listens to it:

- A call whose answer is no JSON where a model was asked for ends with `llm_call_failed`, which has no usage. Such
  calls stand as errors without tokens, although the provider charged for them.
- A plan of `reasoning=True` that comes as a call of `create_reasoning_plan` has no usage either; one in text has.
- Embedders are called without any event: what embedding costs is in no session.
"""

import json
import logging
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromadb.api.types import EmbeddingFunction
from crewai.flow import Flow, listen, start
from crewai.flow.persistence import SQLiteFlowPersistence, persist
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
from crewai.memory.unified_memory import Memory
from crewai.rag.embeddings.providers.custom.embedding_callable import CustomEmbeddingFunction

from clawtrace_core import Session, Settings
from clawtrace_core.card import build_ledger, verify_ledger
from clawtrace_core.errors import StoreError
from clawtrace_core.pricing import PriceBook
from clawtrace_core.tokens import Counter
from clawtrace_crewai import ClawTraceListener, trace

STRICT = Settings(strict=True)


class Letters(CustomEmbeddingFunction, EmbeddingFunction):  # type: ignore[misc,type-arg]  # CrewAI asks for both
    """Embeds a text as how often each letter is in it."""

    def __init__(self) -> None:
        pass

    def __call__(self, input: Any) -> Any:  # noqa: A002 - the protocol's name
        letters = "abcdefghijklmnopqrstuvwxyz"
        return [np.array([text.lower().count(a) + 0.01 for a in letters], dtype=np.float32) for text in input]


EMBEDDER = {"provider": "custom", "config": {"embedding_callable": Letters}}


@pytest.fixture(autouse=True)
def _storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREWAI_STORAGE_DIR", str(tmp_path / "crewai"))


@pytest.fixture
def counted(provider: Any, tokens: Any, tmp_path: Path) -> Callable[[Session], Any]:
    """Checks that a session is whole and counts what the provider returned, once."""

    def check(session: Session) -> Any:
        tree = session.store.read(session.id)
        assert tree.problems == ()
        assert tokens(session.tree()) == provider.total
        prices = tmp_path / "prices.yaml"
        prices.write_text("prices:\n  - {model: gpt-x*, input: 2, cache_read: 1, output: 10}\n")
        ledger = build_ledger(tree, price=PriceBook.load(prices), count=Counter())
        assert verify_ledger(ledger) == []
        # 400 uncached, 600 cached and 50 made tokens a call, in USD per million tokens
        assert ledger.billed == provider.served * Decimal(400 * 2 + 600 * 1 + 50 * 10) / 1_000_000
        assert session.recorder.lost == 0
        assert {span.status for span in tree.spans} == {"ok"}
        return tree

    return check


def remembering(asked: Any, _number: int) -> str:
    """What a model says that is asked to extract memories, and to place them."""
    system = asked["messages"][0]["content"]
    if system.startswith("You extract discrete"):
        return json.dumps({"memories": ["Cats purr."]})
    if system.startswith("You analyze content to be stored"):
        metadata = {"entities": [], "dates": [], "topics": []}
        scope = {"suggested_scope": "/cats", "categories": ["cats"], "importance": 0.5}
        return json.dumps({**scope, "extracted_metadata": metadata})
    return "Cats purr."


def seen(tree: Any, ids: Any) -> str:
    return json.dumps([tree.contents[one].body for one in ids])


def test_a_crew_with_memory_is_one_tree_and_its_saves_and_recalls_count_once(
    provider: Any, agent: Any, crew: Any, outline: Any, counted: Any, tmp_path: Path
) -> None:
    provider.script = remembering
    team = crew(agent("Worker"), agent("Second"), memory=True, embedder=EMBEDDER)
    with trace(tmp_path, settings=STRICT) as session:
        team.kickoff()
    tree = counted(session)
    assert outline(session.tree()) == [
        "chain team",
        *("  chain T1", "    chain memory", "      retriever memory"),
        *("    agent Worker", "      llm llm", "      llm llm", "      chain memory save", "        llm llm"),
        *("  chain T2", "    chain memory", "      retriever memory", "        llm llm"),
        *("    agent Second", "      llm llm", "      llm llm", "      chain memory save", "        llm llm"),
    ]
    first, second = (span for span in tree.spans if span.kind == "retriever")
    assert "Do the part of Worker" in seen(tree, first.input.add)
    assert "Cats purr." in seen(tree, second.output)


def test_a_memory_that_is_asked_by_itself_is_a_session_of_its_own(
    provider: Any, llm: Any, outline: Any, counted: Any, tmp_path: Path
) -> None:
    provider.script = remembering
    memory = Memory(llm=llm(), embedder=Letters(), storage=str(tmp_path / "memory"))
    with ClawTraceListener(store=tmp_path / "runs", settings=STRICT) as listener:
        memory.remember("Cats purr.")
        memory.recall("cats?", depth="shallow")
        memory.close()
    saved, recalled = listener.sessions()
    tree = recalled.tree()
    assert [outline(saved.tree()), outline(tree)] == [["chain memory save", "  llm llm"], ["retriever memory"]]
    counted(saved)
    assert "Cats purr." in seen(tree, tree.spans[0].output)


def test_calls_that_fail_in_the_background_leave_the_crews_tree_whole(
    provider: Any, agent: Any, crew: Any, outline: Any, tokens: Any, tmp_path: Path
) -> None:
    team = crew(agent("Worker"), agent("Second"), memory=True, embedder=EMBEDDER)  # `done` is no memory
    with ClawTraceListener(store=tmp_path, settings=STRICT) as listener:
        team.kickoff()
        (session,) = listener.sessions()
        assert session.recorder.closed
    tree = session.store.read(session.id)
    assert tree.problems == ()
    assert tree.ended.status == "ok"
    assert outline(session.tree()) == [
        "chain team",
        *("  chain T1", "    chain memory", "      retriever memory"),
        *("    agent Worker", "      llm llm", "      llm llm error"),
        *("    chain memory save", "      llm llm error"),
        *("  chain T2", "    chain memory", "      retriever memory", "        llm llm"),
        *("    agent Second", "      llm llm", "      llm llm error"),
        *("    chain memory save", "      llm llm error"),
    ]
    assert provider.served == 7
    assert tokens(session.tree()) == (3000, 1800, 150)  # the four that failed have no usage


def test_knowledge_is_searched_with_the_query_a_model_wrote(
    provider: Any, agent: Any, crew: Any, outline: Any, counted: Any, tmp_path: Path
) -> None:
    provider.script = lambda _asked, _number: "Cats purr"
    source = StringKnowledgeSource(content="Cats purr and sleep.")
    with trace(tmp_path, settings=STRICT) as session:
        crew(agent("Worker"), knowledge_sources=[source], embedder=EMBEDDER).kickoff()
    tree = counted(session)
    assert outline(session.tree()) == [
        "chain team",
        "  chain T1",
        "    retriever knowledge",
        "      chain knowledge",
        "        llm llm",
        "    agent Worker",
        "      llm llm",
    ]
    found = next(span for span in tree.spans if span.kind == "retriever")
    assert "purr and sleep." in seen(tree, found.output)
    assert "purr and sleep." in provider.asked[1]["messages"][1]["content"]


def test_an_agents_own_knowledge_is_searched_too(
    provider: Any, agent: Any, crew: Any, outline: Any, counted: Any, tmp_path: Path
) -> None:
    provider.script = lambda _asked, _number: "Cats purr"
    worker = agent(
        "Worker", knowledge_sources=[StringKnowledgeSource(content="Cats purr and sleep.")], embedder=EMBEDDER
    )
    with trace(tmp_path, settings=STRICT) as session:
        crew(worker).kickoff()
    tree = counted(session)
    (found,) = (span for span in tree.spans if span.kind == "retriever")
    assert "purr and sleep." in seen(tree, found.output)


def test_an_agent_that_reasons_and_a_crew_that_plans_count_every_call_once(
    provider: Any, agent: Any, crew: Any, llm: Any, outline: Any, counted: Any, tmp_path: Path
) -> None:
    plan = {"list_of_plans_per_task": [{"task_number": 1, "task": "T1", "plan": "First look."}]}
    provider.script = lambda _asked, number: json.dumps(plan) if number == 1 else "READY"
    worker = agent("Worker", reasoning=True, max_reasoning_attempts=1)
    with trace(tmp_path, settings=STRICT) as session:
        crew(worker, planning=True, planning_llm=llm()).kickoff()
    counted(session)
    assert [line for line in outline(session.tree()) if "Based on" not in line] == [
        "chain team",
        "    agent Task Execution Planner",
        "      llm llm",
        "  chain T1",
        "    agent Worker",
        "      chain reasoning",
        "        llm llm",
        "      llm llm",
    ]


def test_a_persisted_flow_that_goes_on_is_the_same_tree_twice(
    provider: Any, llm: Any, outline: Any, counted: Any, tmp_path: Path
) -> None:
    model = llm()

    @persist(SQLiteFlowPersistence(str(tmp_path / "flows.db")))
    class Steps(Flow):  # type: ignore[type-arg]
        @start()
        def one(self) -> Any:
            self.state["times"] = self.state.get("times", 0) + 1
            return model.call("hi")

        @listen(one)
        def two(self, _said: Any) -> Any:
            return model.call("ho")

    with ClawTraceListener(store=tmp_path / "runs", settings=STRICT) as listener:
        first, second = Steps(), Steps()
        first.kickoff()
        second.kickoff(inputs={"id": first.state["id"]})
        found = listener.sessions()
    assert second.state["times"] == 2
    whole = ["chain Steps", "  chain one", "    llm llm", "  chain two", "    llm llm"]
    assert [outline(session.tree()) for session in found] == [whole, whole]
    assert {session.store.read(session.id).problems for session in found} == {()}
    assert provider.served == 4


def test_nothing_is_printed_that_crewai_does_not_print_by_itself(
    provider: Any, agent: Any, crew: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    provider.script = remembering

    def play(folder: str) -> tuple[str, str]:
        source = StringKnowledgeSource(content="Cats purr and sleep.")
        team = crew(agent("Worker"), memory=True, knowledge_sources=[source], embedder=EMBEDDER)
        with trace(tmp_path / folder, settings=STRICT):
            team.kickoff()
        return tuple(capfd.readouterr())

    assert play("traced") == ("", "")


def _fail_after(_said: str) -> None:
    raise KeyError("the user's own comes first")


def test_what_a_handler_raised_is_raised_at_a_strict_flush_or_end_and_never_otherwise(
    llm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a bug of ours")

    caplog.set_level(logging.CRITICAL, logger="clawtrace")
    monkeypatch.setattr("clawtrace_crewai._book.request_of", broken)
    with trace(tmp_path) as session:
        llm().call("hi")
        session.flush()
    with pytest.raises(ValueError, match="a bug of ours"), trace(tmp_path, settings=STRICT):
        llm().call("hi")
    with trace(tmp_path, settings=STRICT) as session:
        llm().call("hi")
        with pytest.raises(ValueError, match="a bug of ours"):
            session.flush()
    with pytest.raises(KeyError, match="first"), trace(tmp_path, settings=STRICT):
        _fail_after(llm().call("hi"))
    listener = ClawTraceListener(store=tmp_path, settings=STRICT)
    llm().call("hi")
    with pytest.raises(ValueError, match="a bug of ours"):
        listener.uninstall()


def test_a_session_that_cannot_be_opened_is_raised_by_a_strict_listener(
    llm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise StoreError("the disk is full")

    caplog.set_level(logging.CRITICAL, logger="clawtrace")
    listener = ClawTraceListener(store=tmp_path, settings=STRICT)
    monkeypatch.setattr("clawtrace_crewai._listener.open_on_bus", full)
    assert llm().call("hi") == "done"
    with pytest.raises(StoreError, match="the disk is full"):
        listener.flush()
    listener.uninstall()
