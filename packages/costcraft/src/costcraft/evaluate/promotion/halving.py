"""The fewest rules to leave out: delta debugging over a skill's rules. Pure.

Source: A. Zeller and R. Hildebrandt, IEEE Transactions on Software Engineering 28 (2002) 183-200, `ddmin`.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

Passes = Callable[[Sequence[str]], bool | None]
"""Whether the skill without these rules passes; None where that could not be found out."""


class Least(NamedTuple):
    """Rules without which the skill passes."""

    left_out: tuple[str, ...]
    settled: bool
    """Whether every one of them has to be left out: with any single one of them back it does not pass. False: the
    search was cut short, and fewer may do."""


def least(rules: Sequence[str], passes: Passes) -> Least:
    """The fewest rules to leave out so that the rest passes, starting from all, without which it is known to pass.

    First a half of them is left out, then the other; then smaller parts, then all but such a part, down to single
    rules. With one rule at fault of n that takes about 2 log2(n) questions, at worst n squared.
    """
    left_out, parts = list(rules), 2
    while len(left_out) > 1:
        chunks = _chunks(left_out, parts)
        others = [[rule for rule in left_out if rule not in chunk] for chunk in chunks] if parts > 2 else []
        for number, some in enumerate([*chunks, *others]):
            said = passes(some)
            if said is None:
                return Least(tuple(left_out), settled=False)
            if said:
                left_out, parts = some, 2 if number < len(chunks) else max(parts - 1, 2)
                break
        else:
            if parts >= len(left_out):
                break
            parts = min(2 * parts, len(left_out))
    return Least(tuple(left_out), settled=True)


def _chunks(rules: Sequence[str], parts: int) -> list[list[str]]:
    """The rules in so many parts of nearly one size, in their order."""
    edges = [number * len(rules) // parts for number in range(parts + 1)]
    return [list(rules[start:stop]) for start, stop in pairwise(edges)]
