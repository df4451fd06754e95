"""LlamaIndex's `FunctionAgent` with a scripted policy. Importing this imports LlamaIndex."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent

from clawtrace_llamaindex import load_skill, trace
from examples.planted.policy import Policy
from examples.planted.tools import PlantedTools
from examples.sheets.llamaindex_agent import ask, llamaindex_tools
from examples.sheets.model_llamaindex import SimulatedLLM

__all__ = ["ask", "build_agent", "instructions", "trace"]


def instructions(skills: Sequence[Path]) -> str:
    """The skills as a system prompt."""
    return load_skill(*skills)


def build_agent(tools: PlantedTools, told: str, policy: Policy) -> Any:
    """An agent on one workbook."""
    return FunctionAgent(
        name=tools.domain, llm=SimulatedLLM(policy=policy), tools=llamaindex_tools(tools), system_prompt=told
    )
