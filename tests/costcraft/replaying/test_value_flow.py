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
        tree = session.store.read(session.id)
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
    assert follow(1, *calls).what == "used"


def test_a_value_that_the_user_named_is_no_use(follow: Follow) -> None:
    # `plan.xlsx` and `Ledger` stand in what the user asked for.
    found = follow(1, ("look", {}, "Ledger of plan.xlsx"), ("open", {"path": "plan.xlsx", "sheet": "Ledger"}, "open"))
    assert found.what == "unknown"


def test_of_two_looks_the_first_is_the_one_that_was_used(follow: Follow) -> None:
    calls = [("look", {}, "code QX7-1182"), ("look", {}, "code QX7-1182"), ("pay", {"code": "QX7-1182"}, "paid")]
    assert follow(1, *calls).what == "used"


def test_of_two_looks_the_second_brought_nothing(follow: Follow) -> None:
    calls = [("look", {}, "code QX7-1182"), ("look", {}, "code QX7-1182"), ("pay", {"code": "QX7-1182"}, "paid")]
    assert follow(2, *calls).what == "not used"


@pytest.mark.parametrize("said", [{"sheet": "Orders"}, {"row": 7}, {"where": {"name": ["orders"]}}])
def test_a_plain_word_or_a_small_number_is_a_use_in_an_argument(follow: Follow, said: dict[str, Any]) -> None:
    assert follow(1, ("look", {}, "Orders has 7 rows"), ("read", said, "nothing")).what == "used"


@pytest.mark.parametrize(
    ("result", "later", "last"),
    [
        ("the parcels are late", [], "Those parcels need time."),  # a word that comes back in prose
        ("prices: 1204 and 3311", [("write", {"total": 4515}, "done")], "next"),  # added up
        ("red\nblue\nred", [("write", {"count": 2}, "done")], "next"),  # counted
        ("all is well", [], "next"),  # decided upon, perhaps
    ],
)
def test_that_no_value_comes_back_does_not_show_that_nothing_hung_on_a_step(
    follow: Follow, result: str, later: list[Any], last: str
) -> None:
    found = follow(1, ("look", {}, result), *later, last=last)
    assert found == (
        "unknown", "it told something new; that no value comes back does not show that nothing hung on it",
        None, None, None,
    )  # fmt: skip


def test_what_was_not_kept_whole_is_not_judged(follow: Follow) -> None:
    found = follow(1, ("look", {}, "nothing here"), settings=Settings(content="digest"))
    assert (found.what, found.why) == ("unknown", "its result, or what followed it, was not kept whole")


ROWS = "1 | red\n2 | blue\n3 | green"


@pytest.mark.parametrize(
    ("first", "between", "again", "what"),
    [
        (ROWS, [], ROWS, "not used"),  # the same once more
        (ROWS, [], "2 | blue", "not used"),  # a part of it
        (ROWS, [], "2 | blue\n4 | grey", "unknown"),  # one line is new
        (ROWS, [], "2 | red", "unknown"),  # nothing but words that stood there, put together otherwise
        (ROWS, [("write_cell", {"cell": "A1"}, "done")], ROWS, "unknown"),  # that nothing changed is news
        (ROWS, [("get_name", {}, "done")], ROWS, "not used"),  # a read changes nothing
        (ROWS, [("frobnicate", {}, "done")], ROWS, "unknown"),  # nobody knows what that does
        (ValueError(ROWS), [], ROWS, "unknown"),  # what an error says is no telling
    ],
)
def test_a_look_is_not_needed_where_all_it_says_was_told_since_the_last_change(
    follow: Follow, first: Any, between: list[Any], again: str, what: str
) -> None:
    calls = [("read_rows", {"rows": "1:3"}, first), *between, ("get_rows", {"rows": "again"}, again)]
    assert follow(len(calls), *calls).what == what


def test_what_the_card_flags_as_needless_is_taken_for_not_used(follow: Follow) -> None:
    # The flag knows that the same call with the same result is no news, whatever the tool's name may mean.
    found = follow(2, *[("frobnicate", {}, "order is open")] * 2)
    assert (found.what, found.why) == ("not used", "it told nothing that had not been told since the last change")
    tried = [
        ("read_sheet", {"sheet": "Budget"}, ValueError("no sheet Budget")),
        ("read_sheet", {"sheet": "Ledger"}, "row 1"),
    ]
    assert follow(1, *tried) == ("not used", "its card flags it: superseded", None, None, None)


def test_a_value_that_an_error_showed_is_taken_from_what_succeeded_and_showed_it_too(follow: Follow) -> None:
    error = ("read_sheet", {"sheet": "Budget"}, ValueError("no sheet Budget; there are: Orders"))
    listed, read = ("list_sheets", {}, "Orders"), ("read_sheet", {"sheet": "Orders"}, "row 1")
    assert follow(1, error, listed, read).what == "unknown"
    assert follow(1, error, read).what == "used"
    assert follow(2, error, listed, read).what == "unknown"  # the error had shown it first


def test_what_only_another_step_used_that_goes_as_well_is_no_use(follow: Follow) -> None:
    calls = [("look", {}, "order KX-4471"), ("look_closer", {"order": "KX-4471"}, "nothing")]
    assert follow(1, *calls).what == "used"


def test_what_only_a_step_used_that_goes_too_is_no_use(follow: Follow) -> None:
    calls = [("look", {}, "order KX-4471"), ("look_closer", {"order": "KX-4471"}, "nothing")]
    assert follow(1, *calls, gone=(2,)).what == "unknown"


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
    calls = [(f"read_{n}", {}, "code QX7-1182" if holds else "nothing") for n, holds in enumerate(places)]
    tree = recorded("s", "t", [*calls, ("pay", {"code": "QX7-1182"}, "nothing")], store=store).store.read("s")
    found = Follower(tree, compile_session(tree)).follow(2 * at + 2)
    first = places.index(True) if any(places) else None
    told = any(held == places[at] for held in places[:at])
    assert found.what == ("used" if at == first else "not used" if told else "unknown")
