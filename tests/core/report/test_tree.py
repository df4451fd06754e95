from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from clawtrace_core.card.card import Step, TraceCard
from clawtrace_core.model.session import SessionTree
from clawtrace_core.report.outline import LONG, Fold, Line, fold, outline
from clawtrace_core.report.tree import failure_lines, flag_lines, span_tree

Sheet = tuple[SessionTree, TraceCard]
Draw = Callable[..., str]


def test_the_tree_reads_well_on_eighty_columns(sheet: Sheet, draw: Draw) -> None:
    drawn = draw(span_tree(*sheet, width=80))
    assert [line.rstrip() for line in drawn.splitlines()] == [
        "step                                                caused  tokens   time  flags",
        "agent analyst                                                       1.0 s",
        "├─ 1 llm gpt-5.4                                   $0.0119     812  1.0 s",
        "├─ 2 tool read_file path=sales.xlsx                $0.0214   9\u202f120  1.0 s",
        "├─ 3 tool read_file path=sales.xlsx                $0.0188   9\u202f120  1.0 s  f1",
        "├─ 4 agent researcher                             $0.00030     120  1.0 s",
        "│  ├─ 5 llm gpt-5.4                                $0.0153      96  1.0 s",
        "│  └─ 6 tool search failed: ValueError: no su…  $0.0000021      14  1.0 s",
        "└─ 7 llm gpt-5.4 interrupted                      unpriced              -",
    ]


def test_a_wide_terminal_shows_what_was_billed_too(sheet: Sheet, draw: Draw) -> None:
    drawn = draw(span_tree(*sheet, width=120), width=120)
    assert "billed" in drawn
    assert "Σ $0.0150" in drawn


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(sheet: Sheet, draw: Draw, width: int) -> None:
    drawn = draw(span_tree(*sheet, width=width), width=width)
    assert all(len(line) <= width for line in drawn.splitlines())
    assert len(drawn.splitlines()) == 9


def test_chains_are_left_out_unless_everything_is_asked_for(sheet: Sheet, draw: Draw) -> None:
    assert "chain" not in draw(span_tree(*sheet, width=80))
    assert draw(span_tree(*sheet, width=80, everything=True)).count("chain") == 2


def test_a_chain_that_failed_on_its_own_account_is_shown(make_span: Any, make_tree: Any, make_card: Any) -> None:
    spans = [
        make_span(1, None, "chain", "graph", status="error"),
        make_span(2, 1, "chain", "parser", status="error"),
        make_span(3, 1, "llm", "m"),
    ]
    shown = outline(make_tree(spans), make_card(steps=[Step(n=1, span=3, kind="llm", name="m")]))
    assert [line.span.name for line in shown] == ["parser", "m"]


def test_a_session_of_chains_alone_is_not_empty(make_span: Any, make_tree: Any, make_card: Any) -> None:
    assert len(outline(make_tree([make_span(1, None, "chain", "graph")]), make_card())) == 1


def test_a_child_whose_parent_is_folded_into_a_chain_hangs_on_the_next_one_up(sheet: Sheet) -> None:
    depths = {line.span.id: line.depth for line in outline(*sheet)}
    assert depths == {1: 0, 3: 1, 5: 1, 6: 1, 7: 1, 8: 2, 9: 2, 10: 1}


HOSTILE = "\x1b[31m[red]x[/red]\a\n\u202eexe"


def test_nothing_a_session_holds_reaches_the_terminal_raw(
    make_span: Any, make_tree: Any, make_card: Any, draw: Draw
) -> None:
    spans = [make_span(1, None, HOSTILE, HOSTILE, status=HOSTILE), make_span(2, 1, "tool", HOSTILE)]
    card = make_card(steps=[Step(n=1, span=2, kind="tool", name=HOSTILE, args=HOSTILE, flags=[HOSTILE])])
    drawn = draw(span_tree(make_tree(spans), card, width=300), width=300)
    assert len(drawn.splitlines()) == 3
    assert r"\x1b[31m[red]x[/red]\x07\n\u202eexe" in drawn
    assert not set(drawn) & set("\x1b\a\u202e")


def test_what_failed_is_told_in_full_below_the_tree(sheet: Sheet, draw: Draw) -> None:
    assert draw(*failure_lines(*sheet)) == "x step 6 search failed: ValueError: no such sheet\n"


def test_many_failures_are_counted(make_span: Any, make_tree: Any, make_card: Any) -> None:
    spans = [make_span(n, None, "tool", f"t{n}", status="error") for n in range(1, 9)]
    steps = [Step(n=n, span=n, kind="tool", name=f"t{n}", failed=True) for n in range(1, 9)]
    lines = [line.plain for line in failure_lines(make_tree(spans), make_card(steps=steps))]
    assert lines[0] == "x step 1 t1 failed"
    assert lines[-1] == "x and 3 more failed"


def test_a_flag_is_one_sentence(sheet: Sheet, draw: Draw) -> None:
    drawn = draw(*flag_lines(sheet[1].flags), width=120)
    assert drawn == "f1 duplicate step 3 (needless beside 2), would save $0.0188: same args and result\n"


def long_session(make_span: Any, make_tree: Any, make_card: Any, calls: int) -> Sheet:
    spans = [make_span(1, None, "agent", "root")]
    spans += [make_span(n, 1, "tool", f"t{n}") for n in range(2, calls + 2)]
    steps = [
        Step(n=n - 1, span=n, kind="tool", name=f"t{n}", usd=Decimal(n % 97) / 1000, flags=["f1"] if n == 500 else [])
        for n in range(2, calls + 2)
    ]
    return make_tree(spans), make_card(steps=steps)


def test_a_long_session_is_folded_and_its_money_is_still_all_there(
    make_span: Any, make_tree: Any, make_card: Any, draw: Draw
) -> None:
    tree, card = long_session(make_span, make_tree, make_card, 1000)
    rows = fold(outline(tree, card))
    assert len(rows) < 2 * LONG
    shown = {row.span.id for row in rows if isinstance(row, Line)}
    assert {1, 2, 500, 1001} <= shown
    folded = [row for row in rows if isinstance(row, Fold)]
    assert sum(row.lines for row in folded) + len(shown) == 1001
    seen = sum(row.step.usd or 0 for row in rows if isinstance(row, Line) and row.step)
    assert seen + sum(row.usd or 0 for row in folded) == sum(step.usd or 0 for step in card.steps)
    assert " more, --all shows them" in draw(span_tree(tree, card, width=80))
    assert len(draw(span_tree(tree, card, width=80, everything=True)).splitlines()) == 1002


def test_a_session_as_deep_as_it_is_long_is_drawn(make_span: Any, make_tree: Any, make_card: Any, draw: Draw) -> None:
    spans = [make_span(n, n - 1 or None, "agent", f"a{n}") for n in range(1, 3001)]
    tree, card = make_tree(spans), make_card()
    assert len(outline(tree, card)) == 3000
    lines = draw(span_tree(tree, card, width=80, everything=True)).splitlines()
    assert lines[3000].startswith("…2989 ")
    assert all(len(line) <= 80 for line in lines)


def test_a_deep_step_worth_seeing_keeps_its_ancestors(make_span: Any, make_tree: Any, make_card: Any) -> None:
    spans = [make_span(1, None, "agent", "root")]
    for n in range(2, 302, 3):
        spans += [make_span(n, 1, "agent", f"a{n}"), make_span(n + 1, n, "tool", "t"), make_span(n + 2, n, "tool", "u")]
    steps = [Step(n=1, span=151, kind="tool", name="t", usd=Decimal(1))]
    shown = [row.span.id for row in fold(outline(make_tree(spans), make_card(steps=steps))) if isinstance(row, Line)]
    assert {149, 151} <= set(shown)
