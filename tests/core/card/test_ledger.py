"""Who pays for what: input 2, cache read 0.2, cache write 2.5, output 8 USD per million; a token a word."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from clawtrace_core.card import build_ledger, verify_ledger
from clawtrace_core.model.content import ContentList
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage

MICRO = Decimal("0.000001")
TEN = "a b c d e f g h i j"
ZERO = Decimal(0)


def test_a_tool_result_is_charged_to_its_tool_call_by_every_later_reader(chat: Any, rates: Any, count: Any) -> None:
    talk = chat(system=TEN, user=TEN)
    talk.think(talk.talk.asks(("c1", "look", 1)), usage=Usage(input=20, output=3))
    tool = talk.talk.tool("look", "c1", 1, TEN, parent=talk.root)
    talk.history.append(talk.talk.answers("c1", TEN))
    talk.think(talk.talk.says("assistant", "well then"), usage=Usage(input=31, output=2))
    talk.think(talk.talk.says("assistant", "done"), usage=Usage(input=33, output=1))
    ledger = build_ledger(talk.talk.tree(), price=rates, count=count)
    assert ledger.steps[tool].usd == 2 * 10 * 2 * MICRO
    first, _, second, third = ledger.steps.values()
    assert (first.own, first.reread) == (3 * 8 * MICRO, 2 * 2 * MICRO)
    assert (second.own, second.reread) == (2 * 8 * MICRO, 2 * 2 * MICRO)
    assert (third.own, third.reread) == (8 * MICRO, 0)
    assert ledger.base == 3 * 20 * 2 * MICRO


def test_cache_reads_cover_the_longest_prefix_then_writes_then_the_rest(talk: Any, rates: Any, count: Any) -> None:
    system, result = talk.says("system", TEN), talk.answers("c1", f"{TEN} {TEN}")
    tool = talk.tool("look", "c1", 1, f"{TEN} {TEN}")
    message = talk.says("assistant", TEN)
    first = talk.llm(ContentList(add=(system,)), message, usage=Usage(input=10, output=0))
    usage = Usage(input=40, output=0, cache_read=15, cache_write_5m=10)
    talk.llm(ContentList(add=(system, result, message)), usage=usage)
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    # The result: 5 tokens read from the cache, 10 written to it, 5 uncached. The message: 10 uncached.
    assert ledger.steps[tool].reread == (5 * Decimal("0.2") + 10 * Decimal("2.5") + 5 * 2) * MICRO
    assert ledger.steps[first].reread == 10 * 2 * MICRO


def test_tool_schemas_stand_first_and_belong_to_base(talk: Any, rates: Any, count: Any) -> None:
    tool = talk.tool("look", "c1", 1, TEN)
    tools = talk.keep("tools", "", TEN)
    usage = Usage(input=20, output=0, cache_read=10)
    talk.llm(ContentList(add=(talk.answers("c1", TEN),)), usage=usage, tools=tools)
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.base == 10 * Decimal("0.2") * MICRO
    assert ledger.steps[tool].reread == 10 * 2 * MICRO


def test_counted_tokens_are_scaled_to_what_the_provider_reported(talk: Any, rates: Any, count: Any) -> None:
    tool = talk.tool("look", "c1", 1, TEN)
    system = talk.says("system", f"{TEN} {TEN} {TEN}")
    talk.llm(ContentList(add=(system, talk.answers("c1", TEN))), usage=Usage(input=400, output=0))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.steps[tool].reread == 100 * 2 * MICRO


def test_when_no_contents_are_known_the_input_is_base(talk: Any, rates: Any, count: Any) -> None:
    talk.llm(ContentList(), usage=Usage(input=100, output=10))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert (ledger.base, ledger.billed) == (200 * MICRO, 280 * MICRO)


def test_a_message_the_framework_rewrote_still_finds_its_call(talk: Any, rates: Any, count: Any) -> None:
    call = talk.llm(ContentList(), talk.asks(("c1", "look", 1)), usage=Usage(input=1, output=1))
    plain = talk.llm(ContentList(), talk.says("assistant", TEN), usage=Usage(input=1, output=1))
    tool = talk.tool("look", "c1", 1, "raw")
    named = {"role": "assistant", "text": "", "name": "boss", "tool_calls": [{"id": "c1", "name": "look", "args": 1}]}
    asked = talk.keep("assistant", "", named)
    said = talk.keep("assistant", TEN, {"role": "assistant", "text": TEN, "name": "boss"})
    result = talk.answers("c1", "cut short by a middleware")
    talk.llm(ContentList(add=(asked, said, result)), usage=Usage(input=100, output=0))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert all(ledger.steps[span].reread > 0 for span in (call, plain, tool))
    assert ledger.base == 4 * MICRO


def test_an_answer_is_the_calls_inside_a_sub_agent_and_the_spawns_outside(talk: Any, rates: Any, count: Any) -> None:
    root = talk.start("agent", "boss")
    inner = talk.start("agent", "scout", root)
    answer = talk.says("assistant", TEN)
    call = talk.llm(ContentList(), answer, parent=inner, usage=Usage(input=0, output=0))
    talk.llm(ContentList(add=(answer,)), parent=inner, usage=Usage(input=10, output=0))
    talk.end(inner, answer)
    talk.llm(ContentList(add=(answer,)), parent=root, usage=Usage(input=10, output=0), model="n")
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.steps[call].reread == 10 * 2 * MICRO
    assert ledger.steps[inner].reread == 10 * 3 * MICRO
    assert root not in ledger.steps


def test_a_content_produced_twice_belongs_to_the_latest_before_the_call(talk: Any, rates: Any, count: Any) -> None:
    same = talk.says("assistant", TEN)
    first = talk.llm(ContentList(), same, usage=Usage(input=0, output=0))
    reader = talk.llm(ContentList(add=(same,)), usage=Usage(input=10, output=0))
    second = talk.llm(ContentList(), same, usage=Usage(input=0, output=0))
    talk.llm(ContentList(add=(same,), base=reader, keep=1), usage=Usage(input=20, output=0))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.steps[first].reread == (10 + 10) * 2 * MICRO
    assert ledger.steps[second].reread == 10 * 2 * MICRO


def test_an_answer_from_the_frameworks_cache_is_not_billed(talk: Any, rates: Any, count: Any) -> None:
    span = talk.llm(ContentList(), talk.says("assistant", "hi"), usage=Usage(input=99, output=9), cached=True)
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.calls == ()
    assert (ledger.steps[span].billed, ledger.steps[span].usd, ledger.steps[span].unknown) == (0, 0, False)


@pytest.mark.parametrize("usage", [None, Usage(), Usage(input=30), Usage(output=10)])
def test_usage_that_was_not_told_is_worked_out_and_marked(
    usage: Usage | None, talk: Any, rates: Any, count: Any
) -> None:
    tools = talk.keep("tools", "", TEN)
    talk.llm(
        ContentList(add=(talk.says("user", f"{TEN} {TEN}"),)), talk.says("assistant", TEN), usage=usage, tools=tools
    )
    [call] = build_ledger(talk.tree(), price=rates, count=count).calls
    assert call.estimated
    assert call.usage is not None
    assert (call.usage.input, call.usage.output) == (30, 10)
    assert call.billed == (30 * 2 + 10 * 8) * MICRO


def test_usage_that_cannot_be_worked_out_is_unpriced_not_zero(talk: Any, rates: Any, count: Any) -> None:
    talk.llm(ContentList(), usage=None)
    [call] = build_ledger(talk.tree(), price=rates, count=count).calls
    assert (call.billed, call.usage) == (None, None)


@pytest.mark.parametrize(
    ("status", "output", "usage", "billed", "lost"),
    [
        ("error", False, None, 0, 1),
        ("error", False, Usage(input=10, output=1), 1, 0),
        ("cancelled", True, None, 1, 0),
        ("cancelled", False, None, 0, 1),
        ("error", True, None, 1, 0),
    ],
)
def test_a_call_that_broke_off_is_billed_only_if_something_came_of_it(
    status: str, output: bool, usage: Usage | None, billed: int, lost: int, talk: Any, rates: Any, count: Any
) -> None:
    said = [talk.says("assistant", "half an ans")] if output else []
    span = talk.start("llm", "chat", input=ContentList(add=(talk.says("user", TEN),)), request=Request(model="m"))
    response = Response(model="m", usage=usage) if usage is not None else None
    talk.end(span, *said, status=status, response=response, failure=Failure(type="Timeout"))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert (len(ledger.calls), ledger.lost) == (billed, lost)
    assert ledger.steps[span].unknown == bool(lost)


def test_each_attempt_is_a_call_of_its_own(talk: Any, rates: Any, count: Any) -> None:
    for attempt in (1, 2):
        span = talk.start("llm", "chat", request=Request(model="m", attempt=attempt))
        talk.end(span, response=Response(model="m", usage=Usage(input=10, output=1)))
    assert build_ledger(talk.tree(), price=rates, count=count).billed == 2 * 28 * MICRO


def test_an_embedding_pays_for_itself(talk: Any, rates: Any, count: Any) -> None:
    tool = talk.tool("look", "c1", 1, TEN)
    given = ContentList(add=(talk.answers("c1", TEN),))
    span = talk.start("embedding", "embed", input=given, request=Request(model="m"))
    talk.end(span, response=Response(model="m", usage=Usage(input=10)))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert (ledger.steps[span].own, ledger.steps[tool].reread, ledger.base) == (20 * MICRO, 0, 0)
    assert not ledger.calls[0].estimated


def test_a_step_read_only_by_a_call_without_a_price_is_not_known_to_cost_nothing(
    talk: Any, rates: Any, count: Any
) -> None:
    tool = talk.tool("look", "c1", 1, TEN)
    call = talk.llm(ContentList(add=(talk.answers("c1", TEN),)), usage=Usage(input=10, output=0), model="mystery")
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.steps[tool].unknown
    assert ledger.steps[call].unknown
    assert ledger.billed == 0
    assert verify_ledger(ledger) == []


def test_the_law_holds_at_any_precision(talk: Any, rates: Any, count: Any) -> None:
    class Fine:
        def price(self, **call: Any) -> Any:
            fine = Decimal("0.1234567890123456789012345678901234567891")
            return replace(rates.price(**call), usd=fine, uncached=fine, output=ZERO)

    tool = talk.tool("look", "c1", 1, TEN)
    given = ContentList(add=(talk.says("user", "so"), talk.answers("c1", TEN)))
    talk.llm(given, usage=Usage(input=11, output=1))
    ledger = build_ledger(talk.tree(), price=Fine(), count=count)
    assert verify_ledger(ledger) == []
    assert ledger.billed == Decimal("0.1234567890123456789012345678901234567891")
    assert abs(ledger.steps[tool].reread - ledger.billed * 10 / 11) < Decimal("1e-25")


def test_counts_in_conflict_are_kept_and_shown(talk: Any, rates: Any, count: Any) -> None:
    told = Usage(input=10, output=1, cache_read=90, cache_write_5m=5, conflicts=("cache_read 90 > input 10",))
    talk.llm(ContentList(add=(talk.says("user", TEN),)), usage=told)
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert verify_ledger(ledger) == []
    assert ledger.calls[0].problems == ("cache_read 90 > input 10",)


def test_an_extended_input_whose_base_is_lost_keeps_its_own_part(talk: Any, rates: Any, count: Any) -> None:
    tool = talk.tool("look", "c1", 1, TEN)
    talk.llm(ContentList(add=(talk.answers("c1", TEN),), base=77, keep=5), usage=Usage(input=10, output=0))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    assert ledger.steps[tool].reread == 20 * MICRO


def test_verify_tells_what_does_not_add_up(talk: Any, rates: Any, count: Any) -> None:
    talk.llm(ContentList(), usage=Usage(input=10, output=0))
    ledger = build_ledger(talk.tree(), price=rates, count=count)
    wrong = replace(ledger, base=ledger.base + 1, billed=ledger.billed + 2)
    assert len(verify_ledger(wrong)) == 2
    assert "2.00002" in verify_ledger(wrong)[0]
