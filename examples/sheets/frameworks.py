"""The frameworks the demo runs on. Each is imported when it is first used: CrewAI alone takes seconds."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from clawtrace_core import Session
from examples.sheets.tools import SheetTools


class Agents(Protocol):
    """What the module of a framework's agent holds."""

    def trace(self, *, store: Path, task: str, agent: str) -> AbstractContextManager[Session]:
        """The adapter's own."""

    def instructions(self, skills: Sequence[Path]) -> Any:
        """The skills as the adapter loads them back."""

    def build_agent(self, tools: SheetTools, told: Any) -> Any:
        """An agent on one workbook."""

    def ask(self, agent: Any, request: str) -> str:
        """Run it on one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One framework, by the name its sessions bear."""

    name: str
    title: str
    agent: str
    """What runs the model and the tools."""
    wording: str = ""
    """What it does to the words that go to the model, where it does something; each received token is counted."""

    def load(self) -> Agents:
        """Its agents; imports the framework."""
        return cast("Agents", import_module(f"examples.sheets.{self.name}_agent"))


LANGCHAIN = Framework(name="langchain", title="LangChain", agent="create_agent")
LLAMAINDEX = Framework(name="llamaindex", title="LlamaIndex", agent="FunctionAgent")
CREWAI = Framework(
    name="crewai",
    title="CrewAI",
    agent="a crew of one",
    wording="it puts words of its own around skills and task, and sends back none that stood beside a tool call",
)
FRAMEWORKS = {each.name: each for each in (LANGCHAIN, LLAMAINDEX, CREWAI)}
