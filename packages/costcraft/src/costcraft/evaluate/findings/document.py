"""A report as parts, before it is Markdown or a page: both say the same, figure for figure. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Tone = Literal["first", "good", "bad", "open", "plain"]
"""`first`: to be known before all else. `good`, `bad`, `open`: an answer that is yes, no, or neither."""
Plot = Literal["pairs", "regimes", "rules", "bills", "spending"]
CAPTIONS: Mapping[Plot, str] = {
    "pairs": "Cost task by task",
    "regimes": "What became of the runs",
    "rules": "What each rule does",
    "bills": "Cost by condition",
    "spending": "Where the money went",
}


class Line(NamedTuple):
    """One point of the summary."""

    tone: Tone
    label: str
    text: str
    question: str = ""
    answer: str = ""


class Link(NamedTuple):
    """A cell that leads to a file beside the report."""

    text: str
    href: str


Cell = str | Link


class Table(NamedTuple):
    """A table whose first column names the rows."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: frozenset[int] = frozenset({0})
    """Columns of words; the others are figures."""


class Section(NamedTuple):
    """A part of the report under its heading."""

    heading: str
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    plots: Sequence[Plot] = ()
    notes: Sequence[str] = ()
    """In small print."""


class Document(NamedTuple):
    """A whole report."""

    title: str
    subtitle: str
    simulated: bool
    lead: Sequence[Line]
    sections: Sequence[Section]
