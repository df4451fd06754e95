"""`costcraft replay`: what it prints and keeps, and how it goes on."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from clawtrace_core import Session, open_store, record_outcome
from costcraft.cli import app
from costcraft.counterfactual.kept_tests import KeptTests, Made
from costcraft.counterfactual.step_test import SessionTest
from costcraft.errors import CostcraftError, EnvironmentInvalid, NothingReplays, ResultsInvalid, TargetUnwritable

Play = Callable[..., Session]
WASTE = [("catalogue", {}), ("catalogue", {}), ("unlock", {}), ("pay", {"amount": 21})]


@pytest.fixture
def run(tmp_path: Path, named_shop: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("COLUMNS", "160")

    def go(*more: str, environment: str = named_shop) -> Result:
        told = ["replay", "--store", str(tmp_path / "runs"), "--out", str(tmp_path / "tests.jsonl")]
        return CliRunner().invoke(app, [*told, "--environment", environment, *more])

    return go


def lines(tmp_path: Path) -> Sequence[Any]:
    return [json.loads(line) for line in (tmp_path / "tests.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_table_tells_each_test_alone_and_both(play: Play, run: Any) -> None:
    for n in range(2):
        play(f"s{n}", *WASTE, task=f"buy-{n}")
    done = run()
    assert done.exit_code == 0, done.output
    rows = {row.split()[0]: row.split()[1:] for row in done.output.splitlines() if row.startswith(" ")}
    assert rows["tool"] == "steps worse without used later replay approves flow approves both USD of both".split()
    assert rows["catalogue"][:6] == ["4", "0", "2", "4", "2", "2"]
    assert rows["pay"] == ["2", "2", "0", "0", "0", "0", "$0.0000"]
    assert rows["all"][:6] == ["8", "4", "2", "4", "2", "2"]
    assert "2 of 2 session(s) ran again, and ended and answered as recorded" in done.output


def test_json_tells_the_same(play: Play, run: Any) -> None:
    play("s", *WASTE)
    play("t", *WASTE, task="sell-1", world_task="buy-1")
    told = json.loads(run("--json").output)
    assert (told["sessions"], told["played"]) == (2, 1)
    assert told["not_played"] == {"t": "reset() raised KeyError: 'sell-1'"}
    assert told["all"]["both"] == 1
    assert told["all"]["untold"] == {"reset() raised KeyError": 4}
    catalogue = next(each for each in told["tools"] if each["tool"] == "catalogue")
    assert float(catalogue["usd"]) > 0


def test_every_session_is_a_line_of_the_file(play: Play, run: Any, tmp_path: Path, named_shop: str) -> None:
    play("s", *WASTE)
    run()
    opening, session = lines(tmp_path)
    assert opening == {"costcraft": 1, "environment": named_shop, "only_reads": False}
    assert [test["replay"]["what"] for test in session["tests"]] == ["same", "same", "drop", "drop"]
    kept = KeptTests(tmp_path / "tests.jsonl", Made(environment=named_shop))
    assert kept.sessions["s"].tests[1].both_approve


def test_a_second_run_tests_only_what_is_not_there_yet(play: Play, run: Any, tmp_path: Path) -> None:
    play("s0", *WASTE)
    run()
    play("s1", *WASTE)
    first = (tmp_path / "tests.jsonl").read_bytes()
    run()
    assert (tmp_path / "tests.jsonl").read_bytes().startswith(first)
    assert [line["session"] for line in lines(tmp_path)[1:]] == ["s0", "s1"]
    assert "2 of 2 session(s)" in run().output
    assert len(lines(tmp_path)) == 3


def test_what_a_killed_run_left_half_is_tested_again(play: Play, run: Any, tmp_path: Path) -> None:
    for n in range(2):
        play(f"s{n}", *WASTE)
    run()
    path = tmp_path / "tests.jsonl"
    whole = path.read_bytes()
    for cut in (len(whole) - 9, whole.index(b"\n") - 5, 0):
        path.write_bytes(whole[:cut])
        assert run().exit_code == 0
        assert path.read_bytes() == whole


def test_two_runs_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    made = Made(environment="python:a:B")
    one, other = (KeptTests(tmp_path / "tests.jsonl", made) for _ in range(2))
    for n, kept in enumerate((one, other, one), start=1):
        kept.keep(SessionTest(session=f"s{n}"))
    assert sorted(KeptTests(tmp_path / "tests.jsonl", made).sessions) == ["s1", "s2", "s3"]


def test_a_session_that_could_not_run_is_tried_again(play: Play, run: Any, tmp_path: Path) -> None:
    play("s", *WASTE, outcome=False)
    assert isinstance(run().exception, NothingReplays)
    record_outcome(open_store(tmp_path / "runs"), "s", success=True)
    assert run().exit_code == 0
    assert [line["why"] is None for line in lines(tmp_path)[1:]] == [False, True]


def test_one_session_can_be_named(play: Play, run: Any, tmp_path: Path) -> None:
    for n in range(3):
        play(f"s{n}", *WASTE)
    run("--session", "s1", "--session", "s1")
    assert [line["session"] for line in lines(tmp_path)[1:]] == ["s1"]


def test_reasons_are_summed_whatever_their_numbers(play: Play, run: Any) -> None:
    play("s", *WASTE)
    play("t", ("count", {}), *WASTE, world_task="buy-1", task="sell-1")
    done = run()
    assert "  t: reset() raised KeyError: 'sell-1'" in done.output
    assert "not told of 5 step(s): reset() raised KeyError\n" in done.output


@pytest.mark.parametrize(
    ("more", "environment", "error", "why"),
    [
        ((), "python:no_such_world:World", EnvironmentInvalid, "no_such_world cannot be imported"),
        ((), "my_shop:Shop", EnvironmentInvalid, "expected python:MODULE:NAME"),
        ((), "python:my_shop:Any", EnvironmentInvalid, "Any"),
        (("--session", "nobody"), None, NothingReplays, "no session 'nobody'"),
    ],
)
def test_what_cannot_be_done_says_why(
    play: Play, run: Any, tmp_path: Path, named_shop: str, more: Any, environment: Any, error: Any, why: str
) -> None:
    play("s", *WASTE)
    done = run(*more, environment=environment or named_shop)
    assert isinstance(done.exception, error)
    assert why in str(done.exception)
    assert not (tmp_path / "tests.jsonl").exists()


def test_where_nothing_can_run_again_the_first_reason_is_told(play: Play, run: Any) -> None:
    for n in range(2):
        play(f"s{n}", *WASTE, outcome=False)
    done = run()
    assert isinstance(done.exception, NothingReplays)
    assert str(done.exception) == (
        "none of the 2 session(s) can run again in python:my_shop:Shop; the first, s0: it has no outcome that could "
        "stay the same; grade it with `clawtrace outcome`"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no json\n", ":1: is no file of `costcraft replay`"),
        ("half a word", ": is no file of `costcraft replay`"),
        (
            '{"costcraft":1,"environment":"python:a:B","only_reads":false}\n',
            "python:a:B; found --environment python:c:D",
        ),
        ('{"costcraft":1,"environment":"python:c:D","only_reads":true}\n', "python:c:D --only-reads; found"),
        ('{"costcraft":1,"environment":"python:c:D","only_reads":false}\n{}\n', ":2: is no session that was tested"),
    ],
)
def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "tests.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsInvalid, match="jsonl") as raised:
        KeptTests(path, Made(environment="python:c:D"))
    assert why in str(raised.value)
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_written_or_read_is_an_error_of_costcraft_s_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(TargetUnwritable, match="name another --out"):
        KeptTests(tmp_path / "file" / "tests.jsonl", Made(environment="e")).keep(SessionTest(session="s"))
    with pytest.raises(CostcraftError, match="cannot be read"):
        KeptTests(tmp_path, Made(environment="e"))
