"""Cost task by task: a slope for each of a few tasks, a point for each of many. Pure; USD."""

from collections import Counter
from collections.abc import Sequence
from math import exp, log
from typing import Any, NamedTuple

from costcraft.evaluate.findings.found import Comparison, Findings, Regime
from costcraft.evaluate.findings.plots.style import (
    INK,
    MUTED,
    PAPER,
    REGIMES,
    RULE,
    TOP,
    WIDTH,
    key,
    panel,
    sheet,
    short,
    spread_out,
)
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import counted, ratio
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.libraries import library

MOST_SLOPES = 40
MOST_DRAWN = 2_000
"""Beyond so many points they are one image within the SVG."""
MOST_NAMES = 8
MEAN = "geometric mean"
_OVER: tuple[Regime, ...] = ("kept", "failed", "ungraded", "recovered", "regressed")
"""The later ones are drawn over the earlier."""


class _Task(NamedTuple):
    name: str
    regime: Regime
    base: float
    new: float


def drawable(found: Findings) -> bool:
    """Whether a task of the main comparison has a cost above 0 on both sides."""
    return found.main is not None and isinstance(found.main.cost, Cost) and bool(_tasks(found.main))


def draw(found: Findings) -> Any:
    """The picture."""
    main = found.main
    assert main is not None  # noqa: S101 - `drawable` said so
    tasks = _tasks(main)
    cheaper = sum(task.new < task.base for task in tasks)
    left = len(main.tasks) - len(tasks)
    title = f"{cheaper:,} of {counted(len(tasks), 'task')} became cheaper{simulated(found)}"
    typical = (
        f"a task typically costs {ratio(main.cost.typical)} times what it did" if isinstance(main.cost, Cost) else ""
    )
    height = 5.4
    figure = sheet(height, title, f"USD a run; {typical}" + (f"; {left:,} not drawn: no price" if left else ""))
    numbers = Counter(task.regime for task in tasks)
    entries = [(*REGIMES[regime], f"{regime} {numbers[regime]:,}") for regime in REGIMES if numbers[regime]]
    key(figure, entries, height - TOP - 0.06)
    (_slopes if len(tasks) <= MOST_SLOPES else _points)(figure, main, tasks)
    return figure


def _tasks(main: Comparison) -> list[_Task]:
    return [
        _Task(each.task, each.regime, float(each.base_usd), float(each.new_usd))
        for each in sorted(main.tasks, key=lambda each: (_OVER.index(each.regime), each.task))
        if each.base_usd and each.new_usd
    ]


def _slopes(figure: Any, main: Comparison, tasks: Sequence[_Task]) -> None:
    axes = panel(figure, 1.0, 0.5, WIDTH - 1.0 - 1.75, 5.4 - TOP - 0.5 - 0.4)
    axes.set_yscale("log")
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 1], [short(main.beside, 30), short(main.condition, 30)], fontsize=9.5, color=INK)
    axes.spines["bottom"].set_visible(False)
    _money(axes.yaxis, [cost for task in tasks for cost in (task.base, task.new)])
    axes.set_ylim(*_span([cost for task in tasks for cost in (task.base, task.new)]))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    for task in tasks:
        colour, mark = REGIMES[task.regime]
        strong = task.regime in {"recovered", "regressed"}
        axes.plot(
            [0, 1],
            [task.base, task.new],
            color=colour,
            linewidth=1.6 if strong else 1.0,
            alpha=0.95 if strong else 0.55,
            marker=mark,
            markersize=5 if strong else 4,
            markeredgewidth=0,
            clip_on=False,
            zorder=4 if strong else 3,
        )
    labels = [(task.new, short(task.name, 22), REGIMES[task.regime][0]) for task in _named(tasks)]
    if len(tasks) > 2:
        sides = zip(*((task.base, task.new) for task in tasks), strict=True)
        middle = [exp(sum(map(log, side)) / len(tasks)) for side in sides]
        axes.plot([0, 1], middle, color=PAPER, linewidth=4.4, zorder=5, clip_on=False)
        axes.plot([0, 1], middle, color=INK, linewidth=2.4, zorder=6, clip_on=False, solid_capstyle="round")
        labels.append((middle[1], MEAN, INK))
    _names(axes, labels)


def _named(tasks: Sequence[_Task]) -> list[_Task]:
    """Whose names are worth the room: those that regressed, then those that recovered."""
    first = sorted(tasks, key=lambda task: _OVER.index(task.regime), reverse=True)
    changed = [task for task in first if task.regime in {"regressed", "recovered"}]
    return changed[:MOST_NAMES]


def _names(axes: Any, labels: Sequence[tuple[float, str, str]]) -> None:
    """Names beside the right ends, moved apart where they would touch."""
    low, high = (log(limit) for limit in axes.get_ylim())
    placed = sorted(labels)
    heights = spread_out([log(cost) for cost, _, _ in placed], (high - low) * 0.042)
    for (cost, name, colour), y in zip(placed, heights, strict=True):
        bold = "bold" if name == MEAN else "normal"
        axes.annotate(
            name,
            xy=(1, cost),
            xytext=(1.06, exp(y)),
            fontsize=8,
            color=colour,
            fontweight=bold,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 4},
        )


def _points(figure: Any, main: Comparison, tasks: Sequence[_Task]) -> None:
    axes = panel(figure, 1.0, 0.62, WIDTH - 1.0 - 0.35, 5.4 - TOP - 0.62 - 0.35)
    amounts = [cost for task in tasks for cost in (task.base, task.new)]
    low, high = _span(amounts)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    _money(axes.xaxis, amounts)
    _money(axes.yaxis, amounts)
    axes.grid(color=RULE, linewidth=0.5)
    axes.plot([low, high], [low, high], color=MUTED, linewidth=1, zorder=2)
    typical = main.cost.typical.value if isinstance(main.cost, Cost) else None
    words = "line: as dear as before"
    if typical:
        dashes = {"linestyle": (0, (4, 3)), "linewidth": 1.4, "zorder": 6}
        axes.plot([low, high], [low * typical, high * typical], color=INK, **dashes)
        words += f"\ndashes: typical, {typical:.3g} times"
    axes.text(0.985, 0.03, words, transform=axes.transAxes, fontsize=8.5, color=INK, ha="right", va="bottom", zorder=7)
    axes.text(0.015, 0.97, "dearer now", transform=axes.transAxes, fontsize=9, color=MUTED, va="top")
    axes.text(0.985, 0.16, "cheaper now", transform=axes.transAxes, fontsize=9, color=MUTED, ha="right")
    for regime in _OVER:
        own = [task for task in tasks if task.regime == regime]
        strong = regime in {"recovered", "regressed"}
        axes.scatter(
            [task.base for task in own],
            [task.new for task in own],
            s=26 if strong else 15,
            color=REGIMES[regime][0],
            marker=REGIMES[regime][1],
            linewidths=0,
            alpha=0.9 if strong else 0.5,
            zorder=5 if strong else 4,
            rasterized=len(tasks) > MOST_DRAWN,
        )
    axes.set_xlabel(f"{short(main.beside, 30)}, USD a run", fontsize=9)
    axes.set_ylabel(f"{short(main.condition, 30)}, USD a run", fontsize=9)


def _span(amounts: Sequence[float]) -> tuple[float, float]:
    low, high = min(amounts), max(amounts)
    room = max((high / low) ** 0.05, 1.12)
    return low / room, high * room


def _money(axis: Any, amounts: Sequence[float]) -> None:
    """Few round amounts on a logarithmic axis."""
    ticker = library("matplotlib.ticker")
    times = max(amounts) / min(amounts)
    subs = (1, 3) if times > 50 else (1, 2, 5) if times > 8 else (1, 1.5, 2, 3, 4, 5, 6, 8)
    axis.set_major_locator(ticker.LogLocator(subs=subs, numticks=12))
    axis.set_minor_locator(ticker.NullLocator())
    axis.set_major_formatter(ticker.FuncFormatter(lambda amount, _: f"${amount:.10f}".rstrip("0").rstrip(".")))
