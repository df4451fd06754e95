"""A CrewAI crew of one with a scripted policy. Importing this imports CrewAI, with all it would send switched off."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from examples.planted.policy import Policy
from examples.planted.tools import PlantedTools
from examples.sheets.crewai_agent import Agent, ask, crewai_tools, instructions, trace
from examples.sheets.model_crewai import SimulatedLLM

MOST_TURNS = 60
"""CrewAI stops an agent after 25 unless it is told otherwise."""

__all__ = ["ask", "build_agent", "instructions", "trace"]


def build_agent(tools: PlantedTools, told: Sequence[Path] | list[Any], policy: Policy) -> Any:
    """A CrewAI agent on one workbook; its cache is off, or what was written since would read as before."""
    return Agent(
        role="Clerk",
        goal="Do what the task asks of the workbook.",
        backstory="You work on workbooks.",
        llm=SimulatedLLM.made(policy),
        tools=crewai_tools(tools),
        skills=told,
        cache=False,
        max_iter=MOST_TURNS,
    )
