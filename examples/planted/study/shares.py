"""Shares of counts with an interval that knows that the counts of one seed belong together. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from costcraft.counterfactual.intervals import wilson
from costcraft.evaluate.statistics.resampling import LEAST_TASKS, bca

CONFIDENCE = 0.95
DRAWS = 1
"""Seed of the bootstrap."""


class Share(NamedTuple):
    """`right` out of `of`, over all seeds."""

    right: int
    of: int
    low: float | None
    high: float | None
    how: str
    """`bootstrap` over seeds; `wilson` where all seeds agree, which leaves nothing to draw from; empty: no interval."""

    @property
    def rate(self) -> float | None:
        """The share; None of nothing."""
        return self.right / self.of if self.of else None

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        return {**self._asdict(), "rate": self.rate}


def share(counts: Sequence[tuple[int, int]]) -> Share:
    """The share over all seeds, of one pair of counts (`right`, `of`) each.

    Seeds are drawn anew, not steps: the steps of a seed come of one agent on one set of tasks. Where every seed says
    the same (all right, or all wrong) Wilson's interval is taken over as many observations as there are seeds, as if
    each were worth one: wider than the steps would have it, and true even if those of a seed are copies of each other.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    """
    rows = [pair for pair in counts if pair[1]]
    right, of = sum(one for one, _ in rows), sum(all_ for _, all_ in rows)
    if not rows:
        return Share(0, 0, None, None, "")
    if right in {0, of}:
        rate = wilson(len(rows) * right // of, len(rows), CONFIDENCE)
        return Share(right, of, rate.low if rate else None, rate.high if rate else None, "wilson")
    if len(rows) < LEAST_TASKS:
        return Share(right, of, None, None, "")
    limits = bca(rows, lambda sums: sums[..., 0] / sums[..., 1], seed=DRAWS, confidence=CONFIDENCE)
    if limits is None:
        return Share(right, of, None, None, "")
    return Share(right, of, max(0.0, limits[0]), min(1.0, limits[1]), "bootstrap")
