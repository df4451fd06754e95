import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def test_sessions_are_listed_newest_last(run: Run, store: Path) -> None:
    shown = run("ls", "--store", store)
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].split()[:4] == ["session", "task", "when", "outcome"]
    assert [line.split()[0] for line in lines[1:]] == ["first", "second", "third"]
    assert all(len(line) <= 80 for line in lines)
    first, second, third = lines[1:]
    assert "pass 1.0" in first
    assert "fail" in second
    assert "3/2" in third
    assert "$0.0" in third
    assert "\x1b" not in shown.stdout


def test_the_limit_keeps_the_newest_and_says_how_many_are_older(run: Run, store: Path) -> None:
    shown = run("ls", "--store", store, "--limit", "1")
    assert "third" in shown.stdout
    assert "first" not in shown.stdout
    assert "2 older not shown; --limit 0 lists all." in shown.stdout
    assert len(run("ls", "--store", store, "--limit", "0").stdout.splitlines()) == 4


def test_a_task_can_be_picked(run: Run, store: Path) -> None:
    shown = run("ls", "--store", store, "--task", "sheet-12").stdout
    assert "first" in shown
    assert "third" in shown
    assert "second" not in shown
    none = run("ls", "--store", store, "--task", "other")
    assert none.exit_code == 0
    assert "no sessions of the task 'other'" in none.stderr


def test_json_is_all_there_is_on_stdout_and_money_is_text(run: Run, store: Path) -> None:
    shown = run("ls", "--store", store, "--json")
    told = json.loads(shown.stdout)
    assert shown.stderr == ""
    assert told["store"] == str(store)
    assert told["older"] == 0
    first = told["sessions"][0]
    assert list(first) == [
        "session", "task", "user", "agent", "framework", "models", "started", "seconds", "status", "outcome", "cost",
        "tokens", "calls", "flags", "waste", "problems",
    ]  # fmt: skip
    assert first["session"] == "first"
    assert first["outcome"]["score"] == "1"
    assert Decimal(first["cost"]["usd"]) > 0
    assert isinstance(first["cost"]["usd"], str)
    assert first["calls"]["llm"] == 3


def test_an_empty_store_is_an_empty_list(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shown = run("ls", "--store", "empty", "--json")
    assert json.loads(shown.stdout) == {"store": "empty", "sessions": [], "older": 0}


def test_a_model_without_a_price_is_not_free(run: Run, store: Path, record: Callable[..., str]) -> None:
    record(store, session="fourth", model="house-model")
    shown = run("ls", "--store", store)
    assert "unpriced" in shown.stdout.splitlines()[4]
    assert "names their models" in " ".join(shown.stdout.split())
    assert json.loads(run("ls", "--store", store, "--json").stdout)["sessions"][3]["cost"]["usd"] is None


def test_prices_of_one_s_own_are_used(run: Run, store: Path, record: Callable[..., str], tmp_path: Path) -> None:
    record(store, session="fourth", model="house-model")
    Path("prices.yaml").write_text("prices:\n  - {model: house-model, input: 1, output: 2}\n", encoding="utf-8")
    assert "unpriced" not in run("ls", "--store", store, "--prices", "prices.yaml").stdout
    ended = run("ls", "--store", store, "--prices", "missing.yaml")
    assert ended.exit_code == 1
    assert "missing.yaml" in ended.stderr


def test_a_session_of_a_newer_schema_does_not_hide_the_others(run: Run, store: Path) -> None:
    line = '{"e":"session_started","session":"new","at_ns":1,"schema":"9.0"}\n'
    (store / "sessions" / "new.jsonl").write_text(line, encoding="utf-8")
    shown = run("ls", "--store", store)
    assert shown.exit_code == 0
    assert "unreadable" in shown.stdout
    assert "third" in shown.stdout
    told = json.loads(run("ls", "--store", store, "--json").stdout)["sessions"]
    assert "newer" in next(row for row in told if row["session"] == "new")["error"]


@pytest.mark.parametrize("junk", [b"", b"\n\n", b"\x00\xff\xfe", b"not json\n", b'{"e":"span_ended"}\n', b"[1]\n"])
def test_a_file_of_junk_is_listed_and_breaks_nothing(run: Run, store: Path, junk: bytes) -> None:
    (store / "sessions" / "junk.jsonl").write_bytes(junk)
    for verb in (["ls"], ["ls", "--json"], ["show", "junk"], ["card", "junk"], ["show", "junk", "--json"]):
        ended = run(*verb, "--store", store)
        assert ended.exit_code == 0, ended.output
        assert "junk" in ended.stdout
