"""Real stores, and the real command run on them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clawtrace_core import open_session, record_outcome
from clawtrace_core.capture import Draft
from clawtrace_core.cli.app import app
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage

MODEL = "gpt-4o"


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may find a store of the person who runs it, and none may draw as wide as their terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def run() -> Callable[..., Result]:
    """`clawtrace ...` in this process."""

    def ran(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)

    return ran


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`python -m clawtrace_core ...` as a process of its own."""

    def ran(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "clawtrace_core", *map(str, words)]
        return subprocess.run(
            line, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment}, check=False
        )

    return ran


@pytest.fixture
def record() -> Callable[..., str]:
    """An agent that asks a model, calls tools and answers; returns the session's id."""

    def recorded(
        store: Path,
        *,
        session: str | None = None,
        task: str | None = "sheet-12",
        model: str = MODEL,
        tools: Iterable[tuple[str, str]] = (("read_file", "sales.xlsx"), ("read_file", "sales.xlsx")),
        fails: str | None = None,
        closed: bool = True,
    ) -> str:
        live = open_session(store, framework="langchain", agent="analyst", task=task, session=session)
        taped = live.recorder
        history = [Draft("system", {"role": "system", "text": "You work on sheets."})]
        history.append(Draft("user", {"role": "user", "text": "What did we sell?"}))
        taped.started("root", kind="agent", name="analyst")
        for number, (name, path) in enumerate(tools):
            _ask(taped, f"llm{number}", model, history, call=(f"call{number}", name, {"path": path}))
            arguments = Draft("arguments", {"path": path})
            taped.started(
                f"tool{number}", kind="tool", name=name, parent="root", input=[arguments], tool_call=f"call{number}"
            )
            text = f"rows of {path}: 1, 2, 3"
            body = {"role": "tool", "text": text, "tool_call_id": f"call{number}"}
            history.append(Draft("tool", body, tool_call=f"call{number}"))
            if fails is None:
                taped.ended(f"tool{number}", output=[history[-1]])
            else:
                taped.ended(f"tool{number}", status="error", failure=Failure(type="ValueError", message=fails))
        _ask(taped, "answer", model, history)
        taped.ended("root")
        live.flush()
        if closed:
            live.close()
        return live.id

    return recorded


def _ask(taped: Any, key: str, model: str, history: list[Draft], call: tuple[str, str, Any] | None = None) -> None:
    request = Request(model=model, provider="openai" if model == MODEL else None)
    taped.started(key, kind="llm", name=model, parent="root", input=list(history), request=request)
    body: dict[str, Any] = {"role": "assistant", "text": "I look." if call else "Much."}
    if call is not None:
        body["tool_calls"] = [{"id": call[0], "name": call[1], "args": call[2]}]
    answer = Draft("assistant", body)
    usage = Usage(input=1000 + 100 * len(history), output=40)
    taped.ended(key, output=[answer], response=Response(model=model, usage=usage))
    history.append(answer)


@pytest.fixture
def store(tmp_path: Path, record: Callable[..., str]) -> Path:
    """A store of three sessions: `first` (a success), `second` (a failure with a check), `third` (not graded)."""
    where = tmp_path / "runs"
    for name, task in (("first", "sheet-12"), ("second", "sheet-13"), ("third", "sheet-12")):
        record(where, session=name, task=task)
    record_outcome(where, "first", success=True, score=1, oracle="cells")
    checks = [{"name": "B7", "passed": False, "expected": 3, "got": 4}]
    record_outcome(where, "second", success=False, checks=checks)
    return where
