"""From findings to the bytes of pictures. Pure."""

import io
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from costcraft.evaluate.findings.document import Plot
from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.plots import bills, pairs, regimes, rules, spending, style
from costcraft.evaluate.statistics.libraries import library

DRAWERS: Mapping[Plot, Callable[[Findings], Any]] = {
    "pairs": pairs.draw,
    "regimes": regimes.draw,
    "rules": rules.draw,
    "bills": bills.draw,
    "spending": spending.draw,
}
_DRAWABLE: Mapping[Plot, Callable[[Findings], bool]] = {
    "pairs": pairs.drawable,
    "regimes": regimes.drawable,
    "rules": rules.drawable,
    "bills": bills.drawable,
    "spending": spending.drawable,
}
DOTS = 160
"""Of a PNG, for each inch."""


class Picture(NamedTuple):
    """One picture in both forms."""

    svg: bytes
    png: bytes


def drawable(found: Findings, wanted: Iterable[Plot]) -> list[Plot]:
    """Those of the pictures for which there is anything to draw."""
    return [name for name in wanted if _DRAWABLE[name](found)]


def pictures(found: Findings, wanted: Iterable[Plot]) -> dict[Plot, Picture]:
    """The pictures that a report shows.

    Raises:
        ExtraMissing: matplotlib is not installed.
    """
    matplotlib = library("matplotlib")
    drawn = {}
    for name in wanted:
        with matplotlib.rc_context(style.SETTINGS), warnings.catch_warnings():
            # A task named in a script that the font lacks: the SVG holds the letters, which a browser draws.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure = DRAWERS[name](found)
            svg, png = io.BytesIO(), io.BytesIO()
            figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
            figure.savefig(png, format="png", dpi=DOTS, metadata={"Software": None})
        drawn[name] = Picture(svg.getvalue(), png.getvalue())
    return drawn
