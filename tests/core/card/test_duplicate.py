"""`duplicate`: what it finds, and the traps it must not fall into."""

from collections.abc import Callable
from typing import Any

import pytest

from clawtrace_core.card import Flag, compile_card
from clawtrace_core.model.content import ContentList
from clawtrace_core.model.session import SessionTree

LONG = "quarter revenue region north south " * 5
READ = ("read_file", {"path": "a.xlsx"}, LONG)


@pytest.fixture
def flags(rates: Any, count: Any) -> Callable[[SessionTree], list[Flag]]:
    return lambda tree: compile_card(tree, price=rates, count=count).flags


def test_the_same_read_again_is_flagged_with_its_proof(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ)
    talk.turn(("list_dir", {"path": "."}, "a.xlsx"))
    talk.turn(READ)
    talk.turn(READ)
    [flag] = flags(talk.finish())
    assert (flag.kind, flag.of, flag.steps) == ("duplicate", 2, [6, 8])
    assert flag.why == "same arguments and result as step 2; only reads in between"
    assert flag.evidence["first"] == 2
    assert flag.evidence["copies"] == [6, 8]
    assert flag.evidence["between"] == ["4 list_dir (read)"]
    assert flag.evidence["args_id"]
    assert flag.evidence["result_digest"]
    assert flag.saves is not None
    assert flag.saves > 0


def test_the_same_read_asked_twice_in_one_turn_is_flagged(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ, READ)
    assert [flag.steps for flag in flags(talk.finish())] == [[3]]


def test_a_tool_of_unknown_effect_is_flagged_on_a_telling_result(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(("sales_report", {"year": 2025}, LONG))
    talk.turn(("sales_report", {"year": 2025}, LONG))
    assert len(flags(talk.finish())) == 1


def test_a_tool_declared_a_read_is_flagged_whatever_its_name(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(("run_sql", {"q": "select 1"}, "1"), attributes={"effect": "read"})
    talk.turn(("run_sql", {"q": "select 1"}, "1"), attributes={"effect": "read"})
    assert len(flags(talk.finish())) == 1


@pytest.mark.parametrize(
    "name", ["write_file", "sendEmail", "book_flight", "python", "run-query", "delete", "get_or_create", "AppendRow"]
)
def test_a_call_that_may_write_is_never_flagged(name: str, chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn((name, {"to": "x"}, LONG))
    talk.turn((name, {"to": "x"}, LONG))
    assert flags(talk.finish()) == []


def test_a_read_declared_a_write_is_not_flagged(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ, attributes={"effect": "write"})
    talk.turn(READ, attributes={"effect": "write"})
    assert flags(talk.finish()) == []


@pytest.mark.parametrize("result", ["ok", "Done.", "", "true", "success!"])
def test_an_unknown_tool_with_a_result_that_says_nothing_is_not_flagged(result: str, chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(("frobnicate", {"x": 1}, result))
    talk.turn(("frobnicate", {"x": 1}, result))
    assert flags(talk.finish()) == []


@pytest.mark.parametrize("between", ["write_file", "frobnicate", "python"])
def test_a_read_after_something_that_may_have_changed_it_is_not_flagged(between: str, chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ)
    talk.turn((between, {"x": 1}, "ok"))
    talk.turn(READ)
    assert flags(talk.finish()) == []


def test_copies_on_either_side_of_a_write_are_judged_apart(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ)
    talk.turn(READ)
    talk.turn(("write_file", {"x": 1}, "ok"))
    talk.turn(READ)
    talk.turn(READ)
    assert sorted((flag.of, *flag.steps) for flag in flags(talk.finish())) == [(2, 4), (8, 10)]


def test_a_write_still_running_between_the_copies_blocks_them(chat: Any, flags: Any) -> None:
    talk = chat()
    running = talk.talk.start("tool", "write_file", talk.root, input=ContentList(add=(talk.talk.arguments({"x": 1}),)))
    talk.turn(READ)
    talk.turn(READ)
    talk.talk.end(running)
    assert flags(talk.finish()) == []


def test_a_poll_whose_answer_changes_is_not_flagged(chat: Any, flags: Any) -> None:
    talk = chat()
    for answer in (LONG + "pending", LONG + "pending", LONG + "done"):
        talk.turn(("get_job", {"id": 7}, answer))
    assert flags(talk.finish()) == []


@pytest.mark.parametrize("name", ["check_status", "poll", "wait_for_job", "get_current_time", "run_tests", "verify"])
def test_clocks_polls_and_checks_may_be_asked_again(name: str, chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn((name, {"id": 7}, LONG))
    talk.turn((name, {"id": 7}, LONG))
    assert flags(talk.finish()) == []


def test_different_arguments_or_results_are_not_flagged(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ)
    talk.turn(("read_file", {"path": "b.xlsx"}, LONG))
    talk.turn(("read_file", {"path": "c.xlsx"}, LONG + "x"))
    talk.turn(("read_file", {"path": "c.xlsx"}, LONG + "y"))
    assert flags(talk.finish()) == []


def test_a_call_that_failed_before_is_a_retry_and_not_a_duplicate(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(("read_file", {"path": "a.xlsx"}, LONG), status="error")
    talk.turn(("read_file", {"path": "a.xlsx"}, LONG), wrong=True)
    talk.turn(READ)
    assert flags(talk.finish()) == []


def test_a_result_the_model_no_longer_had_may_be_read_again(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ)
    talk.history[2:] = [talk.talk.says("user", "Summary of the work so far.")]
    talk.last, talk.told = None, 0
    talk.turn(READ)
    assert flags(talk.finish()) == []


def test_a_sub_agent_may_read_what_its_parent_read(talk: Any, flags: Any) -> None:
    root = talk.start("agent", "boss")
    question = talk.says("user", "find it")
    talk.llm(ContentList(add=(question,)), talk.asks(("c1", "read_file", {"p": 1})), parent=root)
    talk.tool("read_file", "c1", {"p": 1}, LONG, parent=root)
    inner = talk.start("agent", "scout", root)
    talk.llm(ContentList(add=(question,)), talk.asks(("c2", "read_file", {"p": 1})), parent=inner)
    talk.tool("read_file", "c2", {"p": 1}, LONG, parent=inner)
    talk.end(inner)
    talk.end(root)
    assert flags(talk.tree()) == []


def test_a_retry_of_one_and_the_same_tool_call_is_not_flagged(talk: Any, flags: Any) -> None:
    root = talk.start("agent", "boss")
    question = talk.says("user", "find it")
    asked = talk.asks(("c1", "read_file", {"p": 1}))
    talk.llm(ContentList(add=(question,)), asked, parent=root)
    talk.tool("read_file", "c1", {"p": 1}, LONG, parent=root)
    talk.tool("read_file", "c1", {"p": 1}, LONG, parent=root)
    talk.end(root)
    assert flags(talk.tree()) == []


def test_duplicates_are_found_without_any_text(chat: Any, flags: Any) -> None:
    talk = chat()
    talk.turn(READ)
    talk.turn(READ)
    tree = talk.finish()
    bare = {key: _bodiless(content) for key, content in tree.contents.items()}
    [flag] = flags(_with(tree, contents=bare))
    assert flag.steps == [4]
    assert flag.saves is not None
    assert flag.saves > 0


def _bodiless(content: Any) -> Any:
    return _with(content, body=None)


def _with(value: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(value, **changes)
