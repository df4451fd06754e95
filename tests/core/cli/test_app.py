import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import Result

from clawtrace_core.cli.app import VERBS, app

Run = Callable[..., Result]
Command = Callable[..., subprocess.CompletedProcess[str]]


def test_the_help_names_every_verb_and_the_exit_codes(command: Command) -> None:
    told = command("--help")
    assert told.returncode == 0
    assert all(line in told.stdout for line in VERBS.values())
    assert "Exit codes: 0 fine; 1 the input is wrong or a check failed; 2 the call is" in told.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_own_help_with_the_exit_codes(run: Run, verb: str) -> None:
    told = run(verb, "--help")
    assert told.exit_code == 0
    assert "Exit codes:" in told.stdout
    assert VERBS[verb].rstrip(".").split(",")[0].split(":")[0] in " ".join(told.stdout.split())


def test_the_verbs_can_be_walked_with_their_options() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert list(commands) == list(VERBS)
    for verb, command in commands.items():
        names = {name for option in command.params for name in option.opts}
        assert verb == "outcome" or "--json" in names
        assert verb == "prices" or "--store" in names


def test_the_version_is_the_package_s(run: Run) -> None:
    assert run("--version").stdout == f"clawtrace {version('clawtrace-core')}\n"


def test_the_help_reads_no_price_list_no_card_and_no_framework() -> None:
    code = (
        "import sys; from clawtrace_core.cli.app import main\n"
        "sys.argv = ['clawtrace', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'genai_prices', 'pydantic', 'yaml', 'tiktoken', 'langchain_core', 'langchain'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [["nosuch"], ["ls", "--nosuch"], ["show"], ["ls", "--limit", "-1"], ["card", "x", "--budget", "no"],
     ["prices", "gpt-4o", "--on", "2026-02-30"], ["prices", "gpt-4o", "--cached", "10", "--input", "1"],
     ["outcome", "x"], ["outcome", "x", "--success", "--score", "high"], ["outcome", "x", "--check", "B7"]],
)  # fmt: skip
def test_a_wrong_call_ends_with_two(run: Run, words: list[str]) -> None:
    ended = run(*words)
    assert ended.exit_code == 2
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    "words", [["ls"], ["show", "last"], ["card", "last"], ["check"], ["outcome", "last", "--success"]]
)
def test_a_missing_store_is_one_clear_message_and_one(command: Command, words: list[str]) -> None:
    ended = command(*words, "--store", "nowhere")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("clawtrace: nowhere: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("words", [["ls"], ["check"]])
def test_an_empty_store_is_no_failure(run: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    ended = run(*words, "--store", "empty")
    assert ended.exit_code == 0
    assert "no sessions yet in empty" in ended.output


def test_a_session_of_an_empty_store_is_not_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = run("show", "last", "--store", "empty")
    assert ended.exit_code == 1
    assert "holds no sessions yet" in ended.stderr


def test_the_store_of_the_environment_is_used_and_the_option_wins(
    run: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAWTRACE_STORE", str(store))
    assert "first" in run("ls").stdout
    assert run("ls", "--store", "nowhere").exit_code == 1


def test_the_default_store_is_in_the_current_directory(run: Run, store: Path, tmp_path: Path) -> None:
    store.rename(tmp_path / ".clawtrace")
    assert "first" in run("ls").stdout


@pytest.mark.parametrize("words", [["show", "first", "--json"], ["show", "first"], ["card", "first"], ["ls"]])
def test_a_reader_that_goes_away_is_no_failure_to_talk_about(store: Path, words: list[str]) -> None:
    line = [sys.executable, "-m", "clawtrace_core", *words, "--store", str(store)]
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(line, stdout=writing, stderr=subprocess.PIPE, text=True) as running:
        os.close(writing)
        _, told = running.communicate()
    assert told == ""
    assert running.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [["ls"], ["ls", "--json"], ["card", "first"], ["prices", "gpt-4o", "--json"]])
def test_a_full_disk_behind_stdout_is_told(store: Path, words: list[str]) -> None:
    line = [sys.executable, "-m", "clawtrace_core", *words]
    environ = {**os.environ, "CLAWTRACE_STORE": str(store)}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environ)
    assert done.returncode == 1
    assert done.stderr in {f"clawtrace: {where}No space left on device\n" for where in ("", "standard output: ")}


def test_a_closed_stdout_is_no_failure(store: Path) -> None:
    line = f'exec "{sys.executable}" -m clawtrace_core ls --store "{store}" >&-'
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_ends_with_130_and_no_traceback() -> None:
    code = (
        "import signal, sys\nfrom clawtrace_core.cli import app\n"
        "def stopped(*_): signal.raise_signal(signal.SIGINT)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "app._Commands.get = stopped\nsys.argv = ['clawtrace', 'ls']\napp.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "clawtrace: stopped\n")


def test_a_mistake_of_ours_is_one_message_unless_all_of_it_is_asked_for() -> None:
    code = (
        "import sys\nfrom clawtrace_core.cli import app\n"
        "def broken(*_): return 1 // 0\n"
        "app._Commands.get = broken\nsys.argv = ['clawtrace', 'ls']\napp.main()"
    )

    def told(**environment: str) -> str:
        environ: dict[str, Any] = {**os.environ, **environment}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environ)
        assert done.returncode == 1
        return done.stderr

    assert told().startswith("clawtrace: a mistake in clawtrace itself: ZeroDivisionError")
    assert "Traceback" not in told()
    assert "Traceback" in told(CLAWTRACE_DEBUG="1")
