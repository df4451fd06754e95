"""What a run costs under each condition, and how its bill compares with the baseline's, pair by pair. Pure; USD."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.plots.style import (
    BLUE,
    GREY,
    INK,
    MUTED,
    PAPER,
    TOP,
    WIDTH,
    panel,
    quiet,
    sheet,
    short,
    whisker,
)
from costcraft.evaluate.findings.runs import ConditionRuns
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import usd
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.interval import Estimate

_ROW = 0.42
_LEFT = 1.75
_FIRST = 1.35
"""Width of the column of amounts, inches."""


def drawable(found: Findings) -> bool:
    """Whether the bill of a condition can be compared."""
    return any(isinstance(each.cost, Cost) for each in found.comparisons)


def draw(found: Findings) -> Any:
    """The picture.

    The intervals are those of the ratio to the baseline, pair by pair: those of two conditions by themselves would be
    as wide as tasks differ, and would overlap where every single task became cheaper.
    """
    own = [each for each in found.conditions if each.role == "plan"]
    inner = _ROW * len(own)
    height = TOP + 0.42 + inner + 0.45
    title = f"Cost by condition{simulated(found)}"
    level = f"{100 * found.confidence:.3g}% intervals"
    figure = sheet(height, title, f"Failures included; ratios pair by pair beside {short(found.baseline, 30)}, {level}")
    _amounts(panel(figure, _LEFT, 0.45, _FIRST, inner), own, found.baseline)
    bills = {each.condition: each.cost for each in found.comparisons if isinstance(each.cost, Cost)}
    wide = (WIDTH - _LEFT - _FIRST - 0.95) / 2
    totals = {name: bill.total for name, bill in bills.items()}
    successes = {name: bill.per_success for name, bill in bills.items()}
    for number, (heading, ratios) in enumerate((("the bill, ratio", totals), ("a success, ratio", successes))):
        axes = panel(figure, _LEFT + _FIRST + 0.4 + number * (wide + 0.3), 0.45, wide, inner)
        _ratios(axes, heading, own, ratios, found.baseline)
    return figure


def _amounts(axes: Any, own: Sequence[ConditionRuns], baseline: str) -> None:
    quiet(axes)
    amounts = [each.usd_per_run.value for each in own]
    axes.set_xlim(0, max((each or 0.0 for each in amounts), default=0.0) * 1.9 or 1.0)
    axes.set_ylim(len(own) - 0.5, -0.5)
    axes.text(0, -0.72, "USD a run", fontsize=9.5, fontweight="bold", va="bottom")
    for row, (each, amount) in enumerate(zip(own, amounts, strict=True)):
        colour = GREY if each.name == baseline else BLUE
        axes.barh(row, amount or 0.0, height=0.5, color=colour, linewidth=0)
        words = "no price" if amount is None else usd(amount)
        axes.annotate(words, (amount or 0.0, row), (4, 0), textcoords="offset points", fontsize=8.5, va="center")
        bold = "bold" if each.name == baseline else "normal"
        place = axes.get_yaxis_transform()
        axes.text(-0.07, row, short(each.name, 22), transform=place, ha="right", va="center", fontweight=bold)


def _ratios(
    axes: Any, heading: str, own: Sequence[ConditionRuns], ratios: Mapping[str, Estimate], baseline: str
) -> None:
    low, high = _reach(list(ratios.values()))
    axes.set_yticks([])
    axes.set_xlim(low, high)
    axes.set_ylim(len(own) - 0.5, -0.5)
    axes.set_xticks(_ticks(low, high))
    axes.text(low, -0.72, heading, fontsize=9.5, fontweight="bold", va="bottom")
    axes.plot([1, 1], [-0.5, len(own) - 0.5], color=GREY, linewidth=1.2, zorder=1)
    for row, each in enumerate(own):
        found = ratios.get(each.name)
        if each.name == baseline:
            axes.text(1, row, "1 ", fontsize=8, color=MUTED, ha="right", va="center")
            continue
        if found is None or found.value is None:
            axes.text(low, row, "not defined", fontsize=8, color=MUTED, va="center")
            continue
        whisker(axes, row, found, BLUE, limits=(low, high))
        x = min(max(found.value, low + 0.3 * (high - low)), high - 0.3 * (high - low))
        clear = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
        place = row - 0.17
        axes.text(x, place, _words(found), fontsize=7.5, color=INK, ha="center", va="bottom", bbox=clear)


def _words(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def _reach(ratios: Sequence[Estimate]) -> tuple[float, float]:
    """From the smallest limit to the largest, 1 always within, unless one is far beyond the ratios themselves."""
    values = [1.0, *(each.value for each in ratios if each.value is not None)]
    low = min([*values, *(each.low for each in ratios if each.low is not None)])
    high = max([*values, *(each.high for each in ratios if each.high is not None)])
    high = min(high, 2 * max(values))
    room = 0.12 * (high - low) or 0.1
    return max(0.0, low - room), high + room


def _ticks(low: float, high: float) -> list[float]:
    step = next(
        step for step in (0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 50, 100, 1e3, 1e6, 1e12) if (high - low) / step <= 4
    )
    return [round(step * number, 2) for number in range(ceil(low / step), floor(high / step) + 1)]
