"""How two success rates differ, with an interval that is honest for small numbers and for rates of 0 and 1. Pure."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95


class Stratum(NamedTuple):
    """Sessions that may be compared: those with the behaviour, and those without."""

    with_good: int
    with_all: int
    without_good: int
    without_all: int


class Difference(NamedTuple):
    """Success rate without the behaviour minus the rate with it, -1 to 1: below 0 is a drop in quality."""

    rate: float
    low: float
    high: float


def difference(strata: Sequence[Stratum], confidence: float = CONFIDENCE) -> Difference:
    """The Mantel-Haenszel difference of the rates over strata, with the stratified Newcombe interval.

    A stratum weighs n1 n0 / (n1 + n0): a task seen often on both sides counts most, one seen on one side only counts
    nothing. The interval joins the two groups' Wilson limits, each taken at the weighted rate and the number of
    sessions that the weights leave effective. For one stratum this is Newcombe's method 10. Unlike an interval from the
    standard error it does not shrink to nothing when every session succeeds.

    Sources: S. Greenland and J. M. Robins, Biometrics 41 (1985) 55-68, for the weights; R. G. Newcombe, Statistics in
    Medicine 17 (1998) 873-890, method 10; X. Yan and X. G. Su, Statistics in Biopharmaceutical Research 2 (2010)
    329-335, for the strata.

    Raises:
        ValueError: no stratum has sessions on both sides.
    """
    both = [each for each in strata if each.with_all and each.without_all]
    if not both:
        raise ValueError("no stratum has sessions on both sides; there is nothing to compare")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    mass = [each.with_all * each.without_all / (each.with_all + each.without_all) for each in both]
    shares = [each / sum(mass) for each in mass]
    p1 = sum(share * each.without_good / each.without_all for share, each in zip(shares, both, strict=True))
    p0 = sum(share * each.with_good / each.with_all for share, each in zip(shares, both, strict=True))
    spread1 = sum(share**2 / each.without_all for share, each in zip(shares, both, strict=True))
    spread0 = sum(share**2 / each.with_all for share, each in zip(shares, both, strict=True))
    low1, high1 = _wilson(p1, spread1, z)
    low0, high0 = _wilson(p0, spread0, z)
    below = z * sqrt(spread1 * low1 * (1 - low1) + spread0 * high0 * (1 - high0))
    above = z * sqrt(spread1 * high1 * (1 - high1) + spread0 * low0 * (1 - low0))
    rate = p1 - p0
    return Difference(rate, max(-1.0, rate - below), min(1.0, rate + above))


class Rate(NamedTuple):
    """How many of how many, with an interval."""

    good: int
    of: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """0 to 1."""
        return self.good / self.of


def wilson(good: int, of: int, confidence: float = CONFIDENCE) -> Rate | None:
    """A share with its Wilson score interval; None of nothing, which is no rate. The items are taken as independent."""
    if not of:
        return None
    low, high = _wilson(good / of, 1 / of, NormalDist().inv_cdf((1 + confidence) / 2))
    return Rate(good, of, low, high)


def _wilson(p: float, spread: float, z: float) -> tuple[float, float]:
    """The score limits of a rate whose variance is `spread` p (1 - p); 1 / `spread` sessions are effective.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    """
    square = z * z * spread
    middle = (p + square / 2) / (1 + square)
    half = z / (1 + square) * sqrt(spread * p * (1 - p) + square * spread / 4)
    return max(0.0, middle - half), min(1.0, middle + half)
