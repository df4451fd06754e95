"""Whether a condition is cheaper than the base: task by task, on the whole bill, and for each success. Pure; USD."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from costcraft.evaluate.statistics.interval import CONFIDENCE, Estimate, checked, finite, p_says, usd_says
from costcraft.evaluate.statistics.libraries import library
from costcraft.evaluate.statistics.ratio import Change, hodges_lehmann, spread, wilcoxon
from costcraft.evaluate.statistics.resampling import bca
from costcraft.evaluate.statistics.runs import NotComparable, Pair, Pairs, by_task, usd_of
from costcraft.value import Value


class Bill(Value):
    """What one condition cost, over the pairs that are priced on both sides."""

    usd: Decimal
    graded: int
    """Runs of pairs that are graded on both sides; successes are counted among these."""
    successes: int
    per_success: Estimate
    """USD for each success over the graded runs, failures paid for. Not defined without a success."""


class Cost(Value):
    """What both conditions cost, and their ratios: below 1 the new condition is cheaper."""

    tasks: int
    pairs: int
    unpriced: int
    """Pairs left out because the price of a run is not known. It is never taken for 0."""
    alone: int
    """Runs left out because the other condition has none with their task and seed."""
    base: Bill
    new: Bill
    typical: Estimate
    """The Hodges-Lehmann ratio: what a task typically costs now for each dollar before; every task weighs the same."""
    p: float
    """Two-sided, of Wilcoxon's signed-rank test on the log ratios of the tasks."""
    total: Estimate
    """The ratio of the two bills, its interval by bootstrap over tasks; dear tasks weigh more."""
    per_success: Estimate
    """The ratio of the costs per success, its interval by bootstrap over tasks."""
    log_spread: float | None
    """Standard deviation of the log ratios over tasks, from which the number of tasks for a next run follows."""

    def excludes(self, dearer: float) -> bool:
        """Whether the figures exclude a bill that grew by more than this share, 0.05 being 5%.

        One pair without a price and it is not known. Where every run is known to cost nothing, no bill has grown.
        """
        if self.unpriced:
            return False
        free = not self.base.usd and not self.new.usd
        return free or (self.total.high is not None and self.total.high <= 1 + dearer)

    def says(self) -> str:
        """The bills and the ratios as sentences."""
        left = f", {self.unpriced} left out: unpriced" if self.unpriced else ""
        left += f", {self.alone} runs left out: without a partner" if self.alone else ""
        return (
            f"{self.pairs} pairs of runs on {self.tasks} tasks{left}: {usd_says(self.base.usd)} before, "
            f"{usd_says(self.new.usd)} now. A task typically costs {self.typical.says()} times what it did, Wilcoxon "
            f"{p_says(self.p)}; the whole bill is {self.total.says()} times what it was. "
            f"A success cost {self.base.per_success.says('$')} before and {self.new.per_success.says('$')} now."
        )


def cost(pairs: Pairs, *, seed: int, confidence: float = CONFIDENCE) -> Cost | NotComparable:
    """How cost differs between the conditions, over all tasks, whether they succeed or not.

    Several seeds of a task are summed first, so that a task is one observation and its seeds are no false certainty.
    `seed` is that of the bootstrap (`resampling.bca`): the same seed gives the same figures.

    Raises:
        ComparisonInvalid: the confidence is not between 0 and 1.
    """
    checked("confidence", confidence, 0, 1)
    priced = [pair for pair in pairs.pairs if pair.priced]
    unpriced = len(pairs.pairs) - len(priced)
    if not priced:
        left = f" ({unpriced} unpriced)" if unpriced else ""
        return NotComparable(why=f"Cost cannot be compared: no pair of runs is priced on both sides{left}.")
    groups = by_task(priced)
    changes = [Change(*(sum(map(Fraction, side), Fraction(0)) for side in sides(group))) for group in groups]

    def interval(rows: list[list[float]], statistic: Callable[[Any], Any]) -> tuple[float, float] | None:
        return bca(rows, statistic, seed=seed, confidence=confidence)

    graded = [[pair for pair in group if pair.graded] for group in groups]
    rows = [_row(group) for group in graded if group]
    bills = [[float(change.base), float(change.new)] for change in changes]
    return Cost(
        tasks=len(groups),
        pairs=len(priced),
        unpriced=unpriced,
        alone=pairs.alone,
        base=_bill(priced, rows, interval, confidence, side=0),
        new=_bill(priced, rows, interval, confidence, side=1),
        typical=hodges_lehmann(changes, confidence),
        p=wilcoxon(changes),
        total=_quotient(bills, interval, confidence, lambda sums: (sums[..., 1], sums[..., 0])),
        per_success=_quotient(
            rows, interval, confidence, lambda sums: (sums[..., 1] * sums[..., 2], sums[..., 0] * sums[..., 3])
        ),
        log_spread=spread(changes),
    )


Interval = Callable[[list[list[float]], Callable[[Any], Any]], tuple[float, float] | None]


def sides(group: Sequence[Pair]) -> tuple[list[Decimal], list[Decimal]]:
    """The costs of priced pairs: those of the base, and those of the new condition."""
    both = [(pair.base.usd, pair.new.usd) for pair in group]
    return [base for base, _ in both if base is not None], [new for _, new in both if new is not None]


def _row(group: Sequence[Pair]) -> list[float]:
    """One task: USD of base and new, successes of base and new."""
    base, new = sides(group)
    return [
        float(usd_of(base)),
        float(usd_of(new)),
        float(sum(1 for pair in group if pair.base.success)),
        float(sum(1 for pair in group if pair.new.success)),
    ]


def _bill(priced: Sequence[Pair], rows: list[list[float]], interval: Interval, confidence: float, *, side: int) -> Bill:
    graded = [pair for pair in priced if pair.graded]
    wins = int(sum(row[2 + side] for row in rows))
    each = _quotient(rows, interval, confidence, lambda sums: (sums[..., side], sums[..., 2 + side]))
    return Bill(usd=usd_of(sides(priced)[side]), graded=len(graded), successes=wins, per_success=each)


def _quotient(
    rows: list[list[float]], interval: Interval, confidence: float, parts: Callable[[Any], tuple[Any, Any]]
) -> Estimate:
    """A quotient of two sums with its bootstrap interval.

    It is resampled as the share of the upper part in both parts, which is always finite, and turned back: so a draw
    without a single success is an endless cost and not an error, and swapping the conditions gives the inverse.
    """
    numpy = library("numpy")

    def share(sums: Any) -> Any:
        upper, lower = parts(sums)
        whole = upper + lower
        known = whole > 0
        return numpy.where(known, upper / numpy.where(known, whole, 1), numpy.nan)

    if not rows:
        return Estimate(value=None, low=None, high=None, confidence=confidence)
    upper, lower = parts(numpy.asarray(rows, dtype=float).sum(axis=0))
    if not lower > 0:
        return Estimate(value=None, low=None, high=None, confidence=confidence)
    limits = interval(rows, share)
    if limits is None:
        return Estimate(value=float(upper / lower), low=None, high=None, confidence=confidence)
    low, high = (finite(each / (1 - each)) if each < 1 else None for each in limits)
    return Estimate(value=float(upper / lower), low=low, high=high, confidence=confidence)
