"""Agents of LangChain with OpenAI's own client."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI


def build(skills: Sequence[Path], folder: Path, seed: int, urls: Sequence[str]) -> Callable[[str], Any]:
    """An agent that asks the first of these places, or the second where the task is n-1, and does nothing else."""
    away = (folder / "given.txt").read_text() == "word1"
    model = ChatOpenAI(model="gpt-5.4", base_url=urls[away], api_key="sk-none", max_retries=0, timeout=5)
    agent = create_agent(model, [], system_prompt=(skills[0] / "SKILL.md").read_text())
    return lambda instruction: agent.invoke({"messages": [("user", instruction)]})
