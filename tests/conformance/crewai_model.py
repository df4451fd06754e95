"""The local provider of the CrewAI tests, told to bill what a scenario's provider tells. CrewAI's clients ask it."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from borrowing import borrowed

from clawtrace_core.testing import Stage
from clawtrace_core.testing.bills import as_anthropic, as_openai
from tests.kit.provider import running, server_of

_TESTS = borrowed("crewai")

# CrewAI is imported here alone, once it was told to keep quiet and offline.
from crewai import LLM, Agent, Crew, Process, Task  # noqa: E402
from crewai.events import crewai_event_bus  # noqa: E402
from crewai.flow import Flow, listen, start  # noqa: E402
from crewai.flow.async_feedback import HumanFeedbackPending  # noqa: E402
from crewai.flow.human_feedback import human_feedback  # noqa: E402
from crewai.flow.persistence.sqlite import SQLiteFlowPersistence  # noqa: E402
from crewai.tools import tool  # noqa: E402

__all__ = [
    "Agent",
    "Crew",
    "Flow",
    "HumanFeedbackPending",
    "Process",
    "SQLiteFlowPersistence",
    "Task",
    "human_feedback",
    "listen",
    "start",
    "studio",
    "tool",
]

Said = Any
"""A text, tool calls as (name, arguments), (status, body) for a refusal, or a function that answers one of these."""


class Billed(_TESTS.Provider):  # type: ignore[misc]
    """Follows a script, and bills each answer that is none of a refusal."""

    def __init__(self, stage: Stage, script: list[Said], session: int) -> None:
        super().__init__()
        self._stage, self._script, self._session = stage, script, session
        self._turn = threading.Lock()
        self.script = self._next

    def _next(self, _asked: Any, _number: int) -> Said:
        with self._turn:
            said = self._script.pop(0)
        return said() if callable(said) else said

    def answer(self, path: str, asked: Any) -> tuple[int, Any]:
        if path.endswith("/count_tokens"):  # free, and no call of a model
            return 200, {"input_tokens": 100}
        status, answer = super().answer(path, asked)
        if status == 200:
            usage = self._stage.bill(self._session)
            _bill(answer, as_openai(usage) if path.endswith("/chat/completions") else as_anthropic(usage))
        return status, answer


def _bill(answer: Any, usage: dict[str, Any] | None) -> None:
    for part in answer if isinstance(answer, list) else [answer]:
        if part.pop("usage", None) is not None and usage is not None:
            part["usage"] = usage


def _halting(over: threading.Event) -> ThreadingHTTPServer:
    """A provider whose stream stops after its first word, until whoever listens is gone."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": "one "}, "finish_reason": None}
    chunk = {"id": "half", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}

    class Halting(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()
            over.wait(60)
            self.close_connection = True

    return ThreadingHTTPServer(("127.0.0.1", 0), Halting)


class Studio:
    """The providers of one performance."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._open = ExitStack()

    def llm(self, *script: Said, session: int = 0, model: str | None = None, **more: Any) -> Any:
        """A model of CrewAI's own that hears this script."""
        url = self._open.enter_context(running(server_of(Billed(self._stage, list(script), session))))
        if model is not None:
            return LLM(model=model, base_url=url, api_key="none", max_retries=0, **more)
        return LLM(model=f"openai/{self._stage.model}", base_url=f"{url}/v1", api_key="none", max_retries=0, **more)

    def halting(self) -> Any:
        """A model whose stream stops after its first word."""
        over = threading.Event()
        url = self._open.enter_context(running(_halting(over)))
        self._open.callback(over.set)
        return LLM(
            model=f"openai/{self._stage.model}", base_url=f"{url}/v1", api_key="none", max_retries=0, stream=True
        )

    def stop(self) -> None:
        crewai_event_bus.flush(timeout=30)  # CrewAI prints in threads of its own; what it prints belongs to this play
        self._open.close()


@contextmanager
def studio(stage: Stage) -> Iterator[Studio]:
    found = Studio(stage)
    try:
        yield found
    finally:
        found.stop()
