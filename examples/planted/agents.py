"""The agents, as `costcraft eval` takes them, and a quick way to play a task in this process. All are simulated."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from clawtrace_core import PriceBook, Session, TraceCard
from costcraft.evaluate import Graded
from examples.planted import Domain
from examples.planted.oracle import ORACLE
from examples.planted.policy import Policy
from examples.planted.tools import PlantedTools
from examples.planted.world import BOOK, PlantedTask

FrameworkName = Literal["langchain", "llamaindex", "crewai"]
FRAMEWORKS: tuple[FrameworkName, ...] = ("langchain", "llamaindex", "crewai")
AGENT = "planted, simulated model"
"""Every session and every card says that its model is simulated."""


class _Agents(Protocol):
    def trace(self, *, store: Path, task: str, agent: str) -> AbstractContextManager[Session]: ...

    def instructions(self, skills: Sequence[Path]) -> Any: ...

    def build_agent(self, tools: PlantedTools, told: Any, policy: Policy) -> Any: ...

    def ask(self, agent: Any, request: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """Makes agents of one framework: called with skills, folder and seed, gives what is called with the instruction."""

    framework: FrameworkName
    simulated: bool = True

    def __call__(
        self, skills: Sequence[Path], folder: Path, seed: int, domain: Domain | None = None
    ) -> Callable[[str], str]:
        """An agent on the workbook in `folder`. `domain` None: told by the request."""
        agents = load(self.framework)
        told = agents.instructions(skills)

        def ask(instruction: str) -> str:
            here = domain or domain_of(instruction)
            tools = PlantedTools(Path(folder) / BOOK, here)
            try:
                return agents.ask(agents.build_agent(tools, told, Policy(domain=here, seed=seed)), instruction)
            finally:
                tools.close()

        return ask


langchain, llamaindex, crewai = (Factory(framework=name) for name in FRAMEWORKS)


def domain_of(request: str) -> Domain:
    """Which domain a request belongs to."""
    return "stock" if "Picklist" in request else "ledger"


def load(framework: FrameworkName) -> _Agents:
    """A framework's agents; imports the framework."""
    return cast("_Agents", import_module(f"examples.planted.{framework}_agent"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One task, run once."""

    session: str
    graded: Graded
    card: TraceCard


def play(
    framework: FrameworkName,
    task: PlantedTask,
    skills: Sequence[Path],
    store: Path,
    folder: Path | None = None,
    seed: int = 0,
    prices: PriceBook | None = None,
) -> Played:
    """Run a task traced, grade it, and compile its card.

    `folder` takes the workbook (None: a temporary one). `prices` spares reading the price list anew for each run.
    """
    agents = load(framework)
    with tempfile.TemporaryDirectory() as own:
        where = folder or Path(own)
        task.prepare(where)
        agent = FACTORIES[framework](skills, where, seed, domain=task.domain)
        with agents.trace(store=store, task=task.name, agent=AGENT) as session:
            agent(task.request)
        graded = task.graded(where)
    session.record_outcome(
        success=graded.success,
        score=graded.score,
        oracle=ORACLE,
        checks=[asdict(check) for check in graded.checks],
    )
    return Played(session=session.id, graded=graded, card=session.card(prices=prices or PriceBook()))


FACTORIES = {each.framework: each for each in (langchain, llamaindex, crewai)}
