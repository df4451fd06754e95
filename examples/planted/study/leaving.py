"""Executed counterfactuals: every step of some sessions left out in turn, held against the truth."""

from collections.abc import Sequence
from typing import Any

from clawtrace_core import Store
from costcraft.counterfactual.leaving_out import leave_one_out
from costcraft.counterfactual.step_test import StepTest
from examples.planted.study.labelling import Truth, counted
from examples.planted.study.stand import Stand
from examples.planted.truth import StepTruth

TESTS = {"replay": "replay_approves", "flow": "flow_approves", "both": "both_approve"}


def replays_told(stand: Stand, truth: Truth, sessions: int) -> dict[str, Any]:
    """What leaving out every step of some sessions, one at a time, says of it by replay, by value flow and by both."""
    store = Store(stand.store)
    chosen = [store.read(name) for name in store.session_ids()[:sessions]]
    tests = list(leave_one_out(chosen, stand.world()))
    known = [(test, truth[test.session, test.n]) for test in tests if test.replay.what != "untold"]
    return {
        "told": len(known),
        "untold": len(tests) - len(known),
        "needless": sum(not step.needed for _, step in known),
        **{name: _score(known, attribute) for name, attribute in TESTS.items()},
    }


def _score(known: Sequence[tuple[StepTest, StepTruth]], attribute: str) -> dict[str, Any]:
    let_go = [step for test, step in known if getattr(test, attribute)]
    return {
        "approved": len(let_go),
        "right": sum(not step.needed for step in let_go),
        "wrong": counted(step for step in let_go if step.needed),
    }
