"""A run with no framework around it and no file: the policy and the tools, step by step.

What the truth is told and proven by.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costcraft.evaluate import Graded
from examples.planted.acts import Act, Without
from examples.planted.oracle import compare
from examples.planted.policy import begin
from examples.planted.tools import PlantedTools
from examples.planted.world import PlantedTask
from examples.sheets.conversation import Got
from examples.sheets.tools import SheetError


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """One call of a run."""

    act: Act
    got: Got

    @property
    def tool(self) -> str:
        return self.act.said.calls[0].name

    @property
    def arguments(self) -> dict[str, Any]:
        return dict(self.act.said.calls[0].args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A whole run."""

    acted: tuple[Acted, ...]
    graded: Graded
    answer: str


def rehearse(task: PlantedTask, instructions: str = "", seed: int = 0, without: Without | None = None) -> Rehearsed:
    """Play a task; `without` leaves one act out, and the others adapt."""
    tools = PlantedTools(Path(), task.domain, task.book.sheets)
    work = begin(task.domain, task.request, instructions, seed, without)
    acted: list[Acted] = []
    try:
        act = next(work)
        while True:
            got = _call(tools, act)
            acted.append(Acted(act=act, got=got))
            act = work.send(got)
    except StopIteration as end:
        answer = str(end.value)
    graded = compare(task.book, task.expected, tools.cells())
    return Rehearsed(acted=tuple(acted), graded=graded, answer=answer)


def _call(tools: PlantedTools, act: Act) -> Got:
    call = act.said.calls[0]
    try:
        return Got(text=getattr(tools, call.name)(**call.args))
    except SheetError as reason:
        return Got(text=str(reason), failed=True)
