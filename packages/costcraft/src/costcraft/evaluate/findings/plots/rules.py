"""What each rule does to success and to cost. Pure; USD."""

from collections.abc import Sequence
from math import floor, log10
from typing import Any, NamedTuple

from costcraft.evaluate.findings.effects import RuleEffect
from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.plots.style import (
    INK,
    MUTED,
    RULE,
    TOP,
    VERDICTS,
    WIDTH,
    panel,
    sheet,
    short,
    whisker,
)
from costcraft.evaluate.findings.summary import simulated
from costcraft.evaluate.findings.words import counted
from costcraft.evaluate.statistics.interval import Estimate
from costcraft.evaluate.statistics.quality import Quality

_ROW = 0.46
_GAP = 0.36
_LEFT = 2.85
_WIDE = (WIDTH - _LEFT - 0.8) / 2
_BELOW = 0.62
_BETWEEN = 0.45
_MINUS = "\N{MINUS SIGN}"


class _Group(NamedTuple):
    name: str
    effects: Sequence[RuleEffect]


def drawable(found: Findings) -> bool:
    """Whether a rule can be compared at all."""
    return any(each.per_run is not None or isinstance(each.quality, Quality) for each in found.rules)


def draw(found: Findings) -> Any:
    """The picture."""
    told = {"leave-one-out": "left out of all the others", "one-in": "put in alone"}
    groups = [
        _Group(name, sorted((each for each in found.rules if each.role == role), key=_saving))
        for role, name in told.items()
    ]
    groups = [group for group in groups if group.effects]
    effects = [each for group in groups for each in group.effects]
    inner = _ROW * len(effects) + _GAP * len(groups)
    height = TOP + 0.3 + inner + _BELOW
    words = ", ".join(
        f"{sum(each.verdict == verdict for each in effects):,} {word}"
        for verdict, word in (("earns", "earn"), ("harms", "harm"), ("not told", "not told"))
    )
    level = f"{100 * found.confidence:.3g}% intervals"
    title = f"{counted(len(effects), 'effect')} of rules: {words}{simulated(found)}"
    figure = sheet(height, title, f"Runs with the rule beside runs without it; {level}")
    left = panel(figure, _LEFT, _BELOW, _WIDE, inner)
    _column(left, groups, [_points(each) for each in effects], "success, points", ("less", "more"))
    _labels(left, groups)
    right = panel(figure, _LEFT + _WIDE + _BETWEEN, _BELOW, _WIDE, inner)
    _column(right, groups, [each.per_run for each in effects], "USD a run", ("cheaper", "dearer"))
    return figure


def _saving(each: RuleEffect) -> float:
    return each.per_run.value if each.per_run and each.per_run.value is not None else float("inf")


def _points(each: RuleEffect) -> Estimate | None:
    if not isinstance(each.quality, Quality):
        return None
    told = each.quality.difference
    low, high = (None if limit is None else 100 * limit for limit in (told.low, told.high))
    return Estimate(value=100 * (told.value or 0.0), low=low, high=high, confidence=told.confidence)


def _places(groups: Sequence[_Group]) -> list[float]:
    """How far below the top each row stands, in inches; the heading of its group above it."""
    found, y = [], 0.0
    for group in groups:
        y += _GAP
        found += [y + _ROW * (number + 0.5) for number in range(len(group.effects))]
        y += _ROW * len(group.effects)
    return found


def _column(
    axes: Any, groups: Sequence[_Group], amounts: Sequence[Estimate | None], name: str, ends: tuple[str, str]
) -> None:
    effects = [each for group in groups for each in group.effects]
    inner = _ROW * len(effects) + _GAP * len(groups)
    dollars = "USD" in name
    most = _reach([each for each in amounts if each is not None])
    axes.set_ylim(inner, 0)
    axes.set_yticks([])
    axes.set_xlim(-most * 1.05, most * 1.05)
    axes.set_xticks([-most, 0, most], [_amount(-most, dollars, 1), "0", _amount(most, dollars, 1)], fontsize=7.5)
    axes.plot([0, 0], [_GAP * 0.5, inner], color=RULE, linewidth=1.2, zorder=1)
    axes.text(0, 0.02, name, fontsize=9.5, fontweight="bold", ha="center", va="bottom")
    for x, word, side in ((-most, f"← {ends[0]}", "left"), (most, f"{ends[1]} →", "right")):
        axes.text(x, inner + 0.32, word, fontsize=8, color=MUTED, ha=side, va="center")
    for each, amount, y in zip(effects, amounts, _places(groups), strict=True):
        if amount is None or amount.value is None:
            axes.text(0, y, "no pair", fontsize=8, color=MUTED, ha="center", va="center")
            continue
        whisker(axes, y, amount, VERDICTS[each.verdict], limits=(-most, most))
        inside = max(-most, min(most, amount.value))
        words = _amount(amount.value, dollars)
        axes.text(inside, y - 0.1, words, fontsize=7.5, color=INK, ha="center", va="bottom", zorder=6)


def _reach(amounts: Sequence[Estimate]) -> float:
    """How far to either side the picture goes: to the ends of the intervals, unless one is far beyond the rest."""
    ends = [abs(limit) for each in amounts for limit in (each.value, each.low, each.high) if limit is not None]
    middles = [abs(each.value) for each in amounts if each.value is not None]
    largest = max(ends, default=0.0)
    return min(largest, 3 * max(middles, default=0.0)) or largest or 1.0


def _amount(amount: float, dollars: bool, figures: int = 2) -> str:
    sign = _MINUS if amount < 0 else "+"
    if not dollars:
        return f"{sign}{abs(amount):.{figures - 1}f}"
    places = max(2, figures - 1 - floor(log10(abs(amount)))) if amount else 2
    return f"{sign}${abs(amount):.{places}f}"


def _labels(axes: Any, groups: Sequence[_Group]) -> None:
    place = axes.get_yaxis_transform()
    left = -(_LEFT - 0.16) / _WIDE
    effects = [each for group in groups for each in group.effects]
    for each, y in zip(effects, _places(groups), strict=True):
        colour = VERDICTS[each.verdict]
        head = f"{each.rule}  {each.word}"
        below = 0.09 if each.text else 0.0
        axes.text(left, y - below, head, transform=place, fontsize=8.5, fontweight="bold", color=colour, va="center")
        axes.text(left, y + 0.09, short(each.text, 50), transform=place, fontsize=7.5, color=INK, va="center")
    y = 0.0
    for group in groups:
        axes.text(left, y + _GAP * 0.6, group.name, transform=place, fontsize=9, color=MUTED, va="center")
        y += _GAP + _ROW * len(group.effects)
