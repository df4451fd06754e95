"""What a terminal gets, and what a pipe gets."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Record = Callable[..., str]

HOSTILE = "a\u202eb\x1b]0;title\ac"


@pytest.fixture
def on_a_terminal() -> Callable[..., str]:
    """`clawtrace ...` with stdout on a terminal: every byte that reaches it."""

    def ran(*words: object, **environment: str) -> str:
        reading, writing = pty.openpty()
        line = [sys.executable, "-m", "clawtrace_core", *map(str, words)]
        environ = {**os.environ, "TERM": "xterm-256color", **environment}
        with subprocess.Popen(line, stdout=writing, stderr=writing, stdin=subprocess.DEVNULL, env=environ) as running:
            os.close(writing)
            seen = b""
            while True:
                try:
                    part = os.read(reading, 65536)
                except OSError:  # how Linux says that the other end is gone
                    break
                if not part:
                    break
                seen += part
        os.close(reading)
        assert running.returncode == 0, seen
        return seen.decode()

    return ran


def test_a_terminal_gets_colours_unless_no_color_is_set(on_a_terminal: Callable[..., str], store: Path) -> None:
    assert "\x1b[36m" in on_a_terminal("show", "first", "--store", store)
    plain = on_a_terminal("show", "first", "--store", store, NO_COLOR="1")
    assert "\x1b[36m" not in plain
    assert "\x1b[3" not in plain


def test_a_card_on_a_terminal_is_harmless_and_in_a_pipe_exact(
    on_a_terminal: Callable[..., str], command: Callable[..., subprocess.CompletedProcess[str]], record: Record
) -> None:
    record(Path("bad"), session="bad", task=HOSTILE, tools=[(HOSTILE, HOSTILE)])
    for words in (["card", "bad"], ["card", "bad", "--full"], ["card", "bad", "--json"]):
        assert not set(on_a_terminal(*words, "--store", "bad")) & set("\x1b\a\u202e"), words
    assert command("card", "bad", "--store", "bad").returncode == 0


def test_a_tree_on_a_terminal_keeps_escape_sequences_of_a_session_out(
    on_a_terminal: Callable[..., str], record: Record
) -> None:
    record(Path("bad"), session="bad", task=HOSTILE, tools=[(HOSTILE, HOSTILE)], fails=HOSTILE)
    for words in (["ls"], ["show", "bad"], ["check"]):
        seen = on_a_terminal(*words, "--store", "bad")
        assert "\x1b]0;" not in seen
        assert "\u202e" not in seen
        assert "\a" not in seen


def test_a_pipe_gets_no_colours_and_room_for_whole_ids(
    command: Callable[..., subprocess.CompletedProcess[str]], record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS")
    name = record(Path("runs"))
    shown = command("ls", "--store", "runs").stdout
    assert name in shown
    assert "analyst" in shown
    assert "\x1b" not in shown


def test_an_encoding_without_our_letters_is_no_failure(
    command: Callable[..., subprocess.CompletedProcess[str]], store: Path
) -> None:
    shown = command("show", "first", "--store", store, PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert "|- 2 tool read_file path=sales.xlsx" in shown.stdout
    assert "`- 5 llm" in shown.stdout
    assert "\\u" not in shown.stdout
    assert shown.stderr == ""
