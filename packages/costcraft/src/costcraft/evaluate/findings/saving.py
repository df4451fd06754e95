"""By how much a run became cheaper or dearer, in USD. Pure."""

from decimal import Decimal

from costcraft.evaluate.statistics import NotComparable, break_even
from costcraft.evaluate.statistics.interval import Estimate
from costcraft.evaluate.statistics.runs import Pairs


def per_run(pairs: Pairs, *, seed: int, confidence: float) -> Estimate | None:
    """The mean difference of a pair, new less base, with its interval by bootstrap over tasks; None without a priced
    pair. Below 0 it is cheaper.
    """
    found = break_even(pairs, Decimal(0), seed=seed, confidence=confidence)
    if isinstance(found, NotComparable):
        return None
    saved = found.saving
    return Estimate(value=_less(saved.value), low=_less(saved.high), high=_less(saved.low), confidence=saved.confidence)


def _less(amount: float | None) -> float | None:
    return None if amount is None else 0.0 - amount  # and not -amount, which makes -0.0 of 0
