"""What may still be spent. Pure; USD.

For every run that is under way the dearest run seen so far is set aside, so that the budget is kept unless a run is
dearer than any before it.
"""

from dataclasses import dataclass
from decimal import Decimal

TRUSTED = 5
"""Runs from which the dearest seen stands in place of what was expected."""


@dataclass
class Purse:
    """What was spent, and on what the next run is reckoned."""

    limit: Decimal | None
    """USD in all. None: no limit."""
    single_limit: Decimal | None
    """Of it, for runs that tell what a single rule does. None: no limit of their own."""
    expected: Decimal | None
    """What a run is expected to cost. None: not known."""
    spent: Decimal = Decimal(0)
    single_spent: Decimal = Decimal(0)
    seen: int = 0
    """Runs whose cost is known."""
    dearest: Decimal = Decimal(0)

    def paid(self, usd: Decimal, *, single: bool, whole: bool) -> None:
        """Count what an attempt cost; `whole` where it is all that a run costs."""
        self.spent += usd
        self.single_spent += usd if single else 0
        self.dearest = max(self.dearest, usd)  # one that was cut short would have cost at least that
        self.seen += whole

    @property
    def reckoned(self) -> Decimal | None:
        """What is set aside for a run; None while nothing is known."""
        if self.seen >= TRUSTED or self.expected is None:
            return self.dearest if self.seen or self.dearest else None
        return max(self.expected, self.dearest)

    def fits(self, runs: int, under_way: int, *, single: bool, singles_under_way: int) -> bool:
        """Whether so many more runs may be begun while others are under way."""
        if not _fits(self.limit, self.spent, self.reckoned, runs, under_way):
            return False
        return not single or _fits(self.single_limit, self.single_spent, self.reckoned, runs, singles_under_way)


def _fits(limit: Decimal | None, spent: Decimal, each: Decimal | None, runs: int, under_way: int) -> bool:
    if limit is None:
        return True
    if each is None:  # the first run, on its own, tells what one costs
        return under_way == 0 and spent < limit
    return spent + each * (runs + under_way) <= limit
