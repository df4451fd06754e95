"""The agent: a crew of one with the simulated model, the workbook's tools and skills as CrewAI's own skills.

Importing this imports CrewAI, which takes seconds; before it does, it switches off what CrewAI would send, ask or
print.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from clawtrace_crewai import load_skill, trace
from examples.sheets.tools import SheetError, SheetTools

OFFLINE = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_TESTING": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "OTEL_SDK_DISABLED": "true",
}
"""No telemetry, no tracing to CrewAI's servers and no question about it, no look for a newer version."""
os.environ |= OFFLINE
if "CREWAI_STORAGE_DIR" not in os.environ:
    os.environ["CREWAI_STORAGE_DIR"] = tempfile.mkdtemp(prefix="clawtrace-demo-")
    atexit.register(shutil.rmtree, os.environ["CREWAI_STORAGE_DIR"], ignore_errors=True)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, at import
    from crewai import Agent, Crew, Task
    from crewai.tools import tool
    from crewai.tools.tool_failure import ToolFailure

    from examples.sheets.model_crewai import SimulatedLLM

__all__ = ["ask", "build_agent", "crewai_tools", "instructions", "trace"]

ROLE = "Spreadsheet clerk"
GOAL = "Do what the task asks of the workbook."
BACKSTORY = "You work on spreadsheets."
EXPECTED = "One short sentence."


def instructions(skills: Sequence[Path]) -> list[Any]:
    """The skills as CrewAI's own."""
    return load_skill(*skills)


def build_agent(tools: SheetTools, told: list[Any]) -> Any:
    """A CrewAI agent on one workbook.

    Its cache is off: CrewAI would answer a repeated call from it, and what was written since would read as before.
    """
    return Agent(
        role=ROLE,
        goal=GOAL,
        backstory=BACKSTORY,
        llm=SimulatedLLM.made(),
        tools=crewai_tools(tools),
        skills=told,
        cache=False,
    )


def ask(agent: Any, request: str) -> str:
    """Run a crew of this agent and one task; its answer."""
    task = Task(description=request, expected_output=EXPECTED, agent=agent, name="sheet task")
    return str(Crew(agents=[agent], tasks=[task], name="sheets", cache=False).kickoff())


def crewai_tools(tools: SheetTools) -> list[Any]:
    """The tools as CrewAI wants them."""
    return [_wrapped(function) for function in tools.functions()]


def _wrapped(function: Callable[..., str]) -> Any:
    @tool(function.__name__)
    @wraps(function)
    def told(**kwargs: Any) -> str | ToolFailure:
        try:
            return function(**kwargs)
        except SheetError as reason:
            return ToolFailure(message=str(reason))  # the model reads the message and goes on

    return told
