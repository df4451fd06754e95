"""A table that fits its width: the lesser columns go before a number is ever cut. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column and what it gives up when room is short."""

    name: str
    justify: Literal["left", "right"] = "right"
    least: int | None = None
    """Cells it may be cut to; None: it is shown whole or not at all."""
    rank: int = 0
    """The column of the lowest rank goes first; one of rank 0 never goes."""
    style: str = ""


def fitted(columns: Sequence[Column], rows: Sequence[Sequence[Text]], *, width: int) -> Table:
    """The table in at most `width` columns: what does not fit is cut where it may be, else left out."""
    natural = [max([len(c.name), *(row[i].cell_len for row in rows if i < len(row))]) for i, c in enumerate(columns)]
    shown = _kept(columns, natural, width)
    widths = _shared(columns, natural, shown, width)
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    for index, cells in zip(shown, widths, strict=True):
        column = columns[index]
        table.add_column(
            Text(column.name),
            justify=column.justify,
            width=cells,
            no_wrap=True,
            overflow="ellipsis",
            style=column.style,
        )
    for row in rows:
        table.add_row(*(row[index] if index < len(row) else Text() for index in shown))
    return table


def _need(column: Column, natural: int) -> int:
    return natural if column.least is None else min(column.least, natural)


def _kept(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    shown = list(range(len(columns)))
    for index in sorted(shown, key=lambda i: columns[i].rank):
        if sum(_need(columns[i], natural[i]) for i in shown) + GAP * (len(shown) - 1) <= width:
            break
        if columns[index].rank:
            shown.remove(index)
    return shown


def _shared(columns: Sequence[Column], natural: Sequence[int], shown: Sequence[int], width: int) -> list[int]:
    """What is left over goes to the columns that were cut, the first one first."""
    widths = [_need(columns[i], natural[i]) for i in shown]
    left = width - sum(widths) - GAP * (len(shown) - 1)
    for place, index in enumerate(shown):
        more = max(0, min(left, natural[index] - widths[place]))
        widths[place] += more
        left -= more
    return widths
