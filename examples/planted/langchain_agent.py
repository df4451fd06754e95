"""LangChain's `create_agent` with a scripted policy. Importing this imports LangChain."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.tools import BaseTool

from clawtrace_langchain import load_skill_prompt, trace
from examples.planted import Domain
from examples.planted.policy import Policy
from examples.planted.tools import PlantedTools
from examples.sheets.langchain_agent import ask, langchain_tools, with_failures_told
from examples.sheets.model_langchain import SimulatedChatModel

__all__ = ["ask", "build_agent", "instructions", "trace"]


def instructions(skills: Sequence[Path]) -> str:
    """The skills as a system prompt."""
    return load_skill_prompt(*skills)


def build_agent(tools: PlantedTools, told: str, policy: Policy) -> Any:
    """An agent on one workbook."""
    return create_agent(SimulatedChatModel(policy=policy), _tools_on(tools), system_prompt=told, name=tools.domain)


def _tools_on(tools: PlantedTools) -> list[BaseTool]:
    """The tools, their schemas worked out once and not for every run."""
    return [
        each.model_copy(update={"func": with_failures_told(function)})
        for each, function in zip(_described(tools.domain), tools.functions(), strict=True)
    ]


@lru_cache
def _described(domain: Domain) -> list[BaseTool]:
    return langchain_tools(PlantedTools(Path(), domain))
