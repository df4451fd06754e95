"""What a run is made of: acts, each one tool call with what it is for; and one that can be left out."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal

from examples.sheets.conversation import Call, Got, Said

Aim = Literal[
    "guess", "list", "relist", "browse", "labels", "data", "reread", "find", "half", "far", "present", "change",
    "recheck", "write", "slip", "look", "look again", "mend", "clear", "retry",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One call, and its aim, which the model never tells."""

    aim: Aim
    said: Said


Acting = Generator[Act, Got, Got | None]
Without = tuple[Aim, int]
"""An act that is left out: its aim, and how many of that aim came before it."""


@dataclass(slots=True)
class Actor:
    """Makes acts, all but the one that is left out."""

    without: Without | None = None
    retries: bool = True
    _made: Counter[Aim] = field(default_factory=Counter)
    _given_up: object = None

    def act(self, aim: Aim, text: str, tool: str, **arguments: object) -> Acting:
        """One call; what came back, or None where it is left out."""
        place = (aim, self._made[aim])
        self._made[aim] += 1
        if place == self.without or (self._given_up is not None and _meant(tool, arguments) == self._given_up):
            self._given_up = _meant(tool, arguments)
            return None
        return (yield Act(aim=aim, said=Said(text=text, calls=(Call(name=tool, args=arguments),))))

    def insist(self, aim: Aim, text: str, tool: str, **arguments: object) -> Acting:
        """One call, made once more where the service was busy; None where nothing was brought."""
        got = yield from self.act(aim, text, tool, **arguments)
        if got is not None and got.failed and self.retries:
            got = yield from self.act("retry", "It was busy; I try once more.", tool, **arguments)
        return None if got is None or got.failed else got


def _meant(tool: str, arguments: dict[str, object]) -> object:
    """What a writing call is for: that a value stands, or a cell is empty. Left out, it is not made up for later."""
    if tool != "write_cell":
        return None
    return ("value", arguments["value"]) if arguments["value"] is not None else ("empty", arguments["cell"])
