"""What instructions mean for the policy's habits.

A habit goes only when a sentence forbids it: an act (read, list, guess ...), what it acts on, and a negation that
governs it. "Never skip the second read" forbids nothing; "Never write to the same cell twice" is about something else.
Where two sentences disagree, the later one counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from examples.sheets.grammar import Reading, Sentence, sentences
from examples.sheets.guessing import forbids_guessing
from examples.sheets.repeating import forbids_relisting, forbids_rereading
from examples.sheets.writing import asks_to_verify, forbids_quoting


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the policy does unless it is told otherwise."""

    rereads: bool = True
    """Reads the data a second time before it works out the value."""
    relists: bool = True
    """Lists the sheets a second time."""
    guesses: bool = True
    """Tries a sheet name before it has seen the names."""
    quotes_numbers: bool = True
    """Writes numbers as text."""
    verifies: Literal["sometimes", "always", "never"] = "sometimes"
    """Reads back what it wrote, and mends it."""


PERFECT = Habits(rereads=False, relists=False, guesses=False, quotes_numbers=False, verifies="always")


@lru_cache(maxsize=64)
def habits_of(instructions: str) -> Habits:
    """The habits that are left under these instructions."""
    read = list(sentences(instructions))
    verify = _last(read, asks_to_verify)
    return Habits(
        rereads=not _last(read, forbids_rereading),
        relists=not _last(read, forbids_relisting),
        guesses=not _last(read, forbids_guessing),
        quotes_numbers=not _last(read, forbids_quoting),
        verifies="sometimes" if verify is None else "always" if verify else "never",
    )


def _last(read: Sequence[Sentence], reader: Callable[[Sentence], Reading]) -> Reading:
    said = [answer for sentence in read if (answer := reader(sentence)) is not None]
    return said[-1] if said else None
