"""A session's spans as an outline: which lines to show, how they nest, and what a long one folds away. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clawtrace_core.card.card import Step, TraceCard
from clawtrace_core.model.session import SessionTree, Span

LONG = 60
"""An outline of more lines than this is folded unless all of it is asked for."""
_ENDS = 12
_DEAREST = 12
_NOTABLE = 20
_DEEPEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One span and where it hangs."""

    span: Span
    step: Step | None
    """None for a span that is no step: a chain, or the session's own root."""
    depth: int
    last: tuple[bool, ...]
    """For each level from the root down (the deepest ten): is the branch the last of its parent?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Neighbouring lines that are not shown."""

    lines: int
    usd: Decimal | None
    """What their steps caused; None when none of them has a price."""
    depth: int
    last: tuple[bool, ...]


def outline(tree: SessionTree, card: TraceCard, *, chains: bool = False) -> list[Line]:
    """The spans of a session in the order in which a reader meets them.

    A chain (a framework's own wrapping) is left out and its children move up, unless `chains` is true or it failed
    on its own account.
    """
    steps = {step.span: step for step in card.steps}
    shown = _shown(tree, steps, chains)
    children: dict[int | None, list[Span]] = {}
    home: dict[int, int | None] = {}
    for span in tree.spans:
        parent = home.get(span.parent) if span.parent is not None else None
        home[span.id] = span.id if span.id in shown else parent
        if span.id in shown:
            children.setdefault(parent, []).append(span)
    return list(_walk(children, steps))


def _shown(tree: SessionTree, steps: dict[int, Step], chains: bool) -> set[int]:
    if chains:
        return {span.id for span in tree.spans}
    shown: set[int] = set()
    failed_below: set[int | None] = set()
    for span in reversed(tree.spans):
        lonely = span.failed and span.id not in failed_below
        if span.kind != "chain" or span.id in steps or lonely:
            shown.add(span.id)
        if span.failed or span.id in failed_below:
            failed_below.add(span.parent)
    return shown or {span.id for span in tree.spans}


def _walk(children: dict[int | None, list[Span]], steps: dict[int, Step]) -> Iterator[Line]:
    todo = _branches(children.get(None, ()), 0, ())
    while todo:
        span, depth, last = todo.pop()
        yield Line(span=span, step=steps.get(span.id), depth=depth, last=last)
        todo += _branches(children.get(span.id, ()), depth + 1, last)


def _branches(spans: Sequence[Span], depth: int, above: tuple[bool, ...]) -> list[tuple[Span, int, tuple[bool, ...]]]:
    """To be taken from the end, so that the first span comes first."""
    end = len(spans) - 1
    return [(spans[i], depth, (*above, i == end)[-_DEEPEST:]) for i in range(end, -1, -1)]


def fold(lines: Sequence[Line], *, long: int = LONG) -> list[Line | Fold]:
    """The outline itself if it is not long; else its ends, its dearest, its flagged and failed steps, and what they
    hang on. Everything between is counted, with what it caused in USD."""
    if len(lines) <= long:
        return list(lines)
    kept = _with_ancestors(lines, _worth_seeing(lines))
    shown: list[Line | Fold] = []
    hidden: list[Line] = []
    for index, line in enumerate(lines):
        if index not in kept:
            hidden.append(line)
            continue
        shown += _folded(hidden)
        hidden = []
        shown.append(line)
    return shown + _folded(hidden)


def _worth_seeing(lines: Sequence[Line]) -> set[int]:
    by_cost = sorted(range(len(lines)), key=lambda i: (-_cost(lines[i]), i))
    notable = [i for i in by_cost if _notable(lines[i])]
    ends = [*range(_ENDS), *range(len(lines) - _ENDS, len(lines))]
    return {*ends, *by_cost[:_DEAREST], *notable[:_NOTABLE]}


def _notable(line: Line) -> bool:
    return line.span.status != "ok" or (line.step is not None and bool(line.step.flags))


def _cost(line: Line) -> Decimal:
    return (line.step.usd if line.step is not None else None) or Decimal(0)


def _with_ancestors(lines: Sequence[Line], kept: Iterable[int]) -> set[int]:
    """A kept line keeps the way to it: the nearest line above of each lesser depth."""
    parents: list[int | None] = []
    path: list[int] = []
    for index, line in enumerate(lines):
        del path[line.depth :]
        parents.append(path[-1] if path else None)
        path.append(index)
    whole: set[int] = set()
    for index in kept:
        at: int | None = index
        while at is not None and at not in whole:
            whole.add(at)
            at = parents[at]
    return whole


def _folded(hidden: Sequence[Line]) -> list[Line | Fold]:
    if len(hidden) <= 1:
        return list(hidden)
    prices = [line.step.usd for line in hidden if line.step is not None and line.step.usd is not None]
    first = min(hidden, key=lambda line: line.depth)
    total = sum(prices, Decimal(0)) if prices else None
    return [Fold(lines=len(hidden), usd=total, depth=first.depth, last=first.last)]
