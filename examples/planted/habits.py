"""What instructions mean for the policy's habits. A habit goes only when a sentence forbids it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from examples.planted.meaning import (
    asks_for_codes,
    asks_for_numbers,
    asks_to_verify,
    forbids_browsing,
    forbids_finding_all,
    forbids_listing_twice,
    forbids_reading_twice,
    forbids_rechecking,
    forbids_retrying,
    forbids_taking_first,
    forbids_trying,
)
from examples.sheets.grammar import Reading, Sentence, sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the policy does unless it is told otherwise."""

    rereads: bool = True
    """Reads the same figures a second time before it works anything out."""
    relists: bool = True
    """Lists the sheets a second time."""
    browses: bool = True
    """Reads an old sheet that nobody asked about."""
    guesses: bool = True
    """Tries a sheet name before it has seen the names."""
    numbers: bool | None = None
    """True: writes whatever is digits as a number; False: writes every value as text; None: nothing was said."""
    codes: bool = False
    """Keeps codes as text."""
    verifies: Literal["sometimes", "always", "never"] = "sometimes"
    """Reads back what it wrote, and mends it."""
    rechecks: bool = True
    """Reads again what it has changed."""
    retries: bool = True
    """Makes a call again that failed because the service was busy."""
    takes_first: bool = True
    """Reads a value long before it is written."""
    finds_all: bool = True
    """Looks up each name and reads each part, however alike the calls look."""


@lru_cache(maxsize=256)
def habits_of(instructions: str) -> Habits:
    """The habits that are left under these instructions."""
    read = list(sentences(instructions))
    verify = _last(read, asks_to_verify)
    return Habits(
        rereads=not _last(read, forbids_reading_twice),
        relists=not _last(read, forbids_listing_twice),
        browses=not _last(read, forbids_browsing),
        guesses=not _last(read, forbids_trying),
        numbers=_last(read, asks_for_numbers),
        codes=bool(_last(read, asks_for_codes)),
        verifies="sometimes" if verify is None else "always" if verify else "never",
        rechecks=not _last(read, forbids_rechecking),
        retries=not _last(read, forbids_retrying),
        takes_first=not _last(read, forbids_taking_first),
        finds_all=not _last(read, forbids_finding_all),
    )


def _last(read: Sequence[Sentence], reader: Callable[[Sentence], Reading]) -> Reading:
    said = [answer for sentence in read if (answer := reader(sentence)) is not None]
    return said[-1] if said else None
