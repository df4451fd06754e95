"""Rules that touch none of the habits, however near their words come, leave every one of them."""

import pytest
from examples.sheets.intents import Habits, habits_of

UNRELATED = [
    "Reading a sheet twice is fine.",
    "It is not wasteful to read a sheet twice.",
    "Do not hesitate to read a sheet again.",
    "Read every sheet of the workbook.",
    "Never read more than one sheet at once.",
    "You must read the sheet again before writing.",
    "Don't write the same number twice.",
    "Do not repeat the user's words.",
    "Avoid duplicate rows in the result.",
    "Never delete duplicate rows.",
    "Do not count the same row twice.",
    "Do not add the same row twice when you total a column.",
    "Avoid reading hidden columns.",
    "Write the answer only once.",
    "Guess nothing about the currency.",
    "Numbers in text should be spelled out.",
    "Do not convert text cells.",
    "Check totals twice.",
    "Answer in text, not in numbers.",
    "Give the answer first.",
    "Do not use the same formula twice in one sheet.",
    "Never open the same dialog twice.",
    "List the sheets at the end of your answer.",
    "Do not sort the sheet again.",
    "Without reading the sheet you can not answer.",
    "If the tool fails, call it again.",
    "Retry a failed call once.",
    "Do not give up: call the tool again when it fails.",
]


@pytest.mark.parametrize("rule", UNRELATED)
def test_a_rule_about_something_else_changes_nothing(rule: str) -> None:
    assert habits_of(rule) == Habits()


def test_all_of_them_together_change_nothing() -> None:
    assert habits_of("\n".join(f"- {rule}" for rule in UNRELATED)) == Habits()
