import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def file_of(store: Path, session: str = "third") -> Path:
    return store / "sessions" / f"{session}.jsonl"


def tear(file: Path) -> None:
    """As SIGKILL leaves it: in the middle of its last line."""
    file.write_bytes(file.read_bytes()[:-10])


def test_a_whole_store_is_one_line_per_session(run: Run, store: Path) -> None:
    checked = run("check", "--store", store)
    assert checked.exit_code == 0
    lines = checked.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["ok", "first"], ["ok", "second"], ["ok", "third"]]
    assert lines[3] == f"3 sessions in {store}: all are whole"


def test_a_torn_last_line_is_noted_and_no_failure(run: Run, store: Path) -> None:
    tear(file_of(store))
    checked = run("check", "--store", store)
    assert checked.exit_code == 0
    assert "torn last line" in checked.stdout
    assert "never closed" in checked.stdout


def test_a_torn_line_that_an_outcome_closed_is_still_no_failure(run: Run, store: Path) -> None:
    tear(file_of(store))
    assert run("outcome", "third", "--store", store, "--success").exit_code == 0
    checked = run("check", "--store", store, "--json")
    assert checked.exit_code == 0, checked.stdout
    assert len(json.loads(checked.stdout)["sessions"][2]["notes"]) == 2


def test_a_session_that_still_runs_is_noted(run: Run, store: Path, record: Callable[..., str]) -> None:
    record(store, session="fourth", closed=False)
    checked = run("check", "--store", store)
    assert checked.exit_code == 0
    assert "never closed" in checked.stdout.splitlines()[3]


def test_an_event_of_a_newer_minor_version_is_noted(run: Run, store: Path) -> None:
    with file_of(store).open("ab") as file:
        file.write(b'{"e":"mood","is":"good"}\n')
    checked = run("check", "--store", store)
    assert checked.exit_code == 0
    assert "'mood' is not known to this version" in checked.stdout


def without(marker: bytes) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(line for line in data.splitlines(keepends=True) if marker not in line)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda data: data.replace(b'{"e":"span_ended"', b'{"e":"span', 1), "line "),
        (lambda data: b"not json\n" + data, "line 1: dropped: not JSON"),
        (without(b'"e":"content"'), "which is lost"),
        (without(b'"e":"session_started"'), "the opening line is lost"),
        (lambda data: data + data.splitlines(keepends=True)[-2], "twice"),
        (lambda _: b"", "the opening line is lost"),
        (lambda _: b"\xff\xfe\x00", "torn"),
    ],
)
def test_what_is_broken_is_listed_and_ends_with_one(
    run: Run, store: Path, harm: Callable[[bytes], bytes], told: str
) -> None:
    file = file_of(store)
    file.write_bytes(harm(file.read_bytes()))
    checked = run("check", "--store", store)
    assert checked.exit_code == 1
    assert "BAD  third" in checked.stdout
    assert told in checked.stdout
    assert f"3 sessions in {store}: 1 broken" in checked.stdout


def test_one_unreadable_session_does_not_stop_the_check(run: Run, store: Path) -> None:
    line = '{"e":"session_started","session":"a","at_ns":1,"schema":"9.0"}\n'
    file_of(store, "a").write_text(line, encoding="utf-8")
    checked = run("check", "--store", store, "--json")
    assert checked.exit_code == 1
    told = json.loads(checked.stdout)
    assert told["ok"] is False
    assert [row["session"] for row in told["sessions"] if row["ok"]] == ["first", "second", "third"]
    assert "9.0" in next(row for row in told["sessions"] if not row["ok"])["broken"][0]
