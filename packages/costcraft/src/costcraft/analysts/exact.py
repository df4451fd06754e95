"""An exact test for small tables, and its correction for how many habits were tried.

Fisher's test is the hypergeometric tail. The correction is Bonferroni's over the hypotheses that Tarone (1990, "A
modified Bonferroni method for discrete data") leaves testable: one whose smallest possible p-value cannot reach the
threshold cannot be a false find, so it need not be paid for. It bounds the chance of any false find at that level.
"""

from collections.abc import Sequence
from math import comb


def fisher(having_a: int, of_a: int, having_b: int, of_b: int) -> float:
    """One-sided p: how likely at least `having_a` of `of_a` is, were the habit spread over both groups by chance."""
    having, everyone = having_a + having_b, of_a + of_b
    most = min(having, of_a)
    ways = sum(comb(of_a, k) * comb(of_b, having - k) for k in range(having_a, most + 1) if having - k <= of_b)
    return ways / comb(everyone, having)


def smallest_p(having: int, of_a: int, of_b: int) -> float:
    """The least p that any split of `having` sessions over the two groups could give."""
    most = min(having, of_a)
    return fisher(most, of_a, having - most, of_b)


def count_testable(smallest: Sequence[float], alpha: float) -> int:
    """Tarone's k: how many hypotheses must be paid for at level `alpha`."""
    for k in range(1, len(smallest) + 1):
        if sum(p <= alpha / k for p in smallest) <= k:
            return k
    return max(1, len(smallest))


def corrected(ps: Sequence[float], tried: int) -> list[float]:
    """Each p-value times how many hypotheses must be paid for, at most 1."""
    return [min(1.0, p * max(1, tried)) for p in ps]
