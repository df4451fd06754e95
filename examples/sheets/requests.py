"""How the policy reads a request and a sheet: words to a job, a tool's text to rows, rows to values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int | float
HEAD = 1
"""Rows that hold the column names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a request asks for."""

    kind: str
    column: str
    where: tuple[str, str] | None = None
    """Column and value of the rows that count; None: all rows."""
    group: str | None = None
    digits: int | None = None
    rate: float = 1.0
    source: str | None = None
    """A sheet that the request names itself."""
    target: tuple[str | None, str, int, int]
    """Sheet (None: the data sheet), column letter, first and last row."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's rows by its column names, as a reading tool told them."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...] = field(default=())

    def where(self, wanted: tuple[str, str] | None) -> list[dict[str, str]]:
        return [row for row in self.rows if wanted is None or row.get(wanted[0]) == wanted[1]]


_KINDS = (
    ("share", r"percentage of the total (?P<column>\w+) that falls to the (?P<by>\w+) (?P<value>\w+)"),
    ("total", r"total (?P<column>\w+) of all rows whose (?P<by>\w+) is (?P<value>\w+)"),
    ("average", r"average (?P<column>\w+) of all rows whose (?P<by>\w+) is (?P<value>\w+)"),
    ("count", r"[Cc]ount the rows whose (?P<column>(?P<by>\w+)) is (?P<value>\w+)"),
    ("top", r"name of the (?P<group>\w+) with the largest total (?P<column>\w+)"),
    ("lookup", r"the (?P<column>\w+) of the (?P<by>\w+) (?P<value>\w+)"),
    ("fill", r"its (?P<column>\w+) times (?P<rate>[\d.]+)"),
)


def understand(request: str) -> Job:
    """The job of a request. Raises ValueError when it is none this policy knows."""
    for kind, pattern in _KINDS:
        found = re.search(pattern, request)
        if found is None:
            continue
        said = found.groupdict()
        digits = re.search(r"to (\d) decimals?", request)
        source = re.search(r"'([^']+)'", request)
        return Job(
            kind=kind,
            column=said["column"],
            where=(said["by"], said["value"]) if "by" in said else None,
            group=said.get("group"),
            digits=int(digits[1]) if digits else None,
            rate=float(said.get("rate") or 1),
            source=source[1] if source else None,
            target=_target(request),
        )
    raise ValueError(f"no job is known for the request {request!r}")


def _target(request: str) -> tuple[str | None, str, int, int]:
    cells = re.search(r"\b(?:(\w+)!)?([A-Z])(\d+)(?::[A-Z](\d+))?", request)
    if cells is None:
        raise ValueError(f"the request names no cell: {request!r}")
    return cells[1], cells[2], int(cells[3]), int(cells[4] or cells[3])


def read_table(text: str) -> Table:
    """The table in a reading tool's text: a line of letters, a line of column names, then the rows."""
    lines = [line.split(" | ")[1:] for line in text.splitlines()[1:]]
    if not lines:
        return Table(())
    columns = tuple(lines[0])
    return Table(columns, tuple(dict(zip(columns, line, strict=False)) for line in lines[1:]))


def work_out(job: Job, table: Table) -> list[Cell]:
    """The values the job asks for, one for each target cell, from what was read."""
    rows = table.where(job.where)
    match job.kind:
        case "count":
            return [len(rows)]
        case "top":
            return [_largest(rows, job.group or "", job.column)]
        case "fill":
            first, last = job.target[2:]
            filled = table.rows[first - HEAD - 1 : last - HEAD]
            return [_number(float(row[job.column]) * job.rate, job.digits) for row in filled]
    figures = [float(row[job.column]) for row in rows]
    if job.kind == "average":
        return [_number(sum(figures) / len(figures), job.digits)]
    if job.kind == "share":
        return [_number(100 * sum(figures) / sum(float(row[job.column]) for row in table.rows), job.digits)]
    return [_number(sum(figures), job.digits if job.digits is not None else 2)]


def _largest(rows: Sequence[dict[str, str]], group: str, column: str) -> str:
    totals: dict[str, float] = {}
    for row in rows:
        totals[row[group]] = totals.get(row[group], 0) + float(row[column])
    return max(totals, key=lambda name: totals[name])


def _number(value: float, digits: int | None) -> float:
    return value if digits is None else round(value, digits)
