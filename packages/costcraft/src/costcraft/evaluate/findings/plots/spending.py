"""From what a run cost to what it costs, cause by cause: a waterfall. Pure; USD."""

from decimal import Decimal
from typing import Any, NamedTuple

from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    RED,
    RULE,
    TOP,
    WIDTH,
    panel,
    quiet,
    sheet,
    short,
)
from costcraft.evaluate.findings.spending import Spending
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import counted, places_of, usd

MOST_CAUSES = 9
LEAST = Decimal("0.005")
"""A cause that changes less than this share of the dearer side is one of `all others`."""
_ROW = 0.34
_LEFT = 2.1
_RIGHT = 1.0
_MINUS = "\N{MINUS SIGN}"


class _Bar(NamedTuple):
    name: str
    start: float
    end: float
    colour: str
    words: str
    whole: bool


def drawable(found: Findings) -> bool:
    """Whether the cards of a comparison are there, and anything was spent."""
    return found.spending is not None and (found.spending.base_usd > 0 or found.spending.new_usd > 0)


def draw(found: Findings) -> Any:
    """The picture."""
    told = found.spending
    assert told is not None  # noqa: S101 - `drawable` said so
    bars = _bars(told, found.baseline, found.primary.asked.condition)
    inner = _ROW * len(bars)
    height = TOP + inner + 0.2
    title = f"From {usd(told.base_usd)} to {usd(told.new_usd)} a run{simulated(found)}"
    figure = sheet(height, title, f"What each cause adds and takes away; {counted(told.pairs, 'pair')} of runs")
    axes = panel(figure, _LEFT, 0.2, WIDTH - _LEFT - _RIGHT, inner)
    quiet(axes)
    axes.set_xlim(min(0.0, *(bar.end for bar in bars)), max(max(bar.start, bar.end) for bar in bars) or 1.0)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.plot([0, 0], [-0.5, len(bars) - 0.5], color=RULE, linewidth=1, zorder=1)
    place = axes.get_yaxis_transform()
    for row, bar in enumerate(bars):
        weight = "bold" if bar.whole else "normal"
        axes.barh(row, bar.end - bar.start, left=bar.start, height=0.62, color=bar.colour, linewidth=0, zorder=3)
        axes.text(-0.02, row, short(bar.name, 30), transform=place, ha="right", va="center", fontweight=weight)
        axes.annotate(
            bar.words,
            (max(bar.start, bar.end), row),
            (4, 0),
            textcoords="offset points",
            fontsize=8.5,
            color=INK if bar.whole else MUTED,
            fontweight=weight,
            va="center",
        )
        if row + 1 < len(bars):
            axes.plot([bar.end] * 2, [row - 0.31, row + 1.31], color=MUTED, linewidth=0.6, zorder=2)
    return figure


def _bars(told: Spending, baseline: str, condition: str) -> list[_Bar]:
    """The whole before, each change from where the last one ended, the whole now."""
    at, end = float(told.base_usd), float(told.new_usd)
    places = places_of(at, end)
    shown = [each for each in told.causes[:MOST_CAUSES] if abs(each.change) >= LEAST * max(told.base_usd, told.new_usd)]
    changes = [(each.called, float(each.change)) for each in shown]
    if len(shown) < len(told.causes):
        changes.append(("all others", end - at - sum(change for _, change in changes)))
    bars = [_Bar(baseline, 0.0, at, GREY, f"${at:.{places}f}", whole=True)]
    for name, change in changes:
        words = f"{'+' if change > 0 else _MINUS}${abs(change):.{places}f}"
        bars.append(_Bar(name, at, at + change, RED if change > 0 else GREEN, words, whole=False))
        at += change
    return [*bars, _Bar(condition, 0.0, end, BLUE, f"${end:.{places}f}", whole=True)]
