"""`near_duplicate`: other words for the same question, and all that only looks so."""

import difflib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clawtrace_core.card import Flag, compile_card
from clawtrace_core.card.flags.likeness import common, similarity, wording_of
from clawtrace_core.model.session import SessionTree

FOUND = "Lisbon tram line 28 runs from Martim Moniz past Graca and Alfama to Campo Ourique, a ticket costs 3.10 euro"
QUERY = "history and prices of the tram lines in the hilly city"
OTHER = "history and prices of tram lines in the hilly city"


@pytest.fixture
def flags(rates: Any, count: Any) -> Callable[[SessionTree], list[Flag]]:
    return lambda tree: compile_card(tree, price=rates, count=count, flags={"near_duplicate"}).flags


def test_the_same_question_in_other_words_is_flagged_with_its_proof(chat: Any, flags: Any) -> None:
    [flag] = flags(chat().play(("web_search", {"query": QUERY}, FOUND), ("web_search", {"query": OTHER}, FOUND)))
    assert (flag.kind, flag.of, flag.steps, flag.confidence) == ("near_duplicate", 2, [4], "medium")
    [pair] = flag.evidence["pairs"]
    assert pair["steps"] == [2, 4]
    assert Fraction(pair["similarity"]) == Fraction(2 * len(OTHER), len(QUERY) + len(OTHER))
    assert pair["shared_values"] >= 5
    assert flag.why == "asks what step 2 asked in other words (0.96 alike) and got nothing new"
    assert flag.saves is not None
    assert flag.saves > 0


def test_case_and_spaces_are_no_difference(chat: Any, flags: Any) -> None:
    turns = [("search_docs", {"q": query}, FOUND) for query in ("tram lines  in town", "tram lines in town.")]
    [flag] = flags(chat().play(*turns))
    assert flag.evidence["pairs"][0]["similarity"] == "1"


def test_a_result_that_is_part_of_the_earlier_one_is_nothing_new(chat: Any, flags: Any) -> None:
    turns = (("web_search", {"query": QUERY}, FOUND), ("web_search", {"query": OTHER}, FOUND[: len(FOUND) // 2]))
    assert len(flags(chat().play(*turns))) == 1
    assert flags(chat().play(*turns[::-1])) == []  # the later one told more


def test_many_wordings_make_one_finding(chat: Any, flags: Any) -> None:
    queries = [QUERY, OTHER, OTHER.replace("history", "histories")]
    [flag] = flags(chat().play(*[("web_search", {"query": query}, FOUND) for query in queries]))
    assert (flag.of, flag.steps) == (2, [4, 6])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 2, "b": 6}, {"a": 3, "b": 3}),
        ({"query": "Iteration 1"}, {"query": "Iteration 2"}),
        ({"query": "total of the sales in 2023"}, {"query": "total of the sales in 2024"}),
        ({"query": "the content of report.pdf please"}, {"query": "the content of reports.pdf please"}),
        ({"query": "read the page https://a.example/x now"}, {"query": "read the page https://a.example/y now"}),
        ({"query": "mails from ann@example.com to us"}, {"query": "mails from anna@example.com to us"}),
        ({"query": "flights leaving from JFK on monday"}, {"query": "flights leaving from LGA on monday"}),
        ({"query": "where does John Smith live nowadays"}, {"query": "where does Joan Smith live nowadays"}),
        ({"query": "hotels that are open in winter"}, {"query": "hotels that are not open in winter"}),
        ({"query": "the second line of the page"}, {"query": "the third line of the page"}),
        ({"query": "what stands in column a of it"}, {"query": "what stands in column b of it"}),
        ({"name": "customers"}, {"name": "customer"}),
        ({"query": QUERY, "limit": 10}, {"query": OTHER, "limit": 20}),
        ({"query": QUERY, "page": 1}, {"query": OTHER}),
        ({"query": QUERY}, {"q": OTHER}),
        ({"query": QUERY}, {"query": "ticket offices of the ferries near the river"}),
        ({"glob": "find all *.py files"}, {"glob": "find all *.pyi files"}),
        ({"sql": "select name where city = 'rome'"}, {"sql": "select name where city = 'Rome'"}),
    ],
)
def test_other_work_is_not_flagged_though_the_results_are_equal(one: Any, other: Any, chat: Any, flags: Any) -> None:
    assert flags(chat().play(("search_docs", one, FOUND), ("search_docs", other, FOUND))) == []


@pytest.mark.parametrize(
    "result", ["", "[]", "no results", "No results were found for your query, try other words", "ok " * 30]
)
def test_an_answer_that_tells_too_little_proves_nothing(result: str, chat: Any, flags: Any) -> None:
    assert flags(chat().play(("web_search", {"query": QUERY}, result), ("web_search", {"query": OTHER}, result))) == []


def test_a_new_value_in_the_later_answer_is_no_waste(chat: Any, flags: Any) -> None:
    turns = (("web_search", {"query": QUERY}, FOUND), ("web_search", {"query": OTHER}, f"{FOUND}, 40 minutes"))
    assert flags(chat().play(*turns)) == []


@pytest.mark.parametrize("name", ["send_note", "frobnicate", "check_docs", "ask_sql"])
def test_only_reads_are_flagged(name: str, chat: Any, flags: Any) -> None:
    assert flags(chat().play((name, {"query": QUERY}, FOUND), (name, {"query": OTHER}, FOUND))) == []


@pytest.mark.parametrize("between", ["write_file", "frobnicate"])
def test_nothing_is_flagged_across_a_write(between: str, chat: Any, flags: Any) -> None:
    turns = (("web_search", {"q": QUERY}, FOUND), (between, {"x": 1}, "ok"), ("web_search", {"q": OTHER}, FOUND))
    assert flags(chat().play(*turns)) == []


def test_two_wordings_asked_at_once_are_one_attempt(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(("web_search", {"query": QUERY}, FOUND), ("web_search", {"query": OTHER}, FOUND))
    assert flags(talk.finish()) == []


def test_a_question_after_the_user_spoke_is_the_user_s(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(("web_search", {"query": QUERY}, FOUND))
    talk.history.append(talk.talk.says("user", "What about tram lines?"))
    talk.turn(("web_search", {"query": OTHER}, FOUND))
    assert flags(talk.finish()) == []


def test_an_exact_copy_is_left_to_duplicate(chat: Any, flags: Any) -> None:
    assert flags(chat().play(("web_search", {"query": QUERY}, FOUND), ("web_search", {"query": QUERY}, FOUND))) == []


WORDS = st.lists(
    st.sampled_from("tram lines city history price hilly ticket river ferry".split()), min_size=3, max_size=9
)


@given(WORDS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_changing_only_a_digit_is_never_a_near_duplicate(
    chat: Any, rates: Any, count: Any, words: list[str], one: int, other: int, at: int
) -> None:
    texts = [" ".join([*words[:at], f"n{digit}", *words[at:]]) for digit in (one, other)]
    tree = chat().play(*[("web_search", {"query": text}, FOUND) for text in texts])
    assert compile_card(tree, price=rates, count=count, flags={"near_duplicate"}).flags == []


@given(st.text("abc ", max_size=12), st.text("abc ", max_size=12))
def test_the_common_length_is_that_of_the_longest_common_subsequence(one: str, other: str) -> None:
    row = [0] * (len(other) + 1)
    for letter in one:
        before = row[:]
        for at, against in enumerate(other):
            row[at + 1] = before[at] + 1 if letter == against else max(before[at + 1], row[at])
    assert common(one, other) == row[-1] == common(other, one)


@given(WORDS, WORDS)
def test_likeness_is_symmetric_and_never_below_what_difflib_finds(one: list[str], other: list[str]) -> None:
    left, right = (wording_of({"q": " ".join(words)}) for words in (one, other))
    if left is None or right is None or left.fixed != right.fixed:
        return
    found = similarity(left, right)
    assert found == similarity(right, left)
    assert 0 <= found <= 1
    assert found >= difflib.SequenceMatcher(None, *left.texts, *right.texts, autojunk=False).ratio() - 1e-9


@pytest.mark.parametrize("arguments", [None, 3, [], {}, {"q": ""}, {"q": "x" * 5000}, {"q": {"r": [1, "a"]}}, "one"])
def test_arguments_without_a_text_have_no_wording(arguments: Any) -> None:
    assert wording_of(arguments) is None
