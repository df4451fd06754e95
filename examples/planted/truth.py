"""The truth of a run, step by step: what was needed, and what was not. What is distilled never sees this.

It is told from the policy's own plan, and proven by leaving each act out and grading what comes of it
(`tests/planted/test_truth.py`). What is left out is what an act was meant for: a look that is left out cannot bring a
mending about, and a value that is not written is not written later either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from examples.planted.ledger import kept
from examples.planted.rehearsal import Acted, rehearse
from examples.planted.stock import booked
from examples.planted.world import PlantedTask

Label = Literal[
    "needed", "different-work", "used-later", "transient", "retry", "recheck", "load-bearing", "insurance",
    "removable", "slip", "mend",
]  # fmt: skip
"""What a step is: `removable` is what should not be done in any run; `insurance` is a look that showed nothing wrong
this time, which nobody can know before; `recheck` one after a change, needed or not; a `slip` is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTruth:
    """One tool call."""

    tool: str
    arguments: Mapping[str, Any]
    label: Label
    trap: int | None = None
    """The trap it belongs to, as README.md numbers them."""
    needed: bool
    """Without it one cell more shows what it should not, or a value is no longer written."""
    why: str


def truth_of(task: PlantedTask, instructions: str = "", seed: int = 0) -> list[StepTruth]:
    """The truth of every tool call of a run, in the order of the calls."""
    acted = rehearse(task, instructions, seed).acted
    return [_truth(acted, at) for at in range(len(acted))]


PLAIN: Mapping[str, tuple[Label, int | None, bool, str]] = {
    "guess": ("removable", None, False, "a name that was not looked up; the list tells it"),
    "relist": ("removable", 2, False, "the names were listed already"),
    "browse": ("removable", None, False, "nothing of the old sheet is used"),
    "reread": ("removable", None, False, "its result stands in the conversation already"),
    "list": ("needed", None, True, "tells the name of the sheet that holds the data"),
    "labels": ("needed", None, True, "tells where values go"),
    "data": ("needed", None, True, "the value is worked out from it"),
    "present": ("needed", None, True, "what is set is worked out from it"),
    "change": ("needed", None, True, "it is what was asked for"),
    "find": ("different-work", 3, True, "its rows are in no other result"),
    "half": ("different-work", 3, True, "its rows are in no other result"),
    "far": ("used-later", 5, True, "its value is written ten calls later"),
    "write": ("needed", None, True, "it is what was asked for"),
    "mend": ("mend", 1, True, "puts right what a slip left wrong"),
    "slip": ("slip", 1, True, "what it writes is wanted; where it writes it is a mistake"),
    "clear": ("mend", 1, True, "tidies up after a slip"),
    "retry": ("retry", 6, True, "the service was busy once; it brings what the first call did not"),
}
"""Acts whose truth does not depend on what came later: label, trap, needed, why."""


def _truth(acted: Sequence[Acted], at: int) -> StepTruth:
    here = acted[at]
    later = [each.act.aim for each in acted[at + 1 :]]
    match here.act.aim:
        case "look":
            told = _look(acted, at)
        case "look again":
            told = _again("mend" in later)
        case "recheck":
            told = _recheck(acted, at)
        case aim if here.got.failed and aim not in {"guess", "retry"}:
            told = ("transient", 6, True, "the service was busy once: whatever call comes first meets that")
        case aim:
            told = PLAIN[aim]
    label, trap, needed, why = told
    return StepTruth(tool=here.tool, arguments=here.arguments, label=label, trap=trap, needed=needed, why=why)


def _look(acted: Sequence[Acted], at: int) -> tuple[Label, int | None, bool, str]:
    following = acted[at + 1].act.aim if at + 1 < len(acted) else None
    if following in {"mend", "slip"}:
        return "load-bearing", 1, True, "it shows that a value is not where it belongs"
    return "insurance", 1, False, "it showed nothing wrong, this time"


def _again(mended: bool) -> tuple[Label, int | None, bool, str]:
    if mended:
        return "recheck", 4, True, "the mending went astray too; it shows that"
    return "recheck", 4, False, "the mending had worked, this time"


def _recheck(acted: Sequence[Acted], at: int) -> tuple[Label, int | None, bool, str]:
    change = next(each for each in reversed(acted[:at]) if each.act.aim in {"change", "retry"})
    given = change.arguments
    holds = (
        kept(given["percent"]) == given["percent"] if "percent" in given else booked(given["units"]) == given["units"]
    )
    if holds:
        return "recheck", 4, False, "what was set holds as it was set, this time"
    return "recheck", 4, True, "what holds is not what was set"
