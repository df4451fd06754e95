"""What every test gets: no network but the loopback, and no setting of the person who runs them."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# No test judges time; and a run in CI tries the same examples every time.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("house")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SETTINGS = ("CLAWTRACE_", "COSTCRAFT_", "LANGCHAIN_", "LANGSMITH_", "LANGGRAPH_", "OPENAI_", "ANTHROPIC_", "GOOGLE_")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise RuntimeError(f"a test tried to reach {address[0]!r}; tests speak to 127.0.0.1 alone")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data(repo: Path) -> Path:
    """Recorded real data beside the repository; a test that needs it is skipped where it is not there."""
    found = repo.parent / "shared" / "data"
    if not found.is_dir():
        pytest.skip("../shared/data is not beside this checkout")
    return found
