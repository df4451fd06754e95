"""What would not have been billed had the flagged steps not happened. Arithmetic on the ledger, no opinion.

The assumptions, all of them:

* Had a flagged tool call not been asked for, its result would not have been read by any later call, and the
  part of the asking LLM call that asks for it would have been neither written nor read.
* Had *everything* an LLM call asked for been needless, the whole call would not have happened: its own bill goes,
  and so does every later read of its message. The next call would have followed from the one before.
* A sub-agent inside a flagged step would not have run: all that its calls were billed goes.
* Who comes first pays for being first. What a removed call read before anybody else (in full, or to have it
  cached), the first remaining call on the same history would have read first: it inherits that price, and only
  what it paid itself is saved (`first_reads`).
* Everything else stays as it was: same later calls, same prices per token.

A dollar is counted once. Reads by a call that goes itself are part of that call's bill, so they are not counted
again. Every dollar belongs to one flagged step, so sums over steps overlap nowhere, whatever flags name them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from clawtrace_core.card.first_reads import inherited
from clawtrace_core.card.flags.finding import Scene
from clawtrace_core.card.ledger import StepCost
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
    gone = frozenset(asks.whole).union(*inside.values())
    bills = _Bills(
        kept=scene.ledger.rereads(without=gone),
        inherited=inherited(scene.ledger, calls=gone, steps={*gone, *(span.id for span in steps)}),
    )
    return {span.id: _saved(scene, span, asks, inside, bills) for span in steps}


@dataclass(frozen=True, slots=True)
class _Bills:
    """What does not depend on the single step. USD by span."""

    kept: Mapping[int, Decimal]
    """Paid by remaining calls to read what a step produced."""
    inherited: Mapping[int, Decimal]
    """Part of a removed call's bill that a remaining one would have paid instead."""

    def of_call(self, cost: StepCost) -> Fraction:
        """What goes with a whole call: its bill, less what another inherits, and the later reads of its message."""
        return Fraction(cost.billed or 0) - Fraction(self.inherited.get(cost.span, 0)) + self.reads(cost)

    def reads(self, cost: StepCost) -> Fraction:
        return Fraction(self.kept.get(cost.span, 0))


def _saved(scene: Scene, span: Span, asks: "_Asks", inside: Mapping[int, list[int]], bills: _Bills) -> Decimal | None:
    ledger = scene.ledger
    if ledger.steps[span.id].unknown:
        return None
    total = bills.reads(ledger.steps[span.id])
    for inner in inside.get(span.id, ()):
        inner_cost = ledger.steps.get(inner)
        if inner_cost is None or inner_cost.unknown:
            return None
        total += bills.of_call(inner_cost)
    ask = asks.share(span)
    if ask is not None:
        call, portion, whole = ask
        cost = ledger.steps[call]
        if cost.unknown:
            return None
        total += portion * (bills.of_call(cost) if whole else Fraction(cost.own) + bills.reads(cost))
    return _decimal(total)


def _inside(scene: Scene, flagged: set[int]) -> dict[int, list[int]]:
    """The outermost flagged steps -> every step below them."""
    around: dict[int, int] = {}
    for span in scene.tree.spans:
        outer = around.get(span.parent) if span.parent is not None else None
        if outer is None and span.parent in flagged:
            outer = span.parent
        if outer is not None:
            around[span.id] = outer
    found: dict[int, list[int]] = {}
    for inner, outer in around.items():
        if inner in scene.ledger.places and inner not in flagged:
            found.setdefault(outer, []).append(inner)
    return found


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
