"""Token sums: what the provider told, what was recorded, and what the card says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

from clawtrace_core.card import TraceCard, build_ledger, compile_card, verify_ledger
from clawtrace_core.model.session import SessionTree
from clawtrace_core.model.usage import NO_USAGE, Usage
from clawtrace_core.pricing import PriceBook
from clawtrace_core.tokens import Counter


@dataclass(frozen=True, slots=True, order=True)
class Sum:
    """Tokens of the calls that told their usage, and how many calls told it or did not."""

    told: int
    untold: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    cache_write_unknown: int
    reasoning: int

    def __add__(self, other: "Sum") -> "Sum":
        """Both together."""
        pairs = zip(_numbers(self), _numbers(other), strict=True)
        return Sum(*[mine + theirs for mine, theirs in pairs])

    def __str__(self) -> str:
        numbers = zip(self.__slots__, _numbers(self), strict=True)
        return ", ".join(f"{name} {count}" for name, count in numbers if count) or "nothing"

    def merged(self) -> "Sum":
        """The same, with cache writes of every lifetime in one number."""
        writes = self.cache_write_5m + self.cache_write_1h + self.cache_write_unknown
        return replace(self, cache_write_5m=0, cache_write_1h=0, cache_write_unknown=writes)


def _numbers(one: Sum) -> list[int]:
    return [getattr(one, name) for name in one.__slots__]


def sum_of(usages: Iterable[Usage | None]) -> Sum:
    """The sum of what calls told; None is a call that told nothing."""
    listed = list(usages)
    told = [usage for usage in listed if usage is not None]
    whole = reduce(add, told, NO_USAGE)
    return Sum(
        told=len(told),
        untold=len(listed) - len(told),
        input=whole.input or 0,
        output=whole.output or 0,
        cache_read=whole.cache_read,
        cache_write_5m=whole.cache_write_5m,
        cache_write_1h=whole.cache_write_1h,
        cache_write_unknown=whole.cache_write_unknown,
        reasoning=whole.reasoning,
    )


def recorded(tree: SessionTree) -> Iterator[Usage | None]:
    """What each call of a model told, as it was recorded. Calls that failed or were answered from a cache told nothing,
    and owe nothing."""
    for span in tree.spans:
        if span.kind != "llm" or (span.response is not None and span.response.cached):
            continue
        usage = span.response.usage if span.response is not None else None
        if usage is not None or span.status == "ok":
            yield usage


def miscounted(tree: SessionTree, told: Sum) -> Iterator[str]:
    """Where a session's ledger and card depart from what was told of its calls."""
    price, count = PriceBook(), Counter()
    yield from verify_ledger(build_ledger(tree, price=price, count=count))
    card = compile_card(tree, price=price, count=count)
    if card.to_yaml() != compile_card(tree, price=price, count=count).to_yaml():
        yield "the card compiles differently the second time"
    if card.cost.unpriced:
        yield f"the card has no price for {card.cost.unpriced}: the model's name or its usage was lost"
    estimated = card.cost.estimated
    if card.cost.calls - estimated != told.told or estimated < told.untold:
        yield (
            f"the card counts {card.cost.calls} billed calls, {estimated} of them estimated; "
            f"{told.told} told their usage and {told.untold} did not"
        )
    if not estimated:
        yield from _totals(card, told)
    yield from (f"usage in conflict: {one}" for usage in recorded(tree) if usage is not None for one in usage.conflicts)


def _totals(card: TraceCard, told: Sum) -> Iterator[str]:
    tokens = card.tokens
    said = (tokens.input, tokens.output, tokens.cache_read, tokens.cache_write, tokens.reasoning)
    due = (told.input, told.output, told.cache_read, told.merged().cache_write_unknown, told.reasoning)
    for name, one, other in zip(("input", "output", "cache_read", "cache_write", "reasoning"), said, due, strict=True):
        if one != other:
            yield f"the card's tokens.{name} is {one}, but the provider told {other}"
