"""What became of the runs: the two by two of the main comparison, and every comparison as a bar. Pure."""

from typing import Any

from costcraft.evaluate.findings.found import Comparison, Findings, Regime
from costcraft.evaluate.findings.plots.style import (
    INK,
    MUTED,
    PAPER,
    REGIMES,
    TOP,
    WIDTH,
    key,
    panel,
    quiet,
    sheet,
    short,
)
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import counted, rate_change
from costcraft.evaluate.statistics.quality import Quality

ORDER: tuple[Regime, ...] = ("kept", "recovered", "regressed", "failed")
_CELL = 1.5
_BAR = 0.44


def drawable(found: Findings) -> bool:
    """Whether a comparison has a pair that is graded."""
    return bool(_compared(found))


def draw(found: Findings) -> Any:
    """The picture."""
    compared = _compared(found)
    first, rates = compared[0]
    bars = len(compared) > 1
    height = TOP + 2 * _CELL * 0.62 + 0.85 + (0.5 + _BAR * len(compared) if bars else 0)
    title = f"{rates.recoveries:,} recovered, {rates.regressions:,} regressed{simulated(found)}"
    told = f"{counted(rates.pairs, 'pair')} of runs: {short(first.condition, 30)} beside {short(found.baseline, 30)}"
    figure = sheet(height, title, f"{told}; success rate {rate_change(rates.difference)} points")
    _matrix(figure, height, first, rates)
    if bars:
        _bars(figure, compared)
    return figure


def _compared(found: Findings) -> list[tuple[Comparison, Quality]]:
    return [(each, each.quality) for each in found.comparisons if isinstance(each.quality, Quality)]


def counts(rates: Quality) -> dict[Regime, int]:
    """The four numbers by name."""
    return dict(zip(ORDER, (rates.both, rates.recoveries, rates.regressions, rates.neither), strict=True))


def _matrix(figure: Any, height: float, first: Comparison, rates: Quality) -> None:
    tall = _CELL * 0.62
    axes = panel(figure, 1.75, height - TOP - 2 * tall - 0.42, 2 * _CELL * 1.5, 2 * tall)
    quiet(axes)
    axes.set_xlim(0, 2)
    axes.set_ylim(0, 2)
    number = counts(rates)
    places: dict[Regime, tuple[int, int]] = {"kept": (0, 1), "regressed": (1, 1), "recovered": (0, 0), "failed": (1, 0)}
    for regime, (x, y) in places.items():
        colour = REGIMES[regime][0]
        share = number[regime] / rates.pairs
        axes.fill_between(
            [x + 0.02, x + 0.98], y + 0.035, y + 0.965, color=colour, alpha=0.10 + 0.5 * share, linewidth=0
        )
        axes.text(
            x + 0.5,
            y + 0.56,
            f"{number[regime]:,}",
            fontsize=19,
            fontweight="bold",
            ha="center",
            va="center",
            color=INK,
        )
        axes.text(x + 0.5, y + 0.22, f"{regime}  {share:.0%}", fontsize=9, ha="center", va="center", color=INK)
    for word, place in (("succeeds", 0.5), ("fails", 1.5)):
        axes.text(
            place, 2.06, f"{short(first.condition, 24)} {word}", fontsize=9, color=MUTED, ha="center", va="bottom"
        )
    for word, place in (("succeeds", 1.5), ("fails", 0.5)):
        axes.text(-0.04, place, f"{short(first.beside, 16)}\n{word}", fontsize=9, color=MUTED, ha="right", va="center")


def _bars(figure: Any, compared: list[tuple[Comparison, Quality]]) -> None:
    axes = panel(figure, 1.75, 0.3, WIDTH - 1.75 - 0.3, _BAR * len(compared))
    quiet(axes)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(compared) - 0.5, -0.5)
    for row, (each, rates) in enumerate(compared):
        start = 0.0
        for regime in ORDER:
            number = counts(rates)[regime]
            share = number / rates.pairs
            axes.barh(row, share, left=start, height=0.62, color=REGIMES[regime][0], edgecolor=PAPER, linewidth=1)
            if share > 0.035:
                axes.text(
                    start + share / 2,
                    row,
                    f"{number:,}",
                    fontsize=8.5,
                    color=PAPER,
                    fontweight="bold",
                    ha="center",
                    va="center",
                )
            start += share
        axes.text(-0.012, row, short(each.condition, 22), fontsize=9, ha="right", va="center")
    key(figure, [(REGIMES[regime][0], "s", regime) for regime in ORDER], 0.3 + _BAR * len(compared) + 0.12, 1.84)
