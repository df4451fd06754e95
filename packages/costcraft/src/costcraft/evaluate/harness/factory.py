"""The user's factory: what makes an agent anew for every run."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from costcraft.errors import PlanInvalid
from costcraft.named import Wanted, find_named

Agent = Callable[[str], Any]
"""What is called with the instruction."""
_WANTED = Wanted("agent.factory", "python:my_app.agents:build", "skills, folder or seed", PlanInvalid)


class Factory:
    """A factory that was found, and can be called as it must be."""

    def __init__(self, named: str, options: Mapping[str, Any]) -> None:
        """Import it. Raises PlanInvalid where it cannot be imported, or does not take what it is handed."""
        self._named = named
        self._options = options
        self._make = find_named(named, _WANTED)
        if not callable(self._make):
            kind = type(self._make).__name__
            raise PlanInvalid(f"agent.factory {named!r}: is {kind}; expected def build(skills, folder, seed)")
        self._check()

    @property
    def simulated(self) -> bool:
        """Whether it says of itself that its model is scripted."""
        return bool(getattr(self._make, "simulated", False))

    def make(self, skills: Sequence[Path], folder: Path, seed: int) -> Agent:
        """An agent for one run. Raises whatever the factory raises, and PlanInvalid where what it gives is no agent."""
        made = self._make(skills=list(skills), folder=folder, seed=seed, **self._options)
        if not callable(made):
            raise PlanInvalid(
                f"agent.factory {self._named!r}: gives {type(made).__name__}; expected what is called with the "
                "instruction, such as: lambda instruction: agent.invoke(...)"
            )
        return made  # type: ignore[no-any-return]

    def _check(self) -> None:
        told = {"skills": [], "folder": Path(), "seed": 0, **self._options}
        try:
            inspect.signature(self._make).bind(**told)
        except TypeError as error:
            raise PlanInvalid(
                f"agent.factory {self._named!r}: cannot be called with {', '.join(told)} ({error}); expected "
                "def build(skills, folder, seed, ...) with a keyword for each of agent.options"
            ) from error
        except ValueError:  # a builtin that does not tell its parameters
            return


def ask(agent: Agent, instruction: str) -> None:
    """Call an agent, an asynchronous one too, and wait for its end."""
    answer = agent(instruction)
    if inspect.isawaitable(answer):
        asyncio.run(_awaited(answer))


async def _awaited(answer: Awaitable[Any]) -> None:
    await answer
