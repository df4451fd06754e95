"""What the money went to, before and now: the caused view of the TraceCards of every pair of runs. Pure; USD."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from clawtrace_core.card import TraceCard
from costcraft.evaluate.results import Results
from costcraft.evaluate.statistics import paired
from costcraft.evaluate.statistics.runs import usd_of
from costcraft.value import Value

Cause = Literal["base", "model", "tool", "agent", "retriever", "embedding", "folded"]
"""`base`: prompts, tool schemas and the user's words. `model`: what the model wrote. `folded`: steps that a compact
card leaves out."""

WORDS: Mapping[Cause, str] = {
    "base": "prompts and schemas",
    "model": "what the model wrote",
    "folded": "steps that a compact card leaves out",
}


class Spent(Value):
    """What one cause cost in a run on average: its own output, and every later reading of what it produced."""

    cause: Cause
    name: str
    """Of a tool, agent, retriever or embedding; empty otherwise."""
    base_usd: Decimal
    new_usd: Decimal
    base_calls: Decimal
    """Calls in a run on average; 0 for `base`."""
    new_calls: Decimal

    @property
    def called(self) -> str:
        """Its name for a reader."""
        return WORDS.get(self.cause, self.name if self.cause == "tool" else f"{self.cause} {self.name}")

    @property
    def change(self) -> Decimal:
        """USD a run: below 0 it became cheaper."""
        return self.new_usd - self.base_usd


class Spending(Value):
    """Where the money of a comparison went. The causes sum to what a run costs."""

    pairs: int
    """Pairs of runs of which both cards are there and priced in full."""
    untold: int
    """Priced pairs of which a card is not."""
    base_waste: Decimal
    """USD a run that flags find needless."""
    new_waste: Decimal
    causes: tuple[Spent, ...]
    """The largest change first."""

    @property
    def base_usd(self) -> Decimal:
        """What a run cost before."""
        return usd_of(each.base_usd for each in self.causes)

    @property
    def new_usd(self) -> Decimal:
        """What a run costs now."""
        return usd_of(each.new_usd for each in self.causes)


class _Amount(NamedTuple):
    cause: Cause
    name: str
    usd: Decimal
    calls: int


def spending(results: Results, base: str, new: str, cards: Mapping[str, TraceCard]) -> Spending | None:
    """What the runs of two conditions spent their money on; None where no pair has both of its cards."""
    pairs = [pair for pair in paired(results.runs(base), results.runs(new)).pairs if pair.priced]
    told: list[tuple[TraceCard, TraceCard]] = []
    for pair in pairs:
        keys = ((base, pair.task, pair.base.seed), (new, pair.task, pair.new.seed))
        both = [cards.get(results.graded[key].session or "") for key in keys]
        if both[0] is not None and both[1] is not None and _whole(both[0]) and _whole(both[1]):
            told.append((both[0], both[1]))
    if not told:
        return None
    sides = [_sums([pair[side] for pair in told]) for side in (0, 1)]
    nothing = (Decimal(0), Decimal(0))
    causes = [
        Spent(
            cause=cause,
            name=name,
            base_usd=sides[0].get((cause, name), nothing)[0],
            new_usd=sides[1].get((cause, name), nothing)[0],
            base_calls=sides[0].get((cause, name), nothing)[1],
            new_calls=sides[1].get((cause, name), nothing)[1],
        )
        for cause, name in dict.fromkeys((*sides[0], *sides[1]))
    ]
    causes.sort(key=lambda each: (-abs(each.change), each.cause, each.name))
    waste = [usd_of(pair[side].waste.usd or Decimal(0) for pair in told) / len(told) for side in (0, 1)]
    return Spending(
        pairs=len(told),
        untold=len(pairs) - len(told),
        base_waste=waste[0],
        new_waste=waste[1],
        causes=tuple(causes),
    )


def _whole(card: TraceCard) -> bool:
    """Whether every amount of a card is known."""
    amounts = [card.cost.usd, card.base.usd, *(step.usd for step in card.steps)]
    rest = card.rest is None or card.rest.usd is not None
    return rest and not card.cost.unpriced and all(amount is not None for amount in amounts)


def _sums(cards: Sequence[TraceCard]) -> dict[tuple[Cause, str], tuple[Decimal, Decimal]]:
    """Cause and name -> USD and calls of a run on average."""
    found: dict[tuple[Cause, str], list[_Amount]] = {}
    for card in cards:
        for amount in _amounts(card):
            found.setdefault((amount.cause, amount.name), []).append(amount)
    return {
        key: (usd_of(each.usd for each in own) / len(cards), Decimal(sum(each.calls for each in own)) / len(cards))
        for key, own in found.items()
    }


_CAUSES: Mapping[str, Cause] = {"tool": "tool", "agent": "agent", "retriever": "retriever", "embedding": "embedding"}


def _amounts(card: TraceCard) -> Iterator[_Amount]:
    yield _Amount("base", "", card.base.usd or Decimal(0), 0)
    for step in card.steps:
        cause = _CAUSES.get(step.kind, "model")
        yield _Amount(cause, "" if cause == "model" else step.name, step.usd or Decimal(0), step.times)
    if card.rest is not None:
        yield _Amount("folded", "", card.rest.usd or Decimal(0), card.rest.steps)
