"""The two repeating habits go when a sentence means it, and stay under every other sentence."""

import pytest
from examples.sheets.intents import habits_of

NO_REREADING = [
    "Do not read the same sheet twice.",
    "Never read a sheet again when nothing was written in between.",
    "Avoid re-reading a sheet whose rows you have already seen.",
    "Read each sheet only once.",
    "A second read of the same sheet is never needed.",
    "Reading a sheet more than once is wasteful.",
    "Don't open a sheet a second time; its rows are still in the conversation.",
    "Skip repeated reads of unchanged data.",
    "Work from the rows you have already read instead of fetching them again.",
    "Do not, under any circumstances, load the same worksheet twice.",
    "There is no need to fetch the data again before working out the value.",
    "Never call `read_sheet` again with the same arguments unless a write happened since.",
    "Read, then compute. Refrain from reopening a sheet you already looked at.",
    "Reuse the rows you already fetched.",
    "Before you compute, do not re-read the sheet.",
    "Never read, open or fetch the same sheet twice.",
    "The same sheet should never be read twice.",
    "One read of a sheet is enough.",
    "Once you have read a sheet, do not read it again.",
    "Stop pulling the same range over and over.",
    "If you have already read a sheet, don't read it again.",
    "You never need to read a sheet twice.",
    "Do not waste calls on reading data you already have.",
    "Each sheet should be read at most one time.",
    "Read a sheet one time only; after that work from memory.",
    "It is pointless to load a sheet again when nothing changed.",
    "Please stop reading the sheet again right before you calculate.",
    "A sheet that you have read need not be read again.",
    "Keep the rows you have read in mind rather than reading them anew.",
    "When the data is in the conversation already, don't fetch it again.",
    "No sheet is to be opened twice.",
    "Do not issue a second read_sheet for the same sheet.",
    "Only read a sheet again if it was changed.",
    "Never re-open a worksheet whose contents you've seen.",
    "Repeated reading of the same range must be avoided.",
    "Use the rows you got the first time.",
]
NO_RELISTING = [
    "Do not list the sheets twice.",
    "List the sheets only once.",
    "Never call list_sheets again; the names do not change.",
    "Listing the sheets a second time is pointless.",
    "Avoid repeated list_sheets calls.",
    "A second list_sheets is wasted money.",
    "Remember the sheet names instead of listing them again.",
    "There's no reason to list the worksheets more than once.",
    "Refrain from re-listing the tabs.",
    "Don't fetch the list of sheets again.",
    "Reuse the sheet names you already have.",
    "Listing the workbook's sheets once is enough.",
    "Never run list_sheets more than once.",
    "Do not look up the sheet names a second time.",
    "You have the sheet names already; do not list them again.",
    "list_sheets should be called only once.",
    "Don't call list_sheets twice in one task.",
]
NO_REPEATING = [
    "Avoid redundant reads.",
    "Do not repeat a tool call whose result you already have.",
    "Never make the same call twice.",
    "Reuse the result you already have instead of calling a tool again.",
    "Never call the same tool with the same arguments again.",
    "Duplicate tool calls are forbidden.",
    "Avoid calling a tool again with identical arguments when nothing has changed.",
    "Do not fetch anything twice.",
    "Use the output you already received; don't request it again.",
]
NEITHER = [
    "",
    "Never write to the same cell twice.",
    "Read the file again after an edit.",
    "Read the sheet twice before you write.",
    "Never skip the second read of a sheet.",
    "Do not avoid reading the sheet again.",
    "Do not answer before reading the sheet again.",
    "Never write a value without reading the sheet again.",
    "Do not reuse an old result; read the sheet again.",
    "Instead of trusting your memory, read the sheet again.",
    "Read the sheet again instead of guessing.",
    "Do not call write_cell twice for the same cell.",
    "Never ask the user the same question twice.",
    "Do not list the same item twice in your answer.",
    "Never open the same email twice.",
    "Do not read the task twice.",
    "Do not repeat yourself in the answer.",
    "Avoid opening with the same greeting again.",
    "Reuse the existing number formats.",
    "Use the values already in the sheet for the headings.",
    "You may read a sheet as often as you like.",
    "Read the sheet.",
    "Do not read hidden sheets.",
    "Never fill the same row twice.",
    "Read the sheet again and never trust your memory.",
    "If nothing changed, read the sheet again anyway.",
    "Do not call the customer twice.",
    "After you have written the value, do not read the sheet again.",
    "Answer in one short sentence.",
    "Don't forget to list the sheets again.",
    "Always double-check totals.",
    "Call `list_sheets` before `read_sheet`: without it the call fails and is made twice.",
    "A wrong call fails and is made again.",
]


@pytest.mark.parametrize("rule", NO_REREADING)
def test_a_rule_against_reading_twice_ends_that_habit_alone(rule: str) -> None:
    habits = habits_of(rule)
    assert not habits.rereads
    assert habits.relists
    assert habits.quotes_numbers
    assert habits.guesses


@pytest.mark.parametrize("rule", NO_RELISTING)
def test_a_rule_against_listing_twice_ends_that_habit_alone(rule: str) -> None:
    habits = habits_of(rule)
    assert not habits.relists
    assert habits.rereads
    assert habits.quotes_numbers


@pytest.mark.parametrize("rule", NO_REPEATING)
def test_a_rule_against_repeated_calls_ends_both_habits(rule: str) -> None:
    habits = habits_of(rule)
    assert not habits.rereads
    assert not habits.relists
    assert habits.guesses


@pytest.mark.parametrize("rule", NEITHER)
def test_other_and_contrary_rules_leave_both_habits(rule: str) -> None:
    habits = habits_of(rule)
    assert habits.rereads
    assert habits.relists


def test_the_later_of_two_rules_that_disagree_counts() -> None:
    assert habits_of("Never read a sheet twice. Always read the sheet again before you write.").rereads
    assert not habits_of("Always read the sheet again before you write. Never read a sheet twice.").rereads
