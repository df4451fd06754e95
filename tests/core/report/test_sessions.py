from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.card.card import CardCost, CardOutcome, TraceCard
from clawtrace_core.model.event import SessionEnded
from clawtrace_core.model.session import Problem, SessionTree
from clawtrace_core.report.facts import outcome_text, problem_lines, session_facts
from clawtrace_core.report.sessions import Listed, Unreadable, remarks, sessions_table, short_names
from clawtrace_core.report.verified import Verified, verified, verified_lines

Sheet = tuple[SessionTree, TraceCard]
Draw = Callable[..., str]


def rows_of(sheet: Sheet) -> list[Listed | Unreadable]:
    tree, card = sheet
    partly = card.model_copy(
        update={"cost": CardCost(usd=Decimal("0.0100"), priced=3, calls=14, estimated=0), "outcome": None, "flags": []}
    )
    return [Listed(tree=tree, card=card), Listed(tree=tree, card=partly), Unreadable(session="broken", why="not JSON")]


def test_the_list_reads_well_on_eighty_columns(sheet: Sheet, draw: Draw) -> None:
    names = {sheet[0].id: "01JD8ZK3Q2"}
    drawn = draw(sessions_table(rows_of(sheet), names=names, width=80, zone=UTC))
    assert [line.rstrip() for line in drawn.splitlines()] == [
        "session     task        when         outcome        USD  tokens  calls  flags",
        "01JD8ZK3Q2  sheet-12    03-01 14:00  pass 1.0   $0.0873   50.9k  14/22      1",
        "01JD8ZK3Q2  sheet-12    03-01 14:00  -         $0.0100+   50.9k  14/22      -",
        "broken      unreadable",
    ]


def test_a_wide_terminal_shows_every_column_and_the_whole_id(sheet: Sheet, draw: Draw) -> None:
    drawn = draw(sessions_table(rows_of(sheet), names={}, width=120, zone=UTC), width=120)
    head, first = drawn.splitlines()[:2]
    assert head.split() == ["session", "task", "agent", "when", "outcome", "USD", "tokens", "calls", "flags", "time"]
    assert first.split()[:4] == ["01JD8ZK3Q2V4T6Y8B0C1D2E3F4", "sheet-12", "analyst", "2026-03-01"]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 110, 120, 200])
def test_the_list_is_never_wider_than_the_terminal(sheet: Sheet, draw: Draw, width: int) -> None:
    drawn = draw(sessions_table(rows_of(sheet), names={}, width=width, zone=UTC), width=width)
    assert all(len(line) <= width for line in drawn.splitlines())
    assert len(drawn.splitlines()) == 4


def test_what_the_marks_mean_is_said_when_they_are_there(sheet: Sheet) -> None:
    rows = rows_of(sheet)
    assert len(remarks(rows)) == 2
    assert remarks(rows[:1]) == []


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=6), unique=True))
def test_a_short_name_is_a_beginning_that_no_other_id_has_unless_it_is_the_whole_id(ids: list[str]) -> None:
    for name, short in short_names(ids, shortest=1).items():
        assert name.startswith(short)
        assert short == name or [other for other in ids if other.startswith(short)] == [name]


def test_the_facts_tell_what_is_not_known(make_card: Any, make_tree: Any, draw: Draw) -> None:
    cost = CardCost(usd=None, priced=0, calls=2, estimated=1, unpriced={"my-model": 2})
    card = make_card(cost=cost, outcome=None, status="interrupted", seconds=None)
    drawn = draw(session_facts(make_tree([]), card, zone=UTC), width=120)
    assert "unpriced, 0 of 2 calls priced, no price for my-model (2), 1 with estimated tokens" in drawn
    assert "not graded" in drawn
    assert "2026-03-01 14:00:00, -, interrupted" in drawn


def test_failed_checks_are_named() -> None:
    outcome = CardOutcome(success=False, score=Decimal("0.25"), oracle="cells", failed_checks=["B7", "C\x1b2"])
    assert outcome_text(outcome, long=True).plain == r"fail 0.25 by cells, failed: B7, C\x1b2"
    assert outcome_text(outcome).plain == "fail 0.25"


def test_many_problems_are_counted() -> None:
    assert [line.plain for line in problem_lines([f"p{n}" for n in range(9)])][-2:] == ["! p4", "! and 4 more"]


def test_a_torn_last_line_and_an_open_end_are_noted_and_not_broken(make_tree: Any, make_span: Any) -> None:
    torn = Problem(line=9, what="torn last line, dropped")
    found = verified(make_tree([make_span(1, None, "llm", "m")], ended=None, problems=(torn,)), [])
    assert found.ok
    assert len(found.notes) == 2


def test_a_lost_content_a_reversed_clock_and_a_false_sum_are_broken(make_tree: Any, make_span: Any) -> None:
    lost = Problem(line=3, what="span 1 refers to content abc, which is lost")
    tree = make_tree([make_span(1, None, "llm", "m", end_ns=1)], problems=(lost,), ended=SessionEnded(at_ns=1, lost=3))
    found = verified(tree, ["billed 1 is not caused 2"])
    assert not found.ok
    assert len(found.broken) == 3
    assert found.notes == ("3 signals could not be recorded while it ran",)


def test_a_broken_session_lists_its_first_problems_and_counts_the_rest(draw: Draw) -> None:
    found = Verified(session="s\x1b", broken=tuple(f"line {n}: bad" for n in range(1, 9)), spans=1)
    drawn = draw(*verified_lines(found)).splitlines()
    assert drawn[0] == r"BAD  s\x1b  1 span"
    assert drawn[-1].strip() == "and 3 more; --all lists them"
    assert len(draw(*verified_lines(found, everything=True)).splitlines()) == 9
