"""How every picture looks: colours that are told apart without red and green, words beside what they name. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from costcraft.evaluate.findings.effects import Word
from costcraft.evaluate.findings.found import Regime
from costcraft.evaluate.statistics.interval import Estimate
from costcraft.evaluate.statistics.libraries import library

WIDTH = 6.8
"""Of every picture, inches."""

PAPER = "#fffffe"
INK = "#1f2328"
MUTED = "#646d76"
RULE = "#d5dae0"
BLUE = "#0b6bb0"
GREEN = "#0a8f6a"
RED = "#d1510a"
GREY = "#8c959f"
# The hues are those of M. Okabe and K. Ito, "Color Universal Design" (2008), a little darker to carry thin lines.

REGIMES: Mapping[Regime, tuple[str, str]] = {
    "kept": (BLUE, "o"),
    "recovered": (GREEN, "^"),
    "regressed": (RED, "v"),
    "failed": (GREY, "X"),
    "ungraded": (MUTED, "s"),
}
"""Colour and mark of each regime: where colours fail, marks tell."""
VERDICTS: Mapping[Word, str] = {"earns": GREEN, "harms": RED, "not told": GREY}

SETTINGS: Mapping[str, Any] = {
    "svg.hashsalt": "costcraft",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "axes.unicode_minus": True,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "text.parse_math": False,
    "path.simplify": False,
}
TOP = 0.78
"""Inches kept for title and subtitle."""


def sheet(height: float, title: str, subtitle: str) -> Any:
    """An empty figure of so many inches, its title said."""
    figure = library("matplotlib.figure").Figure(figsize=(WIDTH, height), facecolor=PAPER)
    figure.text(0.16 / WIDTH, 1 - 0.27 / height, title, fontsize=12, fontweight="bold", va="center")
    figure.text(0.16 / WIDTH, 1 - 0.53 / height, subtitle, fontsize=9, color=MUTED, va="center")
    return figure


def panel(figure: Any, left: float, bottom: float, width: float, height: float) -> Any:
    """Axes at a place told in inches, without a frame."""
    whole_width, whole_height = figure.get_size_inches()
    axes = figure.add_axes((left / whole_width, bottom / whole_height, width / whole_width, height / whole_height))
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8)
    return axes


def quiet(axes: Any) -> None:
    """Axes that only carry what is drawn on them."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)


def key(figure: Any, entries: Sequence[tuple[str, str, str]], y: float, x: float = 0.24) -> None:
    """A line of marks with their names, from `x`: colour, mark, name. Both places in inches from below left."""
    width, height = figure.get_size_inches()
    axes = panel(figure, 0, 0, width, height)
    quiet(axes)
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    for colour, mark, name in entries:
        axes.plot([x], [y], marker=mark, color=colour, markersize=5.5, markeredgewidth=0, linestyle="none")
        axes.text(x + 0.11, y, name, color=colour, fontsize=8.5, va="center_baseline")
        x += 0.36 + 0.072 * len(name)


def whisker(axes: Any, y: float, found: Estimate, colour: str, *, limits: tuple[float, float]) -> None:
    """An estimate as a dot with its interval. Where an interval leaves the picture, an arrow says so."""
    low = limits[0] if found.low is None else max(found.low, limits[0])
    high = limits[1] if found.high is None else min(found.high, limits[1])
    known = found.low is not None or found.high is not None
    if known:
        axes.plot([low, high], [y, y], color=colour, linewidth=1.8, solid_capstyle="round", zorder=3)
    beyond = [(limits[1], ">", found.high is None or found.high > limits[1])]
    beyond += [(limits[0], "<", found.low is None or found.low < limits[0])]
    for x, mark, cut in beyond if known else []:
        if cut:
            axes.plot([x], [y], marker=mark, color=colour, markersize=5, markeredgewidth=0, clip_on=False, zorder=4)
    if found.value is not None and limits[0] <= found.value <= limits[1]:
        axes.plot([found.value], [y], marker="o", color=colour, markersize=5.5, markeredgewidth=0, zorder=5)


def short(words: str, most: int) -> str:
    """Words on one line, cut to so many characters."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def spread_out(wanted: Sequence[float], apart: float) -> list[float]:
    """Places as near as can be to those wanted, in their order (from low to high), none nearer than `apart`."""
    clusters: list[tuple[float, int]] = []  # the place of the first one, and how many
    for place in wanted:
        clusters.append((place, 1))
        while len(clusters) > 1 and clusters[-1][0] - clusters[-2][0] < apart * clusters[-2][1]:
            (second, more), (first, count) = clusters.pop(), clusters.pop()
            middle = (first * count + (second - apart * count) * more) / (count + more)
            clusters.append((middle, count + more))
    return [start + apart * number for start, count in clusters for number in range(count)]
