"""`loop`: rounds that bring nothing new, and rounds that do."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.card import Flag, compile_card
from clawtrace_core.card.flags.loop import LONGEST, ROUNDS, TRIES, repeats
from clawtrace_core.model.session import SessionTree

LONG = "quarter revenue region north south " * 5
LOOK = ("look", {}, "You stand before a wall of red bricks in a dark street of the old town.")
MOVE = ("move", {"to": "left"}, "ok")
BROKEN = ("open_door", {"key": "small"}, "ValueError: the key does not fit this lock")


@pytest.fixture
def flags(rates: Any, count: Any) -> Callable[[SessionTree], list[Flag]]:
    return lambda tree: compile_card(tree, price=rates, count=count, flags={"loop"}).flags


def test_a_cycle_that_brings_nothing_new_is_flagged_with_its_proof(chat: Any, flags: Any) -> None:
    [flag] = flags(chat().play(*[MOVE, LOOK] * 4))
    assert (flag.kind, flag.of, flag.steps) == ("loop", 2, [6, 8, 10, 12, 14, 16])
    assert flag.why == "move, look: 4 times with the same arguments and the same results"
    assert (flag.evidence["period"], flag.evidence["count"]) == (2, 4)
    assert flag.evidence["first_cycle"] == [2, 4]
    assert flag.confidence == "medium"
    assert flag.saves is not None
    assert flag.saves > 0


def test_two_rounds_may_be_a_check(chat: Any, flags: Any) -> None:
    assert flags(chat().play(*[MOVE, LOOK] * 2)) == []


def test_an_edit_whose_test_fails_the_same_way_three_times_is_a_loop(chat: Any, flags: Any) -> None:
    edit = ("edit_file", {"path": "a.py", "to": "x"}, "ok")
    check = ("run_tests", {}, "FAILED test_a.py: assert 3 == 4, see the line 12 of the file")
    [flag] = flags(chat().play(*[edit, check] * 3))
    assert flag.steps == [6, 8, 10, 12]


def test_the_fourth_equal_failure_is_a_loop(chat: Any, flags: Any) -> None:
    assert flags(chat().play(*[BROKEN] * 3, wrong=True)) == []
    [flag] = flags(chat().play(*[BROKEN] * 5, wrong=True))
    assert (flag.of, flag.steps, flag.evidence["count"]) == (2, [8, 10], 5)
    assert flag.confidence == "high"


@pytest.mark.parametrize(
    "message",
    ["503 Service Unavailable", "Timeout after 30 s", "rate limit reached", "connection reset", "file is locked"],
)
def test_an_error_that_may_pass_is_tried_again_in_good_faith(message: str, chat: Any, flags: Any) -> None:
    assert flags(chat().play(*[("read_page", {"u": "x"}, message)] * 6, wrong=True)) == []


def test_a_single_successful_call_is_left_to_duplicate(chat: Any, flags: Any) -> None:
    assert flags(chat().play(*[("read_file", {"p": 1}, LONG)] * 8)) == []


@pytest.mark.parametrize(
    "cycle",
    [
        [("sleep", {"s": 5}, "ok"), ("get_job", {"id": 7}, LONG)],
        [("get_status", {"id": 7}, LONG), ("read_log", {}, LONG)],
        [("list_jobs", {}, "job 7: running since nine o'clock this morning"), ("read_log", {}, LONG)],
        [("press", {"key": "tab"}, "ok"), ("press", {"key": "enter"}, "ok")],
        [("add_row", {"v": 1}, f"added. {LONG}"), ("save", {}, LONG)],
    ],
)
def test_waiting_and_writing_alone_are_no_loop(cycle: list[Any], chat: Any, flags: Any) -> None:
    assert flags(chat().play(*cycle * 5)) == []


def test_a_result_that_changes_is_progress(chat: Any, flags: Any) -> None:
    turns = [turn for index in range(6) for turn in (MOVE, ("look", {}, f"{LOOK[2]} House number {index}."))]
    assert flags(chat().play(*turns)) == []


def test_rounds_the_user_asked_for_are_no_loop(chat: Any, flags: Any) -> None:
    talk = chat()
    for _ in range(4):
        talk.turn(MOVE)
        talk.turn(LOOK)
        talk.history.append(talk.talk.says("user", "Go on."))
    assert flags(talk.finish()) == []


def test_calls_asked_for_at_once_are_no_loop(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(*[MOVE, LOOK] * 4)
    assert flags(talk.finish()) == []


@pytest.mark.parametrize(("kept", "found"), [(True, 1), (False, 0)])
def test_a_round_of_which_a_part_was_cut_from_the_history_is_no_loop(
    kept: bool, found: int, chat: Any, flags: Any
) -> None:
    talk = chat()
    for _ in range(4):
        talk.turn(LOOK)
        before = list(talk.history)
        talk.turn(("read_file", {"path": "town.txt"}, LONG))
        if not kept:
            talk.history[:] = before
    assert len(flags(talk.finish())) == found


@given(st.lists(st.integers(0, 2), max_size=60))
def test_every_stretch_found_repeats_and_is_no_repetition_of_less(names: list[int]) -> None:
    for start, period, rounds in repeats(names):
        cycle = names[start : start + period]
        assert rounds >= (TRIES if period == 1 else ROUNDS)
        assert names[start : start + period * rounds] == cycle * rounds
        assert not any(cycle == cycle[:part] * (period // part) for part in range(1, period) if period % part == 0)


@given(
    st.lists(st.integers(0, 3), max_size=9),
    st.integers(1, LONGEST),
    st.integers(ROUNDS + 1, 6),
    st.lists(st.integers(0, 3), max_size=9),
)
def test_a_planted_cycle_is_found(before: list[int], period: int, rounds: int, after: list[int]) -> None:
    cycle = list(range(100, 100 + period))
    found = list(repeats([*before, *cycle * rounds, *after]))
    assert (len(before), period, rounds) in found


@given(st.integers(LONGEST + 1, LONGEST + 9))
def test_a_cycle_longer_than_the_bound_is_not_looked_for(period: int) -> None:
    assert list(repeats(list(range(period)) * 4)) == []
