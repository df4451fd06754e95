import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from clawtrace_core import open_store
from clawtrace_core.model.event import Outcome

Run = Callable[..., Result]


def recorded(store: Path, session: str = "third") -> Outcome:
    outcome = open_store(store).read(session).outcome
    assert outcome is not None
    return outcome


def test_a_verdict_is_recorded_and_told(run: Run, store: Path) -> None:
    told = run(
        "outcome", "third", "--store", store, "--success", "--score", "0.75", "--oracle", "cells",
        "--check", "B7=pass", "--check", "a=b=fail",
    )  # fmt: skip
    assert told.exit_code == 0
    assert told.stdout == "third: recorded success, score 0.75, 1 of 2 checks passed, by cells\n"
    outcome = recorded(store)
    assert (outcome.success, str(outcome.score), outcome.oracle) == (True, "0.75", "cells")
    assert [(check.name, check.passed) for check in outcome.checks] == [("B7", True), ("a=b", False)]


def test_the_last_verdict_counts(run: Run, store: Path) -> None:
    run("outcome", "third", "--store", store, "--success")
    run("outcome", "third", "--store", store, "--failure")
    assert recorded(store).success is False
    assert "fail" in run("ls", "--store", store).stdout.splitlines()[3]


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_checks_come_from_a_file_with_what_was_expected_and_got(run: Run, store: Path, suffix: str) -> None:
    checks = [
        {"name": "B7", "passed": True},
        {"name": "C2", "passed": False, "expected": {"sum": 3}, "got": [4, None]},
    ]
    Path(f"checks.{suffix}").write_text(json.dumps(checks), encoding="utf-8")
    told = run("outcome", "third", "--store", store, "--from", f"checks.{suffix}")
    assert told.exit_code == 0
    outcome = recorded(store)
    assert outcome.success is False
    assert (outcome.checks[1].expected, outcome.checks[1].got) == ({"sum": 3}, [4, None])


def test_options_win_over_the_file(run: Run, store: Path) -> None:
    text = "success: true\nscore: 0.5\noracle: file\nchecks:\n- {name: B7, passed: true, got: 2026-01-01}\n"
    Path("verdict.yaml").write_text(text, encoding="utf-8")
    told = run("outcome", "third", "--store", store, "--from", "verdict.yaml", "--failure", "--oracle", "me")
    assert told.exit_code == 0
    outcome = recorded(store)
    assert (outcome.success, str(outcome.score), outcome.oracle) == (False, "0.5", "me")
    assert outcome.checks[0].got == "2026-01-01"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "found nothing, expected a list of checks"),
        ("hello", "found str 'hello'"),
        ("- 3", "check 1: found int '3'"),
        ("- {passed: true}", "check 1: field 'name': found nothing, expected text"),
        ("- {name: B7, passed: maybe}", "check 1: field 'passed': found str 'maybe', expected true or false"),
        ("- {name: B7, passed: true, want: 3}", "check 1: unknown field 'want'"),
        ("checks: {}", "field 'checks': found dict"),
        ("success: 1", "field 'success': found int '1', expected true or false"),
        ("score: high", "field 'score': found 'high', expected a number"),
        ("score: .nan", "field 'score'"),
        ("grade: 3", "unknown field 'grade'"),
        ("a: [", "neither YAML nor JSON"),
        ("a: 2026-13-45", "neither YAML nor JSON"),
        ("[" * 3000, "neither YAML nor JSON"),
    ],
)
def test_a_file_that_holds_no_verdict_is_told_field_by_field(run: Run, store: Path, text: str, named: str) -> None:
    Path("bad.yaml").write_text(text, encoding="utf-8")
    ended = run("outcome", "third", "--store", store, "--success", "--from", "bad.yaml")
    assert ended.exit_code == 1
    assert ended.stderr.startswith("clawtrace: bad.yaml: ")
    assert named in ended.stderr
    assert open_store(store).read("third").outcome is None


def test_a_file_that_is_not_there_is_named(run: Run, store: Path) -> None:
    ended = run("outcome", "third", "--store", store, "--from", "no.yaml")
    assert ended.exit_code == 1
    assert ended.stderr == "clawtrace: no.yaml: No such file or directory\n"


def test_an_unknown_session_gets_no_verdict(run: Run, store: Path) -> None:
    ended = run("outcome", "nosuch", "--store", store, "--success")
    assert ended.exit_code == 1
    assert not (store / "sessions" / "nosuch.jsonl").exists()


def test_a_store_that_is_read_only_is_told(run: Run, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The user who runs this may be allowed to write anywhere; then only a refusal of the system itself is one.
    file = store / "sessions" / "third.jsonl"
    file.chmod(0o444)
    if os.access(file, os.W_OK):
        really = os.open

        def refused(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR):
                raise PermissionError(13, "Permission denied", str(path))
            return really(path, flags, *rest, **more)

        monkeypatch.setattr(os, "open", refused)
    ended = run("outcome", "third", "--store", store, "--success")
    assert ended.exit_code == 1
    assert "third.jsonl: cannot write (Permission denied)" in ended.stderr
