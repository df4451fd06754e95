"""Recorded calls, run again without the named steps, in a small world that keeps state."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawtrace_core import Session, open_store
from costcraft.counterfactual import graded, weigh
from costcraft.counterfactual.replay import MOST_SESSIONS, Replays
from costcraft.evidence import gather
from costcraft.patch import Grade, Prune
from costcraft.stages import Proposals

Call = tuple[str, dict[str, Any]]
Play = Callable[..., Session]


@pytest.fixture
def replayed(tmp_path: Path, prune_of: Callable[..., Prune], shop: Any) -> Callable[..., Prune]:
    """A prune of every step of a session that calls `tool` for the nth time or later, replayed in the shop."""

    def run(tool: str, nth: int = 1, environment: Any = None, **how: Any) -> Prune:
        store = open_store(tmp_path / "runs")
        evidence = gather(store)
        steps = []
        for session in evidence.sessions:
            called = [action.n for action in session.actions if action.tool == tool]
            steps += [(session.session, n) for n in called[nth - 1 :]]
        prune = prune_of(*steps, level=how.get("level", "structural"), analyst="rules")
        found = weigh(Proposals(patches=[prune]), evidence, store.read, environment or shop())
        assert found.refused == []
        assert isinstance(found.patches[0], Prune)
        return found.patches[0]

    return run


def grade_of(prune: Prune) -> Grade:
    return next(grade for grade in prune.grades if grade.level == "replayed")


WASTE: list[Call] = [("catalogue", {}), ("catalogue", {}), ("unlock", {}), ("pay", {"amount": 21})]


def test_a_needless_second_look_is_replayed_away(play: Play, replayed: Callable[..., Prune]) -> None:
    for n in range(2):
        play(f"s{n}", *WASTE, task=f"buy-{n}")
    prune = replayed("catalogue", nth=2)
    assert prune.level == "replayed"
    assert prune.numbers["same"] == prune.numbers["replayed"] == 2
    assert prune.numbers["runs_each"] == 1


def test_a_step_that_the_outcome_hangs_on_is_a_drop(play: Play, replayed: Callable[..., Prune]) -> None:
    for n in range(2):
        play(f"s{n}", *WASTE, task=f"buy-{n}")
    prune = replayed("unlock", level="structural")
    found = grade_of(prune)
    assert (found.holds, found.drop) == (False, True)
    assert "without the steps it fails (sum)" in found.why
    assert prune.level == "structural"
    assert prune.drop == found


def test_replay_alone_does_not_vouch_for_a_step_whose_value_was_used(
    play: Play, prune_of: Callable[..., Prune], tmp_path: Path, shop: Any
) -> None:
    # With the later actions as recorded, paying works without `code` having been called: the code is in the arguments.
    for n in range(2):
        play(f"s{n}", ("code", {}), ("pay", {"amount": 21, "code": "QX7-1182"}), task=f"buy-{n}")
    store = open_store(tmp_path / "runs")
    evidence = gather(store)
    n = next(action.n for action in evidence.sessions[0].actions if action.tool == "code")
    claim = prune_of(("s0", n), ("s1", n))
    found = weigh(Proposals(patches=[claim]), evidence, store.read, shop())
    assert "was used" in found.refused[0].why
    alone = Replays(shop(), {each.session: each for each in evidence.sessions}, store.read).grade(claim)
    assert (alone.holds, alone.drop) == (False, False)
    assert alone.numbers["changed"] == 2
    assert "was used: step 3 holds 'qx7-1182' (argument)" in alone.why
    flagged = claim.model_copy(update={"level": "structural"})
    assert graded(flagged, [alone]).level == "structural"


def test_leaving_out_the_first_of_two_answers_changes_the_second(
    play: Play, prune_of: Callable[..., Prune], tmp_path: Path, shop: Any
) -> None:
    play("s", ("count", {}), ("count", {}), ("unlock", {}), ("pay", {"amount": 21}))
    store = open_store(tmp_path / "runs")
    evidence = gather(store)
    first = evidence.sessions[0].actions[0].n
    prune = prune_of(("s", first), level="structural", analyst="rules")
    [found] = weigh(Proposals(patches=[prune]), evidence, store.read, shop()).patches
    assert isinstance(found, Prune)
    assert grade_of(found).holds is False
    assert not grade_of(found).drop
    assert "answers otherwise" in grade_of(found).why


def test_a_session_that_does_not_end_as_recorded_is_not_reproducible(
    play: Play, replayed: Callable[..., Prune], shop: Any
) -> None:
    class Dearer(shop):
        def grade(self) -> dict[str, object]:
            return {"success": False}

    play("s", *WASTE)
    found = grade_of(replayed("catalogue", nth=2, environment=Dearer()))
    assert found.holds is None
    assert "not reproducible: the whole session, run again, is graded otherwise" in found.why


def test_a_world_that_answers_otherwise_is_not_reproducible(
    play: Play, replayed: Callable[..., Prune], shop: Any
) -> None:
    class Restocked(shop):
        def catalogue(self) -> str:
            return shop.CATALOGUE + "\nnew thing | 1"

    play("s", *WASTE)
    found = grade_of(replayed("catalogue", nth=2, environment=Restocked()))
    assert found.holds is None
    assert "answers otherwise when run again" in found.why


def test_where_the_world_does_not_tell_that_it_is_deterministic_each_replay_runs_three_times(
    play: Play, replayed: Callable[..., Prune], shop: Any
) -> None:
    class Moody(shop):
        deterministic = False
        resets = 0

        def reset(self, task: str) -> None:
            super().reset(task)
            self.resets += 1

        def catalogue(self) -> str:
            return f"{shop.CATALOGUE}\nseen at {self.resets}"

    world = Moody()
    for n in range(2):
        play(f"s{n}", ("catalogue", {}), *WASTE[1:], task=f"buy-{n}")
    found = grade_of(replayed("catalogue", nth=2, environment=world))
    assert found.holds is True
    assert found.numbers["runs_each"] == 3
    assert world.resets == 2 * (3 + 3)


def test_one_bad_end_in_three_is_a_drop(play: Play, replayed: Callable[..., Prune], shop: Any) -> None:
    class Unsure(shop):
        deterministic = False
        shorter = 0

        def grade(self) -> dict[str, object]:
            self.shorter += self.looks < 2
            return {"success": sum(self.paid) == 21 and self.shorter != 3}

        def reset(self, task: str) -> None:
            super().reset(task)
            self.looks = 0

        def catalogue(self) -> str:
            self.looks += 1
            return shop.CATALOGUE

    play("s", *WASTE)
    assert grade_of(replayed("catalogue", nth=2, environment=Unsure())).drop


@pytest.mark.parametrize(
    ("method", "told"),
    [("reset", "reset() raised RuntimeError: out of order"), ("grade", "grade() raised RuntimeError: out of order")],
)
def test_what_the_environment_raises_is_told_and_ends_nothing(
    play: Play, replayed: Callable[..., Prune], method: str, told: str, shop: Any
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    world = shop()
    setattr(world, method, broken)
    play("s", *WASTE)
    prune = replayed("catalogue", nth=2, environment=world)
    assert grade_of(prune).holds is None
    assert told in grade_of(prune).why
    assert prune.level == "structural"


def test_a_call_that_failed_must_fail_again(play: Play, replayed: Callable[..., Prune], shop: Any) -> None:
    calls: list[Call] = [("pay", {"amount": 21}), ("unlock", {}), ("pay", {"amount": 21})]
    for n in range(2):
        play(f"s{n}", *calls, task=f"buy-{n}")
    store_prune = replayed("pay", nth=2)
    assert grade_of(store_prune).drop

    class Open(shop):
        def reset(self, task: str) -> None:
            super().reset(task)
            self.locked = False

    assert "does not fail when run again" in grade_of(replayed("pay", nth=2, environment=Open())).why


def test_one_run_of_each_task_comes_first_and_there_is_an_end_to_it(play: Play, replayed: Callable[..., Prune]) -> None:
    for n in range(MOST_SESSIONS + 3):
        play(f"s{n:02}", *WASTE, task=f"buy-{n // 2}")
    prune = replayed("catalogue", nth=2)
    assert prune.numbers["named"] == MOST_SESSIONS + 3
    assert prune.numbers["tried"] == prune.numbers["same"] == MOST_SESSIONS
