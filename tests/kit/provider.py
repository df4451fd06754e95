"""A provider on 127.0.0.1: a server for any answers, and one that answers as a test tells it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import pytest

from tests.kit import wire

SLOW_DOWN = (429, {"error": {"message": "slow down", "type": "rate_limit"}})


class Answers(Protocol):
    """What a server sends."""

    def answer(self, path: str, asked: Any) -> tuple[int, Any]:
        """What a request to that path gets: the status, and a body or the events of a stream."""


class Provider:
    """What it was asked, and the tool calls it will ask for; without any left it says `done`."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.calls: list[wire.Calls] = []
        self.usage: dict[str, Any] = dict(wire.CHAT_USAGE)
        self.refuse = 0
        self.url = ""

    def answer(self, path: str, asked: Any) -> tuple[int, Any]:
        if self.refuse:
            self.refuse -= 1
            return SLOW_DOWN
        self.asked.append(asked)
        said: wire.Said = self.calls.pop(0) if self.calls else "done"
        if path.endswith("/chat/completions"):
            return 200, wire.chat(asked, said, self.usage)
        return 200, wire.responses(asked, said) if path.endswith("/responses") else wire.claude(asked, said)


def server_of(provider: Answers) -> ThreadingHTTPServer:
    """A server, not yet running, that sends the answers of a provider."""

    class Answering(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            status, said = provider.answer(self.path, json.loads(self.rfile.read(int(self.headers["content-length"]))))
            if isinstance(said, list):
                named = "".join(f"event: {e.get('type', 'x')}\ndata: {json.dumps(e)}\n\n" for e in said)
                plain = "".join(f"data: {json.dumps(e)}\n\n" for e in said) + "data: [DONE]\n\n"
                kind, body = "text/event-stream", plain if "choices" in said[0] else named
            else:
                kind, body = "application/json", json.dumps(said)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body.encode())))
            self.send_header("x-secret-header", "header-secret-value")
            self.end_headers()
            self.wfile.write(body.encode())

    return ThreadingHTTPServer(("127.0.0.1", 0), Answering)


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[str]:
    """The address of a server, while it runs in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()
    with running(server_of(found)) as found.url:
        yield found
