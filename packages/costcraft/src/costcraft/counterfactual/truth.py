"""What each test of a step gets right, where the truth is known. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from costcraft.counterfactual.intervals import Rate, wilson
from costcraft.counterfactual.step_test import StepTest


class Score(NamedTuple):
    """One way of telling which steps can go, held against the truth."""

    approved: int
    """Steps it would let go."""
    right: int
    """Of these, those that were not needed."""
    wrong: int
    """Of these, those that were: load-bearing steps wrongly let go."""
    missed: int
    """Steps that were not needed and that it keeps, or cannot tell of."""

    @property
    def precision(self) -> Rate | None:
        """Of the steps it lets go, the share that was not needed; None where it lets none go."""
        return wilson(self.right, self.approved)

    @property
    def recall(self) -> Rate | None:
        """Of the steps that were not needed, the share it lets go; None where all were needed."""
        return wilson(self.right, self.right + self.missed)


class Scores(NamedTuple):
    """What a replay alone, the value flow alone, and both together get right; the value flow as a plain search for
    values that come back (`unquoted`), and as `costcraft replay` asks it (`flow`)."""

    replay: Score
    unquoted: Score
    """Lets go whatever no later argument, message or answer quotes."""
    replay_and_unquoted: Score
    flow: Score
    both: Score
    """A replay and `flow`."""
    steps: int
    """Steps that were tested and whose truth is told."""
    needed: int
    """Of these, those that were needed."""
    untold: int
    """Of these, those whose session could not run again."""
    unlabelled: int
    """Steps that were tested and whose truth is not told; they count nowhere else."""


def compare_with_truth(tests: Iterable[StepTest], truth: Mapping[tuple[str, int], bool]) -> Scores:
    """Hold tests against the truth: (session, number of the step) -> whether the step was needed.

    The intervals take steps as independent; those of one session are alike, and so the true ones are wider.
    """
    told = list(tests)
    known = [(test, truth[test.session, test.n]) for test in told if (test.session, test.n) in truth]
    return Scores(
        replay=_score(known, lambda test: test.replay_approves),
        unquoted=_score(known, lambda test: test.unquoted),
        replay_and_unquoted=_score(known, lambda test: test.replay_approves and test.unquoted),
        flow=_score(known, lambda test: test.flow_approves),
        both=_score(known, lambda test: test.both_approve),
        steps=len(known),
        needed=sum(needed for _, needed in known),
        untold=sum(test.replay.what == "untold" for test, _ in known),
        unlabelled=len(told) - len(known),
    )


def _score(known: list[tuple[StepTest, bool]], approves: Callable[[StepTest], bool]) -> Score:
    right = sum(approves(test) and not needed for test, needed in known)
    wrong = sum(approves(test) and needed for test, needed in known)
    return Score(right + wrong, right, wrong, sum(not needed for _, needed in known) - right)
