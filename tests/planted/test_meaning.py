"""What sentences mean for the agents' habits: what rules say, what claims say, and what is about something else."""

from dataclasses import asdict

import pytest
from examples.planted.claims import CLAIMS
from examples.planted.habits import Habits, habits_of
from examples.planted.table import habits

from costcraft.analysts.relation import ROWS
from costcraft.analysts.waste import WASTES
from costcraft.analysts.wording import FAILED_FIRST

WITH = "verify it with `{}` after the last change and before you answer."
BACK = "After the last change, read what you changed again with `{}` and verify it before you answer."
READING = [name for tool in ("read_sheet", "find_rows", "read_range") for name in [f"`{tool}`"]]


def changed(text: str) -> dict[str, object]:
    """The habits that are other than by default."""
    usual = asdict(Habits())
    return {name: value for name, value in asdict(habits_of(text)).items() if value != usual[name]}


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("duplicate", {"rereads": False, "relists": False}),
        ("near_duplicate", {"rereads": False, "relists": False}),
        ("unused", {"browses": False}),
        ("idle_turn", {}),
        ("unused_subagent", {}),
        ("bloat", {}),
        ("loop", {}),
    ],
)
def test_a_portable_rule_of_the_analyst_means_what_it_says(kind: str, means: dict[str, object]) -> None:
    assert changed(WASTES[kind].anywhere) == means


@pytest.mark.parametrize("tool", READING)
@pytest.mark.parametrize(("kind", "means"), [("near_duplicate", {"rereads": False}), ("unused", {"browses": False})])
def test_a_rule_about_one_reading_tool_means_what_it_says(kind: str, means: dict[str, object], tool: str) -> None:
    assert changed(WASTES[kind].here.format(names=tool)) == means


@pytest.mark.parametrize("tool", ["read_sheet", "check_label"])
@pytest.mark.parametrize("text", [BACK, "Always call `{}` after the last change and before you answer.", WITH])
def test_a_rule_that_asks_for_a_look_is_heeded(text: str, tool: str) -> None:
    assert changed(text.format(tool)) == {"verifies": "always"}


def test_guesses_of_an_argument_are_told_from_failures_of_the_world() -> None:
    guess = "Do not guess the argument `sheet` of `read_sheet`: take it from what you were told or have already read."
    assert changed(guess) == changed(FAILED_FIRST) == {"guesses": False}
    assert changed("Do not repeat `find_rows` unchanged right after it failed: find out first what it lacked.") == {
        "retries": False
    }


def test_of_the_repairs_three_mean_something_here() -> None:
    told = {row.name: changed(row.rule) for row in ROWS}
    assert {name: means for name, means in told.items() if means} == {
        "text for number": {"numbers": True},
        "number for text": {"codes": True},
        "misplaced": {"verifies": "always"},
    }


@pytest.mark.parametrize(
    ("claim", "means"),
    [
        ("reread", {"rereads": False, "relists": False}),
        ("browse", {"browses": False}),
        ("once", {"rereads": False, "verifies": "never", "rechecks": False}),
        ("read back", {"verifies": "never"}),
        ("recheck", {"rechecks": False}),
        ("twin", {"finds_all": False}),
        ("early", {"takes_first": False}),
        ("retry", {"retries": False}),
    ],
)
def test_a_claim_means_what_it_says(claim: str, means: dict[str, object]) -> None:
    assert changed(CLAIMS[claim].rule) == means


def test_the_sentence_of_each_planted_habit_is_about_that_habit() -> None:
    for habit in habits():
        assert habit.habit == "reads_once" or habit.habit in changed(habit.says)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Answer in one short sentence.",
        "Read what is there with `check_label` before you make the first change.",
        "Never write to the same cell twice.",
        "Find the sheet that holds the figures.",
        "Give `find_rows` its argument `column` in every call.",
        "Call `list_sheets` before `write_cell`.",
        "Use codes in your answer.",
    ],
)
def test_a_sentence_about_something_else_changes_nothing(text: str) -> None:
    assert changed(text) == {}


def test_of_two_sentences_that_disagree_the_later_one_counts() -> None:
    assert changed("Do not read back what you wrote. Read back what you wrote.") == {"verifies": "always"}
    assert changed("Write numbers as numbers. Give `write_cell` its argument `value` as text, not a number.") == {
        "numbers": False
    }
