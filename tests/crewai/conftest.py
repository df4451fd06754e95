"""CrewAI kept quiet and offline, a provider on 127.0.0.1 that follows a script, and agents that ask it."""

import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.looking import outline, tokens  # noqa: F401 - fixtures
from tests.kit.provider import running, server_of
from tests.kit.wire import CHAT_USAGE, chat, claude

os.environ |= {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_TESTING": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "OTEL_SDK_DISABLED": "true",
    "CREWAI_STORAGE_DIR": tempfile.mkdtemp(prefix="crewai-"),
}

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, at import
    import crewai
    import crewai.llms.providers.anthropic.completion
    import crewai.llms.providers.openai.completion
    import crewai.memory.unified_memory  # noqa: F401

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:  # CrewAI uses its own deprecated fields, and leaves sockets to the collector
            for kind in ("DeprecationWarning", "ResourceWarning", "ImportWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{kind}"))


USAGE = CHAT_USAGE | {
    "completion_tokens": 50,
    "total_tokens": 1050,
    "completion_tokens_details": {"reasoning_tokens": 20},
}


class Provider:
    """What it was asked, and what it says: a text, tool calls as (name, arguments), or (status, body)."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.script: Callable[[Any, int], Any] = lambda _asked, _number: "done"
        self.url = ""
        self._lock = threading.Lock()

    @property
    def total(self) -> tuple[int, int, int]:
        """(input, cache reads, output) tokens of the requests it answered, in OpenAI's counts."""
        return 1000 * self.served, 600 * self.served, 50 * self.served

    served = 0

    def answer(self, path: str, asked: Any) -> tuple[int, Any]:
        if path.endswith("/count_tokens"):  # CrewAI asks before it calls, and goes on without an answer
            return 404, {"type": "error", "error": {"type": "not_found_error", "message": "no"}}
        with self._lock:
            self.asked.append(asked)
            number = len(self.asked)
        said = self.script(asked, number)
        if isinstance(said, tuple):
            return said
        with self._lock:
            self.served += 1
        if isinstance(said, list):
            said = [(name, args, f"call_{number}_{index}") for index, (name, args) in enumerate(said)]
        openai = path.endswith("/chat/completions")
        return 200, chat(asked, said, USAGE, number) if openai else claude(asked, said, number)


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()
    with running(server_of(found)) as found.url:
        yield found


@pytest.fixture
def llm(provider: Provider) -> Callable[..., Any]:
    """Makes a real native OpenAI client of CrewAI's that asks the provider."""

    def make(**given: Any) -> Any:
        from crewai import LLM

        return LLM(model="openai/gpt-x", base_url=f"{provider.url}/v1", api_key="secret-key", **given)

    return make


@pytest.fixture
def agent(llm: Callable[..., Any]) -> Callable[..., Any]:
    """Makes an agent by its role."""

    def make(role: str, **given: Any) -> Any:
        from crewai import Agent

        return Agent(role=role, goal="Help", backstory="You help.", **{"llm": given.pop("llm", None) or llm(), **given})

    return make


@pytest.fixture
def crew() -> Callable[..., Any]:
    """Makes a crew with one task for each agent, unless tasks are given."""

    def make(*agents: Any, **given: Any) -> Any:
        from crewai import Crew, Task

        tasks = given.pop("tasks", None) or [
            Task(description=f"Do the part of {a.role}", expected_output="x", agent=a, name=f"T{n}")
            for n, a in enumerate(agents, 1)
        ]
        return Crew(agents=list(agents), tasks=tasks, **{"name": "team", **given})

    return make


@pytest.fixture
def search() -> Any:
    """A tool that answers at once."""
    from crewai.tools import tool

    @tool("search")
    def search(q: str) -> str:
        """Search for q."""
        return f"found {q}"

    return search


@pytest.fixture
def team() -> Callable[[Path, Any], Any]:
    """The crew of a folder with `agents.yaml` and `tasks.yaml`, as a project of CrewAI's makes it."""

    def make(config: Path, client: Any) -> Any:
        from crewai import Agent, Crew, Task
        from crewai.project import CrewBase, agent, task
        from crewai.project import crew as the_crew

        @CrewBase
        class Team:
            agents_config = str(config / "agents.yaml")
            tasks_config = str(config / "tasks.yaml")

            @agent
            def researcher(self) -> Agent:
                return Agent(config=self.agents_config["researcher"], llm=client)

            @task
            def research_task(self) -> Task:
                return Task(config=self.tasks_config["research_task"])

            @the_crew
            def crew(self) -> Crew:
                return Crew(agents=self.agents, tasks=self.tasks)

        return Team().crew()

    return make
