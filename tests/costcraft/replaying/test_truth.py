"""What each test of a step gets right, where the truth is known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcraft.counterfactual import StepTest, compare_with_truth
from costcraft.counterfactual.intervals import wilson
from costcraft.counterfactual.step_test import FlowVerdict, ReplayVerdict

REPLAYS = ("same", "changed", "drop", "untold")
FLOWS = ("not used", "used", "unknown")


def step_of(n: int, replay: Any, flow: Any) -> StepTest:
    return StepTest(
        session="s", task="t", n=n, tool="read", replay=ReplayVerdict(what=replay), flow=FlowVerdict(what=flow)
    )


def test_each_way_of_telling_is_held_against_the_truth() -> None:
    tests = [
        step_of(1, "same", "not used"),  # not needed: all three right
        step_of(2, "same", "used"),  # needed: the replay is wrong
        step_of(3, "drop", "not used"),  # needed: the flow is wrong
        step_of(4, "same", "not used"),  # needed all the same: all three wrong
        step_of(5, "untold", "not used"),  # not needed: only the flow tells
        step_of(6, "same", "unknown"),  # not needed: only the replay tells
        step_of(7, "same", "not used"),  # nobody told the truth
    ]
    found = compare_with_truth(tests, {("s", n): n in {2, 3, 4} for n in range(1, 7)} | {("other", 1): True})
    assert found.replay == (4, 2, 2, 1)
    assert found.unquoted == (5, 3, 2, 0)
    assert found.replay_and_unquoted == (3, 2, 1, 1)
    assert found.flow == (4, 2, 2, 1)
    assert found.both == (2, 1, 1, 2)
    assert (found.steps, found.needed, found.untold, found.unlabelled) == (6, 3, 1, 1)
    assert found.both.precision is not None
    assert found.both.recall is not None
    assert (found.both.precision.good, found.both.precision.of) == (1, 2)
    assert found.both.recall.rate == pytest.approx(1 / 3)


def test_a_share_of_nothing_is_unknown() -> None:
    found = compare_with_truth([step_of(1, "drop", "used")], {("s", 1): True})
    assert found.both.precision is None
    assert found.both.recall is None


def test_the_interval_is_that_of_wilson() -> None:
    # E. B. Wilson's limits as R. G. Newcombe prints them: Statistics in Medicine 17 (1998) 857-872, table I, 81 of 263.
    found = wilson(81, 263)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    none = wilson(0, 20)
    assert none is not None
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)


@given(st.lists(st.tuples(st.sampled_from(REPLAYS), st.sampled_from(FLOWS), st.booleans()), max_size=30))
def test_both_together_let_go_no_more_load_bearing_steps_than_either(steps: list[tuple[Any, Any, bool]]) -> None:
    tests = [step_of(n, replay, flow) for n, (replay, flow, _) in enumerate(steps)]
    found = compare_with_truth(tests, {("s", n): needed for n, (_, _, needed) in enumerate(steps)})
    assert found.both.wrong <= min(found.replay.wrong, found.flow.wrong, found.replay_and_unquoted.wrong)
    assert found.both.right <= min(found.replay.right, found.flow.right)
    assert found.flow.wrong <= found.unquoted.wrong
    for score in found[:5]:
        assert isinstance(score, tuple)
        assert score.right + score.missed == found.steps - found.needed
        assert score.right + score.wrong == score.approved
