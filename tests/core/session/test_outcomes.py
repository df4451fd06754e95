"""What an oracle tells may be anything: secrets, objects, numbers without end."""

from pathlib import Path
from typing import Any

import pytest

from clawtrace_core import Settings, open_session, record_outcome
from clawtrace_core.errors import SettingsInvalid

KEY = "sk-ant-api03-AbCdEf1234567890AbCdEf"


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no words")


def ring() -> list[Any]:
    ring: list[Any] = []
    ring.append(ring)
    return ring


@pytest.mark.parametrize("value", [Mute(), {(1, 2): 3}, ring(), "a\ud800", {"k\ud800": 1}, 10**400, {10**30: 1}, b"x"])
def test_whatever_was_expected_is_written_and_read_back(tmp_path: Path, value: object) -> None:
    with open_session(tmp_path) as session:
        session.recorder.started("a", kind="agent", name="a")
    check = {"name": "cell", "passed": False, "expected": value, "got": value, "more": value}
    record_outcome(tmp_path, session.id, success=False, checks=[check])

    outcome = session.tree().outcome
    assert outcome is not None
    assert [check.name for check in outcome.checks] == ["cell"]


def test_secrets_are_taken_out_of_an_outcome(tmp_path: Path) -> None:
    session = open_session(tmp_path)
    check = {"name": KEY, "passed": False, "expected": KEY, "got": [KEY], "more": KEY}
    session.recorder.started("a", kind="agent", name="a")
    session.record_outcome(success=False, oracle=KEY, checks=[check])
    session.close()
    record_outcome(tmp_path, session.id, success=False, oracle=KEY, checks=[check])

    assert KEY not in session.store.path(session.id).read_text(encoding="utf-8")


def test_a_session_redacts_its_outcome_as_it_redacts_its_texts(tmp_path: Path) -> None:
    session = open_session(tmp_path, settings=Settings(redact=lambda text: text.replace("Anna", "A.")))
    session.recorder.started("a", kind="agent", name="a")
    outcome = session.record_outcome(success=False, checks=[{"name": "c", "passed": False, "got": "Anna"}])
    session.close()

    assert outcome.checks[0].got == "A."


@pytest.mark.parametrize("bad", [{"score": 10**5000}, {"score": "1e999999"}, {"checks": None}, {"checks": 5}])
def test_what_is_no_outcome_is_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    with open_session(tmp_path) as session:
        session.recorder.started("a", kind="agent", name="a")

    with pytest.raises(SettingsInvalid, match=next(iter(bad))):
        record_outcome(tmp_path, session.id, success=True, **bad)
