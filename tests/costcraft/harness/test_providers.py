"""A provider that refuses, as its own client tells it through a framework."""

import json
import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest


class Provider(BaseHTTPRequestHandler):
    """OpenAI's chat completions. What a task is answered with stands in its words: `n-2` is told to come later."""

    statuses: ClassVar = {"n-2": 429, "n-3": 400}

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        found = re.search(r"n-\d", asked)
        status = self.statuses.get(found[0] if found else "", 200)
        message = {"role": "assistant", "content": "done"}
        usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
        whole = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-5.4", "usage": usage}
        whole["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        body = json.dumps(whole if status == 200 else {"error": {"message": "no", "type": "x"}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Broken(Provider):
    """Its key is refused, and then it breaks."""

    statuses: ClassVar = {"n-2": 401, "n-3": 500}


@pytest.fixture
def serve() -> Iterator[Any]:
    """Starts a provider; its address."""
    servers = []

    def start(kind: type[Provider]) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def evaluated(project, url: str, *tasks: str) -> dict[tuple[str, str], Any]:
    """The last line of each task under the baseline and the other condition."""
    agent = {
        "framework": "langchain",
        "factory": "python:provider_agents:build",
        "options": {"notes": None, "urls": [url, "http://127.0.0.1:9/v1"]},
    }
    found = project.evaluate(agent=agent, tasks={"only": tasks, "limit": None}, attempts=1)
    return {(done.condition, done.task): done for done in found.lines}


def test_no_connection_and_a_rate_limit_are_infrastructure_and_a_bad_request_is_not(project, serve) -> None:
    lines = evaluated(project, serve(Provider), "n-1", "n-2", "n-3", "n-4")
    for condition in ("plain", "better"):
        away, busy, wrong, done = (lines[condition, f"n-{number}"] for number in range(1, 5))
        assert (away.status, busy.status) == ("infrastructure", "infrastructure")
        assert "ConnectionError" in away.why
        assert "RateLimitError" in busy.why
        assert away.success is busy.success is None
        assert wrong.status == done.status == "graded"
        assert re.match(r"the agent raised \w+Error: Error code: 400", wrong.why)
        assert (done.why, done.llm_calls, done.success) == (None, 1, False)
        assert done.usd == Decimal("0.00265")


def test_a_refused_key_and_a_broken_provider_are_infrastructure(project, serve) -> None:
    lines = evaluated(project, serve(Broken), "n-2", "n-3")
    assert {done.status for done in lines.values()} == {"infrastructure"}
    assert "AuthenticationError" in lines["plain", "n-2"].why
    assert "Error code: 500" in lines["plain", "n-3"].why
