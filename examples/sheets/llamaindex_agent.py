"""The agent: LlamaIndex's `FunctionAgent` with the simulated model, the workbook's tools and skills as its prompt."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.tools import FunctionTool

from clawtrace_llamaindex import load_skill, trace
from examples.sheets.model_llamaindex import SimulatedLLM
from examples.sheets.tools import SheetTools

MOST_TURNS = 60
"""LlamaIndex stops an agent after 20 unless it is told otherwise."""

__all__ = ["ask", "build_agent", "instructions", "llamaindex_tools", "trace"]


def instructions(skills: Sequence[Path]) -> str:
    """The skills as a system prompt."""
    return load_skill(*skills)


def build_agent(tools: SheetTools, told: str) -> Any:
    """A LlamaIndex agent on one workbook; it streams, as LlamaIndex's agents do unless told otherwise."""
    return FunctionAgent(name="sheets", llm=SimulatedLLM(), tools=llamaindex_tools(tools), system_prompt=told)


def ask(agent: Any, request: str) -> str:
    """Run the agent on one request; its answer. What a tool raises is told to the model."""

    async def run() -> Any:
        return await agent.run(request, max_iterations=MOST_TURNS)

    return str(asyncio.run(run()))


def llamaindex_tools(tools: SheetTools) -> list[FunctionTool]:
    """The tools as LlamaIndex wants them. Their descriptions go without the signature that it puts first by default."""
    return [FunctionTool.from_defaults(function, description=function.__doc__) for function in tools.functions()]
