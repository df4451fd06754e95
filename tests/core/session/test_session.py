"""A session in one hand, through the front door."""

from pathlib import Path

import pytest

import clawtrace_core
from clawtrace_core import Check, ClawTraceError, Settings, Store, compile_session, open_session
from clawtrace_core.errors import SettingsInvalid
from clawtrace_core.store import valid_session_id


def test_the_front_door_opens_every_name_it_lists() -> None:
    assert len(clawtrace_core.__all__) <= 12
    assert all(getattr(clawtrace_core, name) is not None for name in clawtrace_core.__all__)
    assert set(clawtrace_core.__all__) <= set(dir(clawtrace_core))
    with pytest.raises(AttributeError, match="Nothing"):
        clawtrace_core.Nothing  # noqa: B018


def test_what_is_said_at_the_opening_is_on_disk(tmp_path: Path) -> None:
    with open_session(
        tmp_path,
        framework="f",
        agent="a",
        task="t",
        user="u",
        attributes={"n": 1},
        settings=Settings(content="clipped"),
    ) as session:
        session.recorder.remarked("hello")

    started = session.tree().started
    assert (started.framework, started.agent, started.task, started.user) == ("f", "a", "t", "u")
    assert started.attributes == {"n": 1}
    assert started.policy == "clipped"
    assert started.writer == f"clawtrace-core {clawtrace_core.__version__}"
    assert started.session == session.id
    assert valid_session_id(session.id)


def test_leaving_by_an_exception_closes_the_session_as_failed(tmp_path: Path) -> None:
    with pytest.raises(KeyError), open_session(tmp_path) as session:
        raise KeyError("x")

    ended = session.tree().ended
    assert ended is not None
    assert ended.status == "error"


def test_a_session_may_be_opened_in_a_store_that_is_already_open(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with open_session(store) as session:
        assert session.store is store
    assert store.session_ids() == [session.id]


def test_an_outcome_is_recorded_beside_the_run_and_after_it(tmp_path: Path) -> None:
    session = open_session(tmp_path)
    session.recorder.started("a", kind="tool", name="t")
    session.record_outcome(success=False, score=0, oracle="o", checks=[Check(name="B2", passed=False)])
    session.recorder.ended("a")
    session.close()
    outcome = session.record_outcome(success=True, score="0.9")

    tree = session.tree()
    assert tree.outcome == outcome
    assert tree.spans[0].status == "ok"
    assert not tree.problems


def test_closing_without_waiting_is_written_by_the_next_flush(tmp_path: Path) -> None:
    session = open_session(tmp_path)
    session.recorder.started("a", kind="tool", name="t")
    session.close(wait=False)

    assert session.tree().ended is not None


def test_a_tree_compiles_to_a_card(tmp_path: Path) -> None:
    with open_session(tmp_path, task="t") as session:
        session.recorder.started("a", kind="tool", name="t")
        session.recorder.ended("a", status="error")

    card = compile_session(session.tree())
    assert card.calls.failed == 1
    assert card == session.card()


def test_a_name_that_is_a_path_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be a session's name") as raised:
        open_session(tmp_path / "store", session="../escape")

    assert isinstance(raised.value, ClawTraceError)
    assert list(tmp_path.rglob("*.jsonl")) == []
