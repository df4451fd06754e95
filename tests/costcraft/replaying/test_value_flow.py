"""Whether anything said later hangs on what a step brought in; both ways round."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clawtrace_core import Session, Settings, compile_session
from costcraft.counterfactual.value_flow import Followed, Follower

Recorded = Callable[..., Session]
Follow = Callable[..., Followed]


@pytest.fixture
def follow(recorded: Recorded) -> Follow:
    """What the value flow says of the nth call of a session of these calls."""

    def run(nth: int, *calls: Any, gone: tuple[int, ...] = (), **how: Any) -> Followed:
        session = recorded("s", "buy-1", calls, **how)
        tree = session.store.read("s")
        card = compile_session(tree)
        steps = sorted(step.n for step in card.steps if step.kind == "tool")
        return Follower(tree, card).follow(steps[nth - 1], gone={steps[each - 1] for each in gone})

    return run


def test_a_value_that_came_in_with_a_step_and_stands_in_a_later_argument_is_a_use(follow: Follow) -> None:
    found = follow(1, ("look", {}, "order KX-4471 is open"), ("close", {"order": "KX-4471"}, "done"))
    assert (found.what, found.by, found.value, found.where) == ("used", 3, "kx-4471", "argument")
    assert found.why == "step 3 holds 'kx-4471' (argument)"


def test_a_value_of_the_last_answer_is_a_use(follow: Follow) -> None:
    found = follow(1, ("look", {}, "order KX-4471 is open"), last="KX-4471 is open.")
    assert (found.what, found.where) == ("used", "answer")


def test_a_value_that_stood_in_the_session_before_is_no_use(follow: Follow) -> None:
    calls = [
        ("look", {}, "order KX-4471 is open"),
        ("look_closer", {"order": "KX-4471"}, "order KX-4471 is open"),
        ("close", {"order": "KX-4471"}, "done"),
    ]
    assert follow(2, *calls).what == "not used"


def test_a_value_that_the_user_named_is_no_use(follow: Follow) -> None:
    # `plan.xlsx` and `Ledger` stand in what the user asked for.
    found = follow(1, ("look", {}, "Ledger of plan.xlsx"), ("open", {"path": "plan.xlsx", "sheet": "Ledger"}, "open"))
    assert found.what == "not used"


def test_of_two_looks_the_first_is_the_one_that_was_used(follow: Follow) -> None:
    calls = [("look", {}, "code QX7-1182"), ("look", {}, "code QX7-1182"), ("pay", {"code": "QX7-1182"}, "paid")]
    assert follow(1, *calls).what == "used"


def test_of_two_looks_the_second_brought_nothing(follow: Follow) -> None:
    calls = [("look", {}, "code QX7-1182"), ("look", {}, "code QX7-1182"), ("pay", {"code": "QX7-1182"}, "paid")]
    assert follow(2, *calls).what == "not used"


@pytest.mark.parametrize("said", [{"sheet": "Orders"}, {"row": 7}, {"where": {"name": ["orders"]}}])
def test_a_plain_word_or_a_small_number_is_a_use_in_an_argument(follow: Follow, said: dict[str, Any]) -> None:
    assert follow(1, ("look", {}, "Orders has 7 rows"), ("read", said, "nothing")).what == "used"


def test_a_plain_word_in_a_message_only_leaves_a_doubt(follow: Follow) -> None:
    found = follow(1, ("look", {}, "the parcels are late"), last="Those parcels need time.")
    assert found.what == "unknown"
    assert found.why == "a word it brought in is said again by step 3: 'parcel'"


def test_an_amount_that_stood_nowhere_before_may_have_been_worked_out(follow: Follow) -> None:
    found = follow(1, ("look", {}, "prices: 1204 and 3311"), ("write", {"total": 4515}, "done"))
    assert found.what == "unknown"
    assert "worked out" in found.why


def test_what_was_not_kept_whole_is_not_judged(follow: Follow) -> None:
    found = follow(1, ("look", {}, "nothing here"), settings=Settings(content="digest"))
    assert (found.what, found.why) == ("unknown", "its result, or what followed it, was not kept whole")


def test_a_look_between_two_writes_of_one_thing_may_have_told_to_write_again(follow: Follow) -> None:
    write = ("write_cell", {"cell": "B7", "value": "next"}, "next")
    calls = [write, ("check", {}, "next"), ("write_cell", {"cell": "B7", "value": "Ledger"}, "next")]
    assert follow(2, *calls).why == "step 6 writes once more what was written before it: it may have told to"


def test_a_look_between_writes_of_different_things_is_no_doubt(follow: Follow) -> None:
    write = ("write_cell", {"cell": "B7", "value": "next"}, "next")
    calls = [write, ("check", {}, "next"), ("write_cell", {"cell": "C8", "value": "Ledger"}, "next")]
    assert follow(2, *calls).what == "not used"
    assert follow(3, *calls).what == "not used"


def test_what_only_another_step_used_that_goes_as_well_is_no_use(follow: Follow) -> None:
    calls = [("look", {}, "order KX-4471"), ("look_closer", {"order": "KX-4471"}, "nothing")]
    assert follow(1, *calls).what == "used"


def test_what_only_a_step_used_that_goes_too_is_no_use(follow: Follow) -> None:
    calls = [("look", {}, "order KX-4471"), ("look_closer", {"order": "KX-4471"}, "nothing")]
    assert follow(1, *calls, gone=(2,)).what == "not used"


def test_a_step_that_is_not_there_is_not_judged(recorded: Recorded) -> None:
    tree = recorded("s", "buy-1", [("look", {}, "nothing")]).store.read("s")
    assert Follower(tree, compile_session(tree)).follow(99).what == "unknown"


@given(places=st.lists(st.booleans(), min_size=2, max_size=6), at=st.integers(0, 5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_use_is_what_first_appeared_in_the_result_and_stands_in_an_argument_after_it(
    recorded: Recorded, tmp_path_factory: pytest.TempPathFactory, places: list[bool], at: int
) -> None:
    at %= len(places)
    store = tmp_path_factory.mktemp("runs")
    calls = [(f"look_{n}", {}, "code QX7-1182" if holds else "nothing") for n, holds in enumerate(places)]
    tree = recorded("s", "t", [*calls, ("pay", {"code": "QX7-1182"}, "nothing")], store=store).store.read("s")
    found = Follower(tree, compile_session(tree)).follow(2 * at + 2)
    first = places.index(True) if any(places) else None
    assert found.what == ("used" if at == first else "not used")
