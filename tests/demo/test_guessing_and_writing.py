"""Guessing names, numbers as text, reading back: each turns on what a sentence means."""

import pytest
from examples.sheets.intents import habits_of

NO_GUESSING = [
    "Do not guess sheet names.",
    "Never assume the name of a sheet.",
    "List the sheets before you read one.",
    "Call list_sheets first.",
    "Start with list_sheets.",
    "Look up the sheet names before opening a sheet.",
    "Never open a sheet before you have listed the sheets.",
    "Use only sheet names that list_sheets returned.",
    "Find out which sheets exist before you read any.",
    "Before calling read_sheet, call list_sheets.",
    "Don't make up worksheet names.",
    "Do not call read_sheet with a sheet name you have not seen.",
    "Read only sheets that are known to exist.",
    "Begin by listing the sheets.",
    "Never open a sheet with an unverified name.",
    "Stop inventing sheet names.",
    "Sheet names must not be guessed.",
    "Get the sheet names before anything else.",
    "Always start by calling list_sheets.",
    "Don't try a sheet name that list_sheets has not returned.",
    "First list the sheets, then read.",
    "Check which sheets exist before reading.",
    "Do not assume default sheet names such as Sheet1.",
    "Before you read a sheet, list the sheets.",
    "Ask list_sheets for the names first.",
    "Take sheet names from list_sheets, never from memory.",
]
GUESSING_STAYS = [
    "",
    "Guess the sheet name first.",
    "Assume the sheet is called Sheet1.",
    "You may guess the name of the sheet.",
    "Never list the sheets before reading.",
    "Don't hesitate to guess a sheet name.",
    "Do not guess values.",
    "Never assume that a figure is right.",
    "List all findings first.",
    "Start with a short greeting.",
    "Name the sheet after the task.",
    "Do not invent numbers.",
    "Before you answer, list the cells that you wrote.",
    "Read the sheet first.",
    "Do not list the sheets twice.",
    "Never read the same sheet again.",
    "Find the sheet that holds the figures and read it.",
]
NO_QUOTING = [
    "Write numbers as numbers, not as text.",
    "Never write a number as text.",
    "Do not store figures as strings.",
    "Numbers must be written as numbers.",
    "Write amounts as real numbers.",
    "Store numeric results numerically.",
    "Avoid quoting numbers.",
    "Pass numbers without quotes.",
    "Totals must stay numeric.",
    "Put figures in as numeric values instead of text.",
    "Do not turn numbers into strings.",
    "Enter counts as plain integers.",
    "Keep amounts as numbers.",
    "When you write a number, pass a number and not a string.",
    "Numeric cells must hold numbers, not strings.",
    "A number must never be written as a string.",
    "Make sure that numbers are stored as numbers.",
    "Cell values that are numeric have to be written as numeric types.",
    "Do not put quotes around numbers.",
    "Values should be numbers rather than text.",
    "Never pass a numeric value as a string to write_cell.",
    "Write figures as figures and not as text.",
    "Send numbers unquoted.",
]
QUOTING_STAYS = [
    "",
    "Write numbers as text.",
    "Never write numbers as numbers.",
    "Quote every number.",
    "Do not forget to store numbers as text.",
    "Write text in English.",
    "Do not write numbers in your answer.",
    "Number the rows.",
    "Round numbers to two decimals.",
    "Do not write text next to numbers.",
    "Never write to the same cell twice.",
    "Work out the numbers before you write.",
    "Keep the answer in one short sentence.",
    "Do not read a number twice.",
    "Turn numbers into strings.",
]
VERIFY = [
    "Reread every cell you have filled.",
    "Read back what you wrote.",
    "Always read a cell back after writing it.",
    "After each write, read the cell again.",
    "Verify every write.",
    "Check that the cell holds the value before you answer.",
    "Keep reading back the cells you have written.",
    "Never answer without reading back the cell.",
    "Do not finish before you have read back what you wrote.",
    "Once you have written a value, check it.",
    "Confirm your writes with read_range.",
    "After write_cell, call read_range on the same cell.",
    "Don't skip reading back your writes.",
    "Make sure the cell shows what you wrote.",
    "Read the file again after an edit.",
    "Double-check each written cell.",
    "After writing, always check the cell.",
    "Look at the cell again once you have written it.",
    "Verify what you wrote before you finish.",
    "Every write must be followed by a read of the same cell.",
    "Read the target cell after you write it.",
    "Re-read the cell you wrote to make sure it is right.",
    "Confirm that your value landed in the right cell.",
    "Don't answer until you have verified the written cell.",
    "Validate the result by reading it back.",
]
NEVER_VERIFY = [
    "Do not read back what you wrote.",
    "Never verify your writes.",
    "Reading back a written cell is wasteful.",
    "There is no need to read a cell after writing it.",
    "Skip checking the cells you wrote.",
    "After a write, do not read the cell again.",
]
NO_WORD_OF_VERIFYING = [
    "",
    "Check the spelling of your answer.",
    "Do not read the same sheet twice.",
    "Verify the name of the user.",
    "Check the cell before you write to it.",
    "Read the sheet before you write.",
    "Write back to the customer.",
    "Confirm the currency with the user.",
    "Never write to the same cell twice.",
    "Reuse the result you already have.",
    "Compare the regions by their totals.",
    "Put the value into the cell that the task names.",
    "Read the question carefully.",
]


@pytest.mark.parametrize("rule", NO_GUESSING)
def test_a_rule_for_known_names_ends_guessing(rule: str) -> None:
    habits = habits_of(rule)
    assert not habits.guesses
    assert habits.rereads
    assert habits.relists
    assert habits.quotes_numbers


@pytest.mark.parametrize("rule", GUESSING_STAYS)
def test_other_and_contrary_rules_leave_guessing(rule: str) -> None:
    assert habits_of(rule).guesses


@pytest.mark.parametrize("rule", NO_QUOTING)
def test_a_rule_for_real_numbers_ends_numbers_as_text(rule: str) -> None:
    habits = habits_of(rule)
    assert not habits.quotes_numbers
    assert habits.rereads
    assert habits.guesses


@pytest.mark.parametrize("rule", QUOTING_STAYS)
def test_other_and_contrary_rules_leave_numbers_as_text(rule: str) -> None:
    assert habits_of(rule).quotes_numbers


@pytest.mark.parametrize("rule", VERIFY)
def test_a_rule_to_read_back_is_kept_on_every_task(rule: str) -> None:
    habits = habits_of(rule)
    assert habits.verifies == "always"
    assert habits.rereads
    assert habits.relists


@pytest.mark.parametrize("rule", NEVER_VERIFY)
def test_a_rule_against_reading_back_is_obeyed_too(rule: str) -> None:
    assert habits_of(rule).verifies == "never"


@pytest.mark.parametrize("rule", NO_WORD_OF_VERIFYING)
def test_other_rules_leave_reading_back_to_the_weather(rule: str) -> None:
    assert habits_of(rule).verifies == "sometimes"
