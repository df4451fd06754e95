"""The demo's agents as `costcraft eval` asks for them: a factory for each framework, called anew for every run.

costcraft eval examples/sheets/evaluation.yaml --out out/eval
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from examples.sheets.frameworks import CREWAI, LANGCHAIN, LLAMAINDEX, Framework
from examples.sheets.taskset import BOOK
from examples.sheets.tools import SheetTools

Agent = Callable[[str], str]
Factory = Callable[[Sequence[Path], Path, int], Agent]


def _factory(framework: Framework) -> Factory:
    def build(skills: Sequence[Path], folder: Path, seed: int) -> Agent:  # noqa: ARG001 -- the policy draws nothing
        agents = framework.load()
        agent = agents.build_agent(SheetTools(folder / BOOK), agents.instructions(skills))
        return lambda instruction: agents.ask(agent, instruction)

    build.simulated = True  # type: ignore[attr-defined] # every figure of it is called so
    return build


langchain = _factory(LANGCHAIN)
llamaindex = _factory(LLAMAINDEX)
crewai = _factory(CREWAI)
