"""What would not have been billed had the flagged steps not happened. Arithmetic on the ledger, no opinion.

The assumptions, all of them:

* Had a flagged tool call not been asked for, its result would not have been read by any later call, and the
  part of the asking LLM call that asks for it would have been neither written nor read.
* Had *everything* an LLM call asked for been needless, the whole call would not have happened: its own bill goes,
  and so does every later read of its message. The next call would have followed from the one before.
* A sub-agent inside a flagged step would not have run: all that its calls were billed goes.
* Everything else stays as it was: same later calls, same prices per token, same cache hits.

A dollar is counted once. Reads by a call that goes itself are part of that call's bill, so they are not counted
again. Every dollar belongs to one flagged step, so sums over steps overlap nowhere, whatever flags name them.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from clawtrace_core.card.flags.finding import Scene
from clawtrace_core.card.weigh import plain, tool_calls
from clawtrace_core.model.session import Span

PLACES = 24


def saved_by_step(scene: Scene, flagged: Iterable[int]) -> dict[int, Decimal | None]:
    """USD per flagged step (by span id); None where a call without a price had a part in it."""
    steps = [scene.spans[span] for span in dict.fromkeys(flagged)]
    if not steps:
        return {}
    asks = _Asks(scene, steps)
    inside = _inside(scene, {span.id for span in steps})
    gone = frozenset(asks.whole) | frozenset(inside)
    kept = scene.ledger.rereads(without=gone)
    return {span.id: _saved(scene, span, asks, inside, kept) for span in steps}


def _saved(
    scene: Scene, span: Span, asks: "_Asks", inside: Mapping[int, int], kept: Mapping[int, Decimal]
) -> Decimal | None:
    ledger = scene.ledger
    if ledger.steps[span.id].unknown:
        return None
    total = Fraction(kept.get(span.id, 0))
    for inner, outer in inside.items():
        if outer == span.id:
            inner_cost = ledger.steps.get(inner)
            if inner_cost is None or inner_cost.unknown:
                return None
            total += Fraction(inner_cost.billed or 0) + Fraction(kept.get(inner, 0))
    ask = asks.share(span)
    if ask is not None:
        call, portion, whole = ask
        cost = ledger.steps[call]
        if cost.unknown:
            return None
        total += portion * (Fraction((cost.billed or 0) if whole else cost.own) + Fraction(kept.get(call, 0)))
    return _decimal(total)


def _inside(scene: Scene, flagged: set[int]) -> dict[int, int]:
    """Every step below a flagged one -> the outermost flagged step around it."""
    around: dict[int, int] = {}
    for span in scene.tree.spans:
        outer = around.get(span.parent) if span.parent is not None else None
        if outer is None and span.parent in flagged:
            outer = span.parent
        if outer is not None:
            around[span.id] = outer
    return {span: outer for span, outer in around.items() if span in scene.ledger.places and span not in flagged}


class _Asks:
    """Who asked for the flagged steps, and which calls asked for nothing else."""

    def __init__(self, scene: Scene, steps: Iterable[Span]) -> None:
        self._weights: dict[int, tuple[int, Fraction]] = {}
        self.whole: set[int] = set()
        """LLM calls that asked for flagged steps alone."""
        by_call: dict[int, dict[str, Span]] = {}
        for span in steps:
            asking = scene.asking_call(span)
            if asking is not None and span.tool_call is not None:
                by_call.setdefault(asking.id, {}).setdefault(str(span.tool_call), span)
        for call, asked in by_call.items():
            self._weigh(scene, call, asked)

    def _weigh(self, scene: Scene, call: int, asked: Mapping[str, Span]) -> None:
        outputs = list(scene.outputs(scene.spans[call]))
        weights = {
            str(told.get("id")): 1 + len(f"{told.get('name', '')}{plain(told.get('args'))}")
            for content in outputs
            for told in tool_calls(content)
        }
        if weights.keys() <= asked.keys():
            self.whole.add(call)
            total = sum(weights.values())
        else:
            total = sum(weights.values()) + sum(len(plain(_said(content.body))) for content in outputs)
        for told, span in asked.items():
            self._weights[span.id] = (call, Fraction(weights.get(told, 0), max(1, total)))

    def share(self, span: Span) -> tuple[int, Fraction, bool] | None:
        """`(LLM call, the step's part in it, whether the whole call goes)`; None when nobody is known to have asked."""
        found = self._weights.get(span.id)
        return None if found is None else (*found, found[0] in self.whole)


def _said(body: object) -> object:
    """What a message says beside its tool calls."""
    return (body.get("text") or body.get("parts")) if isinstance(body, Mapping) else None


def _decimal(value: Fraction) -> Decimal:
    units = value.numerator * 10**PLACES // value.denominator
    return Decimal(units).scaleb(-PLACES)
