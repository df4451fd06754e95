"""A card as YAML of at most so many bytes. What must go goes cheapest first, and `rest` says what went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from clawtrace_core.card import layout, scalars
from clawtrace_core.card.layout import FULL, ROOMS, Room
from clawtrace_core.errors import SettingsInvalid

LEAST = 512
_PLAIN_FLOOR = 3
_LINE = 16
"""Bytes of a line at least, so that what cannot fit is not tried."""
_HEAD = ("tracecard", "session", "task", "agent", "models", "outcome", "cost", "tokens", "calls", "seconds", "status")
_KNOWN = frozenset({*_HEAD, "base", "steps", "rest", "waste", "flags", "agents", "problems"})


@dataclass(frozen=True, slots=True)
class _Take:
    """How many are shown: unflagged and flagged steps, flags, agents, problems; `lines` is a rank of head lines."""

    plain: int
    flagged: int
    flags: int
    agents: int
    problems: int
    lines: int


def fit(card: Mapping[str, Any], budget: int | None) -> str:
    """A dumped TraceCard as YAML of at most `budget` bytes (UTF-8), or whole when `budget` is None.

    First the cheapest steps without a flag go, then texts are shortened, then the steps of flags and the cheapest
    flags go, then the rest of the details. Totals are never touched, and money is rounded here only.

    Raises:
        SettingsInvalid: the budget is below 512 bytes, where a card can no longer say what it is.
    """
    if budget is None:
        return _Sheet(card, FULL).render(_whole(card, FULL))
    if budget < LEAST:
        raise SettingsInvalid(
            f"budget: found {budget!r}, expected at least {LEAST} bytes (or None for the whole card); "
            f"below that a card cannot hold its totals"
        )
    sheets: dict[Room, _Sheet] = {}
    for room, field, least, most in _stages(card):
        sheet = sheets.setdefault(room, _Sheet(card, room))
        if _fits(sheet, replace(most, **{field: least}), budget):
            return sheet.render(_fill(sheet, field, least, most, budget))
    # Only for names of keys and numbers that no session has: what the card is, and what it cost.
    return "\n".join([*(line for rank, line in layout.head(card, ROOMS[-1]) if rank == 0), ""])


def _whole(card: Mapping[str, Any], room: Room) -> _Take:
    flagged = sum(1 for step in card["steps"] if step.get("flags"))
    return _Take(
        plain=len(card["steps"]) - flagged,
        flagged=flagged,
        flags=len(card["flags"]),
        agents=min(len(card["agents"]), room.agents),
        problems=min(len(card["problems"]), room.problems),
        lines=9,
    )


def _stages(card: Mapping[str, Any]) -> Iterator[tuple[Room, str, int, _Take]]:
    """What may be given up, in order: `(room, what shrinks, down to what, the most that is shown)`."""
    for room in ROOMS:
        take = _whole(card, room)
        floor = min(_PLAIN_FLOOR, take.plain)
        yield room, "plain", floor, take
    take = replace(take, plain=floor)
    for field in ("flagged", "flags", "plain", "agents", "lines"):
        yield ROOMS[-1], field, 0, take
        take = replace(take, **{field: 0})


def _fits(sheet: "_Sheet", take: _Take, budget: int) -> bool:
    if _LINE * (take.plain + take.flagged + take.flags) > budget:
        return False
    return len(sheet.render(take).encode()) <= budget


def _fill(sheet: "_Sheet", field: str, least: int, most: _Take, budget: int) -> _Take:
    """The largest take that fits."""
    low, high = least, max(least, min(getattr(most, field), least + budget // _LINE))
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(sheet, replace(most, **{field: middle}), budget):
            low = middle
        else:
            high = middle - 1
    return replace(most, **{field: low})


class _Sheet:
    """A card written at one degree of detail; lines are made when first needed."""

    def __init__(self, card: Mapping[str, Any], room: Room) -> None:
        self.card, self.room = card, room
        self.steps: list[Mapping[str, Any]] = card["steps"]
        self.plain = [index for index, step in enumerate(self.steps) if not step.get("flags")]
        self.flagged = [index for index, step in enumerate(self.steps) if step.get("flags")]
        self.known = [step.get("usd") for step in self.steps]
        self._head = list(layout.head(card, room))
        self._flags: dict[int, str] = {}

    def render(self, take: _Take) -> str:
        """The card with that much of it."""
        return "\n".join([*self._lines(take), ""])

    def _lines(self, take: _Take) -> Iterator[str]:
        yield from (line for rank, line in self._head if rank <= take.lines)
        shown = sorted([*self.plain[: take.plain], *self.flagged[: take.flagged]])
        flags = self.card["flags"][: take.flags]
        ids = {flag["id"] for flag in flags}
        yield from self._block("steps", [self._step(index, ids) for index in shown])
        rest = self._rest(set(shown), take)
        if rest:
            yield f"rest: {scalars.flow(rest, exact=self.room.full)}"
        yield f"waste: {layout.waste(self.card['waste'], self.room)}"
        yield from self._block("flags", [self._flag(index) for index in range(len(flags))])
        agents = self.card["agents"][: take.agents]
        yield from self._block("agents", [layout.agent(line, self.room) for line in agents])
        yield from self._block("problems", self._problems(take.problems))
        if self.room.full:
            for key, value in self.card.items():
                if key not in _KNOWN:
                    yield f"{scalars.text(str(key)[: scalars.KEY])}: {scalars.flow(value, exact=True)}"

    def _block(self, key: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield f"{key}:"
            yield from (f"- {line}" for line in lines)

    def _step(self, index: int, ids: set[str]) -> str:
        step = self.steps[index]
        return layout.step(step, self.room, [flag for flag in step.get("flags") or () if flag in ids])

    def _flag(self, index: int) -> str:
        line = self._flags.get(index)
        if line is None:
            line = self._flags[index] = layout.flag(self.card["flags"][index], self.room)
        return line

    def _problems(self, most: int) -> list[str]:
        problems = self.card["problems"]
        shown = [layout.short(problem, self.room.why) for problem in problems[:most]]
        if len(problems) > most:
            shown.append(scalars.text(f"{len(problems) - most} more in the full card"))
        return shown

    def _rest(self, shown: set[int], take: _Take) -> dict[str, Any]:
        """What is not shown, together with what an earlier cut already left out."""
        before = self.card.get("rest") or {}
        dropped = [usd for index, usd in enumerate(self.known) if index not in shown]
        amounts = [usd for usd in [*dropped, before.get("usd")] if usd is not None]
        rest: dict[str, Any] = {}
        steps = len(dropped) + (before.get("steps") or 0)
        if steps:
            rest = {"steps": steps, "usd": sum(amounts, Decimal(0)) if amounts else None}
        flags = len(self.card["flags"]) - take.flags + (before.get("flags") or 0)
        agents = len(self.card["agents"]) - take.agents + (before.get("agents") or 0)
        return rest | {key: count for key, count in (("flags", flags), ("agents", agents)) if count}
