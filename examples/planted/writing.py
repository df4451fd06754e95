"""How values are put beside their labels, how a slip happens, and how it is seen and mended."""

from collections.abc import Generator, Sequence
from typing import NamedTuple

from examples.planted import Domain
from examples.planted.acts import Act, Actor
from examples.planted.books import Cell
from examples.planted.habits import Habits
from examples.planted.requests import read_rows
from examples.planted.weather import Weather
from examples.sheets.conversation import Got

RIGHT, ASTRAY, FAR_ASTRAY = "B", "C", "E"
"""Columns: where a value belongs, where a slip puts it, and where one puts it that happens while mending."""

Doing = Generator[Act, Got, None]


class Placed(NamedTuple):
    """A value and where it belongs."""

    label: str
    row: int
    value: Cell


class Desk(NamedTuple):
    """What a run works with when it writes."""

    domain: Domain
    target: str
    weather: Weather
    habits: Habits
    actor: Actor

    @property
    def verifies(self) -> bool:
        """Whether what was written is read back."""
        asked = self.habits.verifies
        return asked == "always" or (asked == "sometimes" and self.weather.meets("verify"))

    def put(self, row: int, column: str, value: Cell, aim: str) -> Generator[Act, Got, Got | None]:
        """Write one cell."""
        return (
            yield from self.actor.act(  # type: ignore[arg-type]
                aim, "", "write_cell", sheet=self.target, cell=f"{column}{row}", value=value
            )
        )


def write(desk: Desk, placed: Sequence[Placed]) -> Doing:
    """Write the values; a slip befalls the last of them. Then read back, where the run does."""
    for each in placed:
        slips = each is placed[-1] and desk.weather.meets("slip")
        yield from desk.put(each.row, ASTRAY if slips else RIGHT, each.value, "slip" if slips else "write")
    if placed and desk.verifies:
        yield from _verify(desk, placed)


def _verify(desk: Desk, placed: Sequence[Placed]) -> Doing:
    """Look at what was written; where a value is missing put it right, clear what went astray, and look again."""
    last = placed[-1]
    seen = yield from _look(desk, placed, "look")
    if seen is None or seen.get(RIGHT):
        return
    again = desk.weather.meets("slip again")
    yield from desk.put(last.row, FAR_ASTRAY if again else RIGHT, last.value, "slip" if again else "mend")
    if seen.get(ASTRAY):
        yield from desk.put(last.row, ASTRAY, None, "clear")
    seen = (yield from _look(desk, placed[-1:], "look again")) if desk.habits.rechecks else None
    if seen is not None and not seen.get(RIGHT):
        yield from desk.put(last.row, RIGHT, last.value, "mend")
        for column in (ASTRAY, FAR_ASTRAY):
            if seen.get(column):
                yield from desk.put(last.row, column, None, "clear")


def _look(desk: Desk, placed: Sequence[Placed], aim: str) -> Generator[Act, Got, dict[str, str] | None]:
    """The row of the last value, by column letter. A ledger is read whole, a pick list label by label."""
    row: dict[str, str] | None = None
    if desk.domain == "ledger":
        got = yield from desk.actor.act(aim, "I read back what I wrote.", "read_sheet", sheet=desk.target)  # type: ignore[arg-type]
        row = _row(got, placed[-1].label)
    else:
        for each in placed:
            got = yield from desk.actor.act(aim, "", "check_label", label=each.label)  # type: ignore[arg-type]
            row = _row(got, each.label)
    return row


def _row(got: Got | None, label: str) -> dict[str, str] | None:
    if got is None:
        return None
    _, rows = read_rows(got.text, ["row", "A", "B", "C", "D", "E"])
    return next(row for row in rows if row.get("A") == label)
