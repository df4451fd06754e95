"""A scenario: a small program in words, and what it must leave behind on any framework."""

from dataclasses import dataclass

from clawtrace_core.model.usage import Usage
from clawtrace_core.testing.shape import Forest

Bills = tuple[Usage | None, ...]
"""What the provider tells of each call that it answers, in order; None where it tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the conformance table. What frameworks may do differently is said here, as data."""

    name: str
    words: str
    """What happens."""
    leaves: tuple[Forest, ...]
    """One forest for each session that is recorded, oldest first."""
    or_leaves: tuple[tuple[Forest, ...], ...] = ()
    """Other sets of sessions that are as good, where frameworks are built differently."""
    bills: tuple[Bills, ...]
    """What each session's provider tells, call by call. A list beyond the sessions is for calls that nobody may see."""
    around: frozenset[str] = frozenset({"chain", "idle agent"})
    """Spans that may stand around those of the tree: kinds, and `idle agent` for one that only holds agents."""
    in_order: bool = True
    """False where calls run side by side, so that the order of their bills is not the order in which they started."""
    lifetimes_may_merge: bool = False
    """True where a framework may keep the sum of cache writes alone and not how long they live."""
    fails: bool = False
    """True where an error must reach whoever runs the program."""
    pauses: bool = False
    """True where something must be told to have paused: a span by its status, or by a remark `paused`."""
    ends: bool = True
    """False when the session's end must be missing: the process died."""
