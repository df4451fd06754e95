"""`unused`: what it finds, and every way in which a result may have been of use without its values coming back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.card import Flag, compile_card
from clawtrace_core.model.session import SessionTree

STAFF = (
    "list_staff",
    {},
    json.dumps(
        [
            {"employee": "Roswitha Quandt", "badge": "BX-40117", "desk": "4F-22"},
            {"employee": "Ignacio Pellegrino", "badge": "BX-40231", "desk": "2C-07"},
        ]
    ),
)
ORDER = ("get_order", {"order": "ORD-7781"}, '{"state": "shipped", "parcel": "1Z999-AA1"}')
NOTES = (
    "read_file",
    {"path": "NOTES.md"},
    "Release Marigold\nExporter rewritten by Ottoline Brandvold, see TCK-8817.\nHyperion-2 is gone, hyp3-bridge stays.",
)
ANSWER = "It has shipped; the parcel is 1Z999-AA1."


@pytest.fixture(scope="session")
def flags(rates: Any, count: Any) -> Callable[[SessionTree], list[Flag]]:
    return lambda tree: compile_card(tree, price=rates, count=count, flags={"unused"}).flags


def asked(chat: Any, **more: Any) -> Any:
    return chat(user="Where is order ORD-7781?", **more)


@pytest.mark.parametrize("needless", [STAFF, NOTES], ids=["records", "prose"])
def test_a_read_that_left_no_trace_is_flagged_with_what_was_looked_for(needless: Any, chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(needless)
    talk.turn(ORDER)
    [flag] = flags(talk.finish(ANSWER))
    assert (flag.kind, flag.of, flag.steps) == ("unused", None, [2])
    assert flag.evidence["read_by"] == 3
    assert flag.evidence["looked_in"] == 2
    assert len(flag.evidence["values"]) == flag.evidence["of"] >= 3
    assert flag.confidence == "medium"
    assert flag.saves is not None
    assert flag.saves > 0


def test_a_tool_that_was_told_to_be_a_read_gives_more_confidence(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(("staff", *STAFF[1:]), attributes={"effect": "read"})
    talk.turn(ORDER)
    assert [flag.confidence for flag in flags(talk.finish(ANSWER))] == ["high"]


@pytest.mark.parametrize(("page", "wanted"), [("contacts", False), ("ORD-7781", True)])
def test_what_an_argument_is_called_is_nothing_the_user_asked_for(
    page: str, wanted: bool, chat: Any, flags: Any
) -> None:
    talk = chat(user="On which page is order ORD-7781, and where is it?")
    talk.turn((STAFF[0], {"page": page}, STAFF[2]))
    talk.turn(ORDER)
    assert [flag.steps for flag in flags(talk.finish(ANSWER))] == ([] if wanted else [[2]])


@pytest.mark.parametrize("field", ["contacts", "contact_of", "sort_contacts_by"])
def test_what_the_user_named_stays_named_though_an_argument_is_called_like_it(
    field: str, chat: Any, flags: Any
) -> None:
    talk = chat(user="Where is order ORD-7781, and are there contacts?")
    talk.turn((STAFF[0], {"page": {"of": ["contacts"]}, field: "north"}, STAFF[2]))
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


@pytest.mark.parametrize("name", ["staff", "update_staff", "check_staff"])
def test_a_tool_that_may_write_or_that_checks_is_not_flagged(name: str, chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn((name, *STAFF[1:]))
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


@pytest.mark.parametrize(
    "told",
    [
        "I asked roswitha.",
        "The desk is 4F-22.",
        "Her badge is bx-40117",
        "No badge was found for it.",  # a word nobody had said before: it may come from there
        "Two employees know about it.",
    ],
)
def test_a_trace_of_any_sort_is_a_doubt(told: str, chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(STAFF)
    talk.turn(ORDER)
    assert flags(talk.finish(f"{ANSWER} {told}")) == []


def test_what_was_asked_for_and_is_said_again_next_was_decided_by_the_result(chat: Any, flags: Any) -> None:
    talk = chat(user="Is ORD-7781 in the economy class?")
    talk.turn(("get_record", {}, '{"class": "economy", "keys": ["QX-1192", "QX-4410", "QX-7731"]}'))
    assert flags(talk.finish("Yes, economy.")) == []


def test_a_subject_that_is_taken_up_again_was_looked_at_for_a_reason(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(NOTES)
    talk.turn(("write_file", {"path": "NOTES.md", "text": "shipped"}, "ok"))
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


def test_of_a_row_of_searches_one_may_rule_itself_out(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(("search_docs", {"q": "parcel"}, NOTES[2]))
    talk.turn(("search_orders", {"q": "parcel"}, ORDER[2]))
    assert flags(talk.finish(ANSWER)) == []


def test_of_a_row_of_like_records_one_may_rule_itself_out(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(("get_order", {"order": "first"}, '{"state": "QX-1192", "parcel": "QX-4410", "by": "QX-7731"}'))
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


@pytest.mark.parametrize(("told", "counted"), [("There are 2 of them", True), ("There are many of them", False)])
def test_entries_of_a_result_may_have_been_counted(told: str, counted: bool, chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(STAFF)
    talk.turn(ORDER)
    assert [flag.steps for flag in flags(talk.finish(f"{told}. {ANSWER}"))] == ([] if counted else [[2]])


def test_a_number_the_user_named_is_no_count_of_a_result(chat: Any, flags: Any) -> None:
    talk = chat(user="Where is order ORD-7781 with its 2 lamps?")
    talk.turn(STAFF)
    talk.turn(ORDER)
    assert [flag.steps for flag in flags(talk.finish(f"There are 2 of them. {ANSWER}"))] == [[2]]


def test_an_amount_that_stood_nowhere_may_have_been_worked_out(chat: Any, flags: Any) -> None:
    stock = ("get_shelf", {}, '[["QX-1192", 310], ["QX-4410", 145], ["QX-7731", 275]]')
    talk = asked(chat)
    talk.turn(stock)
    talk.turn(ORDER)
    assert flags(talk.finish(f"{ANSWER} 730 are left.")) == []
    talk = asked(chat)
    talk.turn(stock)
    talk.turn(ORDER)
    assert len(flags(talk.finish(ANSWER))) == 1


@pytest.mark.parametrize("result", ["", "[]", "true", "42", "No flights found.", "Iteration 1", "ok", "2024"])
def test_a_result_with_little_in_it_is_not_flagged(result: str, chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(("get_state", {}, result))
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


def test_a_result_that_nobody_read_is_not_flagged(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(ORDER)
    talk.turn(STAFF)
    talk.talk.end(talk.root)
    assert flags(talk.talk.tree()) == []


def test_a_session_that_did_not_end_with_an_answer_proves_nothing(chat: Any, flags: Any) -> None:
    for ended in (False, True):
        talk = asked(chat)
        talk.turn(STAFF)
        talk.turn(ORDER)
        assert flags(talk.talk.tree(ended=ended)) == []


def test_the_same_result_again_is_a_duplicate_and_no_news(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(STAFF)
    talk.turn(ORDER)
    talk.turn(STAFF)
    talk.turn(("get_state", {}, "ok"))
    assert [flag.steps for flag in flags(talk.finish(ANSWER))] == [[2]]


def test_what_came_back_as_an_error_is_not_flagged(chat: Any, flags: Any) -> None:
    talk = asked(chat)
    talk.turn(STAFF, wrong=True)
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


@given(value=st.sampled_from(["BX-40117", "bx-40231", "Quandt", "Pellegrino", "4F-22"]), before=st.text(max_size=60))
def test_a_value_copied_into_any_later_argument_means_used(chat: Any, flags: Any, value: str, before: str) -> None:
    talk = asked(chat)
    talk.turn(STAFF)
    talk.turn(("note", {"deep": [{"text": f"{before} {value}"}]}, "ok"))
    talk.turn(ORDER)
    assert flags(talk.finish(ANSWER)) == []


@given(later=st.lists(st.text(max_size=80), max_size=4))
def test_more_said_later_never_makes_a_used_result_unused(chat: Any, flags: Any, later: list[str]) -> None:
    talk = asked(chat)
    talk.turn(STAFF)
    talk.turn(ORDER, text="Ask Quandt.")
    for said in later:
        talk.turn(("get_state", {"of": said}, "ok"), text=said)
    assert flags(talk.finish(ANSWER)) == []
