"""The report as one page of HTML that needs nothing else: no network, no script, pictures inside. Pure."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from costcraft.evaluate.findings.document import CAPTIONS, Document, Plot, Tone
from costcraft.evaluate.findings.plots import Picture, style
from costcraft.evaluate.statistics.libraries import library

_TEMPLATE = Path(__file__).with_name("page.html.j2")
_COLOURS = {
    style.INK: "var(--ink)",
    style.MUTED: "var(--muted)",
    style.RULE: "var(--rule)",
    style.PAPER: "var(--paper)",
    style.BLUE: "var(--blue)",
    style.GREEN: "var(--green)",
    style.RED: "var(--red)",
    style.GREY: "var(--grey)",
}
"""Pictures within the page take its colours, by day and by night."""
_TONES: Mapping[str, Tone] = {
    "earns": "good",
    "superior": "good",
    "non-inferior": "good",
    "recovered": "good",
    "harms": "bad",
    "inferior": "bad",
    "regressed": "bad",
    "inconclusive": "open",
    "not told": "open",
}


def page(told: Document, pictures: Mapping[Plot, Picture]) -> str:
    """The whole page. What comes from tasks and rules is escaped by the template engine.

    Raises:
        ExtraMissing: jinja2 is not installed.
    """
    markup = library("markupsafe").Markup
    inside = {name: markup(inline(name, picture.svg.decode())) for name, picture in pictures.items()}
    return str(_template().render(told=told, pictures=inside, captions=CAPTIONS, tone=_tone))


def inline(name: str, svg: str) -> str:
    """A picture as part of a page: its ids its own, its size the page's, its colours those of the page."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", body, count=1))
    body = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', body)
    body = re.sub(r'((?:xlink:)?href="|url\()#', rf"\1#{name}-", body)
    body = re.sub(r"font: ([^;\"]*?)'DejaVu Sans'[^;\"]*", r"font: \1system-ui, 'DejaVu Sans', sans-serif", body)
    for colour, variable in _COLOURS.items():
        body = body.replace(colour, variable)
    return body


def _tone(cell: str) -> Tone | None:
    return _TONES.get(cell.partition(":")[0])


@cache
def _template() -> Any:
    jinja2 = library("jinja2")
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
