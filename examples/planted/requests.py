"""How the policy reads a request and a sheet: words to what is wanted, a tool's text to rows."""

import re
from dataclasses import dataclass

from examples.planted.books import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One value to work out, and the label it goes beside."""

    label: str
    column: str
    by: str = ""
    value: str = ""
    count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something to change first; the value that holds afterwards is what is wanted."""

    sheet: str
    name: str
    more: float = 0.0
    """What is added to it; 0: half of it is booked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a request asks for."""

    target: str
    wanted: tuple[Wanted, ...]
    first: tuple[str, str] | None = None
    """Name and sheet of a value to take before all else; it goes beside its own name, last."""
    change: Change | None = None
    rows: int = 0
    """How many rows the figures have, where it is told."""


_ONE = re.compile(r"Put the (?:total )?(?P<column>\w+) of the (?P<by>\w+) (?P<value>[\w-]+) beside '(?P<label>[^']+)'")
_COUNT = re.compile(r"Count the rows whose (?P<by>\w+) is (?P<value>\w+) and put the count beside '(?P<label>[^']+)'")
_FIRST = re.compile(r"Take the (?P<name>\w+) from the sheet (?P<sheet>\w+) first")
_RAISE = re.compile(r"Raise the Percent of (?P<name>[\w-]+) in the sheet (?P<sheet>\w+) by (?P<more>[\d.]+),")
_BOOK = re.compile(r"Book out half of the Units of (?P<name>\w+) in the sheet (?P<sheet>\w+)")


def understand(request: str) -> Job:
    """The job of a request. Raises ValueError when it is none this policy knows."""
    target = re.search(r"The labels are in the sheet (\w+)", request)
    wanted = [Wanted(**found.groupdict()) for found in _ONE.finditer(request)]
    wanted += [Wanted(column="", count=True, **found.groupdict()) for found in _COUNT.finditer(request)]
    first, change = _FIRST.search(request), _change(request)
    if change is not None:
        label = re.search(r"beside '([^']+)'", request)
        wanted = [Wanted(label=label[1] if label else "", column="")]
    if target is None or not wanted:
        raise ValueError(f"no job is known for the request {request!r}")
    rows = re.search(r"have (\d+) rows", request)
    return Job(
        target=target[1],
        wanted=tuple(wanted),
        first=(first["name"], first["sheet"]) if first else None,
        change=change,
        rows=int(rows[1]) if rows else 0,
    )


def _change(request: str) -> Change | None:
    raised, booked = _RAISE.search(request), _BOOK.search(request)
    if raised is not None:
        return Change(sheet=raised["sheet"], name=raised["name"], more=float(raised["more"]))
    return Change(sheet=booked["sheet"], name=booked["name"]) if booked is not None else None


def read_rows(text: str, columns: list[str] | None = None) -> tuple[list[str], list[dict[str, str]]]:
    """Columns and rows in a reading tool's text. The row number is the column `row`.

    `columns` are those of an earlier reading, where this one begins below the line with their names.
    """
    lines = [line.split(" | ") for line in text.splitlines()]
    if columns is None:
        columns, lines = ["row", *lines[0][1:]] if lines else [], lines[1:]
    return columns, [dict(zip(columns, line, strict=False)) for line in lines]


def number_of(value: Cell) -> float:
    """A cell's text as a number."""
    return float(str(value))
