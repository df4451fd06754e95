"""LangChain's `create_agent` with a scripted policy. Importing this imports LangChain."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain.agents import create_agent

from clawtrace_langchain import load_skill_prompt, trace
from examples.planted.policy import Policy
from examples.planted.tools import PlantedTools
from examples.sheets.langchain_agent import ask, langchain_tools
from examples.sheets.model_langchain import SimulatedChatModel

__all__ = ["ask", "build_agent", "instructions", "trace"]


def instructions(skills: Sequence[Path]) -> str:
    """The skills as a system prompt."""
    return load_skill_prompt(*skills)


def build_agent(tools: PlantedTools, told: str, policy: Policy) -> Any:
    """An agent on one workbook."""
    return create_agent(
        SimulatedChatModel(policy=policy), langchain_tools(tools), system_prompt=told, name=tools.domain
    )
