"""The two pictures of the study's page, as SVG: the same figures give the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, GOOD, BAD, FAINT = "#222222", "#0072b2", "#d55e00", "#999999"
"""Okabe and Ito's blue and vermilion: told apart by every eye; markers differ too."""


class Point(NamedTuple):
    """A row of a plot: an estimate with its interval."""

    label: str
    value: float
    low: float | None
    high: float | None
    bad: bool = False
    note: str = ""


def draw_arms(arms: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str], margin: float, path: Path) -> None:
    """Each arm beside the base skill: how much oftener it succeeds, and what it costs."""
    told = [(titles.get(name, name).replace("`", ""), arm["compared"]) for name, arm in arms.items() if arm["compared"]]
    quality = [
        Point(
            title,
            *(100 * each["difference"][part] for part in ("value", "low", "high")),
            bad=each["verdict"] not in {"superior", "non-inferior"},
            note=f"{100 * each['difference']['value']:+.1f}",
        )
        for title, each in told
    ]
    cost = [
        Point(title, *_limits(each["total"]), bad=each["total"]["value"] > 1, note=f"{each['total']['value']:.2f}")
        for title, each in told
    ]
    with _sheet(path, rows=len(told), width=10.5) as figure:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.15, 1))
        _rows(left, quality)
        _rows(right, cost)
        left.axvline(0, color=INK, linewidth=0.9, zorder=1)
        left.axvline(-100 * margin, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        right.axvline(1, color=INK, linewidth=0.9, zorder=1)
        left.set_xlabel(
            f"success, points beside the base skill\n(square: a drop of {100 * margin:.0f} is not excluded)"
        )
        right.set_xlabel("cost of all runs, times the base skill's\n(square: dearer)")
        figure.suptitle(
            "Simulated: held-out tasks with each distilled skill, 95% intervals over seeds", x=0.01, ha="left"
        )


def draw_flags(flags: Mapping[str, Any], path: Path) -> None:
    """Each kind of flag: how often it is right, and how much of what is needless it finds."""
    rows = [("all kinds", flags), *flags["kinds"].items()]
    with _sheet(path, rows=len(rows), width=9.5) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        _rows(left, [_share(name, told["precision"]) for name, told in rows])
        _rows(right, [_share(name, told["recall"]) for name, told in rows])
        for axes, label in (
            (left, "precision: flagged calls that are needless, %"),
            (right, "needless calls it flags, %"),
        ):
            axes.set_xlim(-3, 112)
            axes.set_xticks(range(0, 101, 25))
            axes.set_xlabel(label)
        figure.suptitle("Simulated: flags against the planted truth, 95% intervals over seeds", x=0.01, ha="left")


def _share(name: str, told: Mapping[str, Any]) -> Point:
    rate, low, high = (None if told[part] is None else 100 * told[part] for part in ("rate", "low", "high"))
    return Point(name, rate or 0.0, low, high, note=f"{told['right']}/{told['of']}")


def _limits(told: Mapping[str, float | None]) -> tuple[float, float | None, float | None]:
    return told["value"] or 0.0, told["low"], told["high"]


def _rows(axes: Axes, points: Sequence[Point]) -> None:
    for at, point in enumerate(points):
        colour = BAD if point.bad else GOOD
        if point.low is not None and point.high is not None:
            axes.plot([point.low, point.high], [at, at], color=colour, linewidth=2.2, solid_capstyle="butt")
        axes.plot([point.value], [at], marker="s" if point.bad else "o", color=colour, markersize=6.5)
        axes.annotate(
            point.note, (point.value, at), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8, color=INK
        )
    axes.set_yticks(range(len(points)), [point.label for point in points])
    axes.set_ylim(len(points) - 0.5, -0.7)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


@contextmanager
def _sheet(path: Path, *, rows: int, width: float) -> Iterator[Figure]:
    settings = {
        "svg.hashsalt": path.stem,
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "axes.edgecolor": FAINT,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(width, 1.4 + 0.42 * rows), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        yield figure
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
