"""Reading one number out of a provider's usage object, and saying what is wrong with it.

Nothing is guessed away: a value that cannot be a count leaves the count unknown and a sentence behind.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

ABSURD = 10**9
"""No model reads or writes a thousand million tokens in one call; such a count is kept and flagged."""
IMPOSSIBLE = 10**15
"""Beyond this a number is damage, not a count: it is unknown."""

_MISSING = object()
_PLAIN = (str, bytes, bytearray, int, float, Decimal)


def told(raw: object, path: str) -> bool:
    """Whether `raw` has that path, be its value None: a key alone can tell whose shape it is."""
    return find(raw, path, _MISSING) is not _MISSING


def find(raw: object, path: str, default: object = None) -> object:
    """The value at a dotted path through mappings and attributes.

    A step `name[key=value]` picks from a list the first row whose `key` reads `value` (case ignored).
    """
    here = raw
    for name, key, value in _steps(path):
        here = _child(here, name)
        if key and here is not _MISSING:
            here = _row(here, key, value)
        if here is _MISSING:
            return default
    return here


@cache
def _steps(path: str) -> tuple[tuple[str, str, str], ...]:
    """The steps of a path as (name, key, value); paths come from the table, so there are few."""
    parts = (step.partition("[") for step in path.split("."))
    return tuple((name, *choice.rstrip("]").partition("=")[::2]) for name, _, choice in parts)


def _child(raw: object, name: str) -> object:
    # A dict first: asking for Mapping is ten times slower, and this is the inside of every reading.
    if isinstance(raw, (dict, Mapping)):
        return raw.get(name, _MISSING)
    if raw is None or isinstance(raw, (*_PLAIN, Sequence)):
        return _MISSING
    return getattr(raw, name, _MISSING)


def _row(rows: object, key: str, value: str) -> object:
    if isinstance(rows, Sequence) and not isinstance(rows, (str, bytes)):
        for row in rows:
            found = _child(row, key)
            # An enum member (`Modality.AUDIO`) is read by its value.
            if str(getattr(found, "value", found)).casefold() == value.casefold():
                return row
    return _MISSING


@dataclass(slots=True)
class Reading:
    """Counts read from one usage object, with what did not add up so far."""

    raw: object
    conflicts: list[str] = field(default_factory=list)

    def count(self, paths: Sequence[str]) -> int | None:
        """The first path that holds a count above 0, else the first that holds one, else None.

        Above 0 first, since a framework may write an old name as 0 beside the new one that counts.
        """
        first: int | None = None
        for path in paths:
            value = find(self.raw, path)
            if value is None:
                continue
            number = self._whole(path, value)
            if number:
                return number
            first = number if first is None else first
        return first

    def usd(self, paths: Sequence[str]) -> Decimal | None:
        """The first path that holds an amount of money, in USD."""
        for path in paths:
            value = find(self.raw, path)
            if value is None or isinstance(value, Mapping):
                continue
            amount = _decimal(value)
            if amount is not None and amount.is_finite() and amount >= 0:
                return amount
            self.conflicts.append(f"{path} is {_shown(value)}, not an amount of money")
        return None

    def _whole(self, path: str, value: Any) -> int | None:
        number = _integer(value)
        if number is None or number < 0 or number > IMPOSSIBLE:
            self.conflicts.append(f"{path} is {_shown(value)}, not a count of tokens")
            return None
        if isinstance(value, str):
            self.conflicts.append(f"{path} is the text {value!r}, read as a number")
        if number > ABSURD:
            self.conflicts.append(f"{path} {number} is more than any call can hold")
        return number


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= 15 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value.adjusted() < 20 and value == int(value) else None
    try:
        return operator.index(value)
    except TypeError:
        return None


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        # A float is read as it is written: 0.1 USD is a tenth, not its binary neighbour.
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None


def _shown(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > IMPOSSIBLE:
        return "a number beyond all counts"
    text = repr(value) if isinstance(value, (*_PLAIN, type(None))) else type(value).__name__
    return text if len(text) <= 40 else text[:39] + "…"
