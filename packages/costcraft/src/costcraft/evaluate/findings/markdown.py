"""The report as Markdown. Pure."""

import re
from collections.abc import Iterator, Sequence

from costcraft.evaluate.findings.document import CAPTIONS, Cell, Document, Line, Link, Section, Table

_MARKS = re.compile(r"([\\`*\[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def markdown(told: Document) -> str:
    """The whole report; what comes from tasks and rules is escaped."""
    return "\n".join(_lines(told)) + "\n"


def text(words: str) -> str:
    """Words as Markdown shows them as they are, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(words.split()))


def _lines(told: Document) -> Iterator[str]:
    yield f"# {text(told.title)}"
    yield ""
    yield text(told.subtitle)
    yield ""
    yield from (_point(line) for line in told.lead)
    for section in told.sections:
        yield ""
        yield f"## {text(section.heading)}"
        yield from _section(section)


def _point(line: Line) -> str:
    question = f" {text(line.question)}" if line.question else ""
    answer = f" **{text(line.answer)}.**" if line.answer else ""
    return f"- **{text(line.label)}.**{question}{answer} {text(line.text)}"


def _section(section: Section) -> Iterator[str]:
    for words in section.text:
        yield from ("", text(words))
    for table in section.tables:
        yield from ("", *_table(table))
    for plot in section.plots:
        yield from ("", f"![{CAPTIONS[plot]}](plots/{plot}.svg)")
    for words in section.notes:
        yield from ("", f"<sub>{text(words)}</sub>")


def _table(table: Table) -> Iterator[str]:
    yield f"*{text(table.caption)}*"
    yield ""
    yield _row(table.head)
    yield "|" + "|".join(" --- " if column in table.words else " ---: " for column in range(len(table.head))) + "|"
    yield from map(_row, table.rows)


def _row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(cell: Cell) -> str:
    return f"[{text(cell.text)}]({cell.href})" if isinstance(cell, Link) else text(cell)
