"""Each step of recorded sessions left out in turn, in a small world."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clawtrace_core import PriceBook, Session, Store, compile_session, open_session, open_store
from clawtrace_core.capture import Draft, Settings
from clawtrace_core.parallel import processes
from costcraft.counterfactual import StepTest, leave_one_out
from costcraft.counterfactual.leaving_out import leave_each_out, play_sessions
from costcraft.counterfactual.playing import REPEATS
from costcraft.errors import EnvironmentInvalid

Play = Callable[..., Session]
WASTE = [("catalogue", {}), ("catalogue", {}), ("unlock", {}), ("pay", {"amount": 21})]
CODE = [("code", {}), ("catalogue", {}), ("pay", {"amount": 21, "code": "QX7-1182"})]


@pytest.fixture
def store(tmp_path: Path) -> Callable[[], Store]:
    return lambda: open_store(tmp_path / "runs")


@pytest.fixture
def keeping(shop: Any) -> type[Any]:
    """A shop that can be put back; it counts what it is asked."""

    class Keeping(shop):
        def __init__(self) -> None:
            self.calls = 0

        def call(self, tool: str, arguments: Any) -> object:
            self.calls += 1
            return super().call(tool, arguments)

        def snapshot(self) -> object:
            return tuple(self.paid), self.locked, self.asked

        def restore(self, token: Any) -> None:
            paid, self.locked, self.asked = token
            self.paid = list(paid)

    return Keeping


def told(tests: Any) -> list[tuple[str, str, str]]:
    return [(test.tool, test.replay.what, test.flow.what) for test in tests]


def test_a_step_could_go_where_neither_the_world_nor_what_was_said_needed_it(play: Play, store: Any, shop: Any) -> None:
    play("s", *WASTE)
    found = list(leave_one_out(store(), shop()))
    assert told(found) == [
        ("catalogue", "same", "used"),  # 21 is a price of the catalogue
        ("catalogue", "same", "not used"),
        ("unlock", "drop", "unknown"),
        ("pay", "drop", "unknown"),
    ]
    assert [test.both_approve for test in found] == [False, True, False, False]
    assert (found[1].session, found[1].task, found[1].n) == ("s", "buy-1", 4)


def test_a_replay_alone_approves_a_step_that_later_actions_hang_on(play: Play, store: Any, shop: Any) -> None:
    play("s", *CODE)
    code = next(leave_one_out(store(), shop()))
    assert code.replay_approves
    assert (code.flow.what, code.flow.by, code.flow.value) == ("used", 5, "qx7-1182")
    assert not code.both_approve


def test_the_value_flow_alone_approves_a_step_that_the_world_hangs_on(play: Play, store: Any, shop: Any) -> None:
    class Half(shop):
        def unlock(self) -> str:  # it takes two turns of the key, and says the same of each
            self.asked += 1
            self.locked = self.asked < 2
            return "turned"

    play("s", ("unlock", {}), ("unlock", {}), ("pay", {"amount": 21}), world=Half())
    first, second, pay = leave_one_out(store(), Half())
    assert second.flow_approves
    assert second.replay.why == "without the steps it fails (sum)"
    assert [test.unquoted for test in (first, second, pay)] == [True, True, True]
    assert not any(test.both_approve for test in (first, second, pay))


def test_dollars_are_those_of_the_card(play: Play, store: Any, shop: Any) -> None:
    play("s", *WASTE)
    card = compile_session(store().read("s"), prices=PriceBook.load())
    caused = {step.n: step.usd for step in card.steps}
    flag = next(flag for flag in card.flags if flag.kind == "duplicate")
    found = {test.n: test for test in leave_one_out(store(), shop())}
    assert {n: test.usd for n, test in found.items()} == {n: caused[n] for n in found}
    assert {n: test.saves for n, test in found.items() if test.saves is not None} == {flag.steps[0]: flag.saves}


def test_a_call_that_other_calls_ran_inside_of_goes_with_them(tmp_path: Path, store: Any, shop: Any) -> None:
    session = open_session(tmp_path / "runs", task="buy-1", session="s")
    record = session.recorder
    record.started("outer", kind="tool", name="delegate", input=[Draft("arguments", {"to": "clerk"})])
    record.started("inner", kind="tool", name="unlock", parent="outer", input=[Draft("arguments", {})])
    record.ended("inner", output=[Draft("tool", {"role": "tool", "text": "{'code': 'QX7-1182', 'ok': True}"})])
    record.ended("outer", output=[Draft("tool", {"role": "tool", "text": "it is open"})])
    record.started("pay", kind="tool", name="pay", input=[Draft("arguments", {"amount": 21})])
    record.ended("pay", output=[Draft("tool", {"role": "tool", "text": "paid 21"})])
    session.record_outcome(success=True)
    session.close()
    found = list(leave_one_out(store(), shop()))
    assert [(test.tool, test.replay.what) for test in found] == [
        ("delegate", "drop"),
        ("unlock", "drop"),
        ("pay", "drop"),
    ]


def test_only_what_reads_can_be_asked_for(play: Play, store: Any, shop: Any) -> None:
    class Till(shop):
        def get_list(self) -> str:
            return self.CATALOGUE

    play("s", ("get_list", {}), *CODE, world=Till())
    assert [test.tool for test in leave_one_out(store(), Till(), only_reads=True)] == ["get_list"]


def test_in_a_session_that_failed_only_what_reads_is_told(play: Play, store: Any, shop: Any) -> None:
    class Till(shop):
        def get_list(self) -> str:
            return self.CATALOGUE

        def grade(self) -> dict[str, object]:
            return {"success": False, "checks": [{"name": "sum", "passed": False, "got": sum(self.paid)}]}

    play("s", ("get_list", {}), ("unlock", {}), ("pay", {"amount": 5}), world=Till())
    reading, *writing = leave_one_out(store(), Till())
    assert reading.replay.what == "same"
    assert {test.replay.why for test in writing} == {
        "its session failed: whether what writes was needed cannot be told there"
    }


def test_a_check_that_fails_of_something_else_is_another_end(play: Play, store: Any, shop: Any) -> None:
    class Till(shop):
        def get_change(self) -> str:  # a read by its name that is none
            self.paid.append(1)
            return "change"

        def grade(self) -> dict[str, object]:
            return {"success": False, "checks": [{"name": "sum", "passed": False, "got": sum(self.paid)}]}

    play("s", ("get_change", {}), world=Till())
    [found] = leave_one_out(store(), Till())
    assert found.replay.what == "changed"
    assert found.replay.why == "without the steps a check that fails finds something else: sum"


@given(st.lists(st.sampled_from([*WASTE, ("count", {}), ("code", {}), CODE[2]]), min_size=1, max_size=7))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_snapshots_change_no_verdict(
    play: Play, shop: Any, keeping: Any, tmp_path_factory: pytest.TempPathFactory, calls: list[Any]
) -> None:
    store = tmp_path_factory.mktemp("runs")
    tree = play("s", *calls, store=store).store.read("s")
    card = compile_session(tree)
    world = keeping()
    assert leave_each_out(tree, card, world) == leave_each_out(tree, card, shop())


def test_snapshots_spare_the_calls_before_a_step_and_those_after_one_that_changed_nothing(
    play: Play, store: Any, keeping: Any
) -> None:
    play("s", *[("catalogue", {})] * 9, ("unlock", {}), ("pay", {"amount": 21}))
    world = keeping()
    assert len(list(leave_one_out(store(), world))) == 11
    # All 11 once; of those left out, nine changed nothing, one has `pay` after it, and one nothing.
    assert world.calls == 11 + 1


def test_snapshots_that_put_nothing_back_are_not_used(play: Play, store: Any, keeping: Any, shop: Any) -> None:
    class Forgetful(keeping):
        def restore(self, token: Any) -> None: ...

    class Broken(keeping):
        def snapshot(self) -> object:
            raise OSError("no room")

    play("s", *WASTE)
    expected = list(leave_one_out(store(), shop()))
    assert list(leave_one_out(store(), Forgetful())) == expected
    assert list(leave_one_out(store(), Broken())) == expected


def test_where_the_world_is_not_deterministic_each_replay_runs_three_times(play: Play, store: Any, shop: Any) -> None:
    class Moody(shop):
        deterministic = False
        resets = 0

        def reset(self, task: str) -> None:
            super().reset(task)
            self.resets += 1

    play("s", *WASTE)
    world = Moody()
    assert told(leave_one_out(store(), world)) == told(leave_one_out(store(), shop()))
    # All calls three times; then each of two steps that stay away three times, and each of two drops once.
    assert world.resets == REPEATS + 2 * REPEATS + 2


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"task": None}, "it names no task"),
        ({"outcome": False}, "it has no outcome that could stay the same"),
        ({"task": "sell-1"}, "reset() raised KeyError"),
        ({"settings": Settings(content="digest")}, "its arguments were not kept whole"),
    ],
)
def test_a_session_that_cannot_run_again_says_why_and_its_values_are_followed_all_the_same(
    play: Play, store: Any, shop: Any, how: dict[str, Any], why: str
) -> None:
    play("s", *CODE, world_task="buy-1", **how)
    [found] = play_sessions(store(), shop())
    assert found.why is not None
    assert why in found.why
    assert {test.replay.what for test in found.tests} == {"untold"}
    assert found.tests[0].flow.what == ("unknown" if "settings" in how else "used")


def test_a_failed_session_without_telling_checks_is_not_played(play: Play, store: Any, shop: Any) -> None:
    play("s", ("unlock", {}), ("pay", {"amount": 5}))
    [found] = play_sessions(store(), shop())
    assert found.why == "it failed, and no check of its outcome tells what could stay the same"


def test_a_session_without_calls_and_one_that_is_not_there_say_so(recorded: Any, store: Any, shop: Any) -> None:
    recorded("s", "buy-1", []).record_outcome(success=True)
    calm, gone = play_sessions(store(), shop(), only=["s", "t"])
    assert (calm.why, calm.tests) == ("it called no tool", ())
    assert gone.why is not None
    assert "no session 't'" in gone.why


def test_recordings_at_hand_need_no_store(play: Play, store: Any, shop: Any) -> None:
    trees = [play(name, *WASTE).store.read(name) for name in ("a", "b")]
    assert told(leave_one_out(trees, shop())) == told(leave_one_out(store(), shop()))
    assert {test.session for test in leave_one_out(trees, shop(), only=["b"])} == {"b"}


def test_processes_find_what_one_process_finds(play: Play, store: Any, named_shop: str) -> None:
    for n in range(9):
        play(f"s{n}", *WASTE, task=f"buy-{n}")
    seen: list[tuple[int, int]] = []
    with processes(9, 2) as executor:
        assert executor is not None
        many: list[StepTest] = list(
            leave_one_out(store(), named_shop, executor=executor, watch=lambda *at: seen.append(at))
        )
    assert many == list(leave_one_out(store(), named_shop))
    assert seen == [(n, 9) for n in range(1, 10)]


def test_an_executor_needs_the_environments_name(store: Any, shop: Any, play: Play) -> None:
    play("s", *WASTE)
    with processes(9, 2) as executor, pytest.raises(EnvironmentInvalid, match="name it: python:MODULE:NAME"):
        next(leave_one_out(store(), shop(), executor=executor))


def test_a_wrong_name_is_told_before_anything_is_played(store: Any, play: Play) -> None:
    play("s", *WASTE)
    with pytest.raises(EnvironmentInvalid, match="no_such_world cannot be imported"):
        next(leave_one_out(store(), "python:no_such_world:World"))
