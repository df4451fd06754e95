"""What a framework may hand over that no file can hold, and secrets in places where none belong."""

from typing import Any

import pytest

from clawtrace_core.capture import Draft, Recorder, Settings, redact_secrets
from clawtrace_core.model.event import Failure, Request, Response, SessionStarted
from clawtrace_core.model.session import SessionTree, read_tree
from clawtrace_core.testing import ListSink, events_of

KEY = "sk-ant-api03-AbCdEf1234567890AbCdEf"


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Shut(dict[str, int]):
    def items(self) -> Any:
        raise RuntimeError("no items")


def tree_of(sink: ListSink) -> SessionTree:
    return read_tree(enumerate(events_of(sink), 1), session="s")


@pytest.mark.parametrize("policy", ["full", "clipped", "digest", "none"])
@pytest.mark.parametrize("value", [Mute(), {"x": Mute()}, {Mute(): 1}, Shut(a=1), {"k\ud800": 1}, 10**400])
def test_a_value_without_words_costs_no_span(value: object, policy: Any) -> None:
    sink = ListSink()
    recorder = Recorder(sink, SessionStarted(session="s", at_ns=1), settings=Settings(content=policy, strict=True))
    recorder.started("llm", kind="llm", name="m", input=[Draft("user", value)], attributes={"a": value})
    recorder.remarked("note", key="llm", attributes={"a": value})
    recorder.started("tool", kind="tool", name="t", parent="llm", input=[Draft("arguments", value)])
    recorder.ended("tool", output=[Draft("tool", value)], response=Response(raw_usage=value))
    recorder.ended("llm")
    recorder.close()

    tree = tree_of(sink)
    assert recorder.lost == 0
    assert not tree.problems
    assert [(span.status, span.parent) for span in tree.spans] == [("ok", None), ("ok", 1)]


@pytest.mark.parametrize("word", ["x\ud800y", 10**400, b"x", Mute(), ["l"], float("nan")])
def test_a_name_that_is_no_text_costs_no_span(word: Any) -> None:
    sink = ListSink()
    recorder = Recorder(sink, SessionStarted(session="s", at_ns=1, task=word), settings=Settings(strict=True))
    recorder.started(
        "a",
        kind=word,
        name=word,
        tool_call=word,
        input=[Draft(word, "hi", word)],
        request=Request(model=word, provider=word, host=word, tier=word, extra={"e": word}),
    )
    recorder.remarked(word, key="a")
    recorder.ended(
        "a",
        status=word,
        response=Response(id=word, model=word, provider=word, tier=word, finish=(word,), extra={"e": word}),
        failure=Failure(type=word, message=word, extra={"e": word}),
    )
    recorder.close()

    tree = tree_of(sink)
    assert recorder.lost == 0
    assert not tree.problems
    assert len(tree.spans) == 1


@pytest.mark.parametrize("policy", ["full", "clipped", "digest", "none"])
def test_a_secret_is_taken_out_of_every_field(policy: Any) -> None:
    sink = ListSink()
    opening = SessionStarted(session="s", at_ns=1, task=KEY, user=KEY, agent=KEY, framework=KEY, attributes={KEY: 1})
    recorder = Recorder(sink, opening, settings=Settings(content=policy))
    recorder.started(
        "a",
        kind="llm",
        name=f"call {KEY}",
        tool_call=KEY,
        input=[Draft("user", {KEY: KEY}, KEY)],
        request=Request(model=KEY, provider=KEY, host=KEY, tier=KEY, params={KEY: 1}, extra={"e": KEY}),
        attributes={KEY: 1},
    )
    recorder.remarked(f"note {KEY}", key="a", attributes={KEY: 1})
    recorder.ended(
        "a",
        response=Response(id=KEY, model=KEY, finish=(KEY,), raw_usage={KEY: KEY}, extra={"e": KEY}),
        failure=Failure(type=KEY, message=KEY, extra={"e": KEY}),
    )
    recorder.close()

    assert KEY.encode() not in b"".join(sink.batches)


@pytest.mark.parametrize("policy", ["digest", "none"])
def test_raw_usage_and_extras_hold_no_text_where_none_is_kept(policy: Any) -> None:
    sink = ListSink()
    recorder = Recorder(sink, SessionStarted(session="s", at_ns=1), settings=Settings(content=policy))
    recorder.started("a", kind="llm", name="m", request=Request(extra={"e": "Meerschweinchen"}))
    told = {"note": "Meerschweinchen", "input_tokens": 7}
    failure = Failure(type="E", extra={"e": "Meerschweinchen"})
    recorder.ended("a", response=Response(raw_usage=told, extra={"e": "Meerschweinchen"}), failure=failure)
    recorder.close()

    assert b"Meerschweinchen" not in b"".join(sink.batches)
    response = tree_of(sink).spans[0].response
    assert response is not None
    assert response.raw_usage["input_tokens"] == 7


def test_a_field_with_the_name_of_a_secret_hides_lists_and_numbers_and_leaves_schemas() -> None:
    sink = ListSink()
    body = {
        "password": ["hunter2"],
        "api_key": 12345678,
        "properties": {"password": {"type": "string"}},
        "secret": True,
    }
    recorder = Recorder(sink, SessionStarted(session="s", at_ns=1))
    recorder.started("a", kind="tool", name="t", input=[Draft("arguments", body)])
    recorder.close()

    (content,) = tree_of(sink).contents.values()
    assert content.body == {
        "password": ["[redacted:secret]"],
        "api_key": "[redacted:secret]",
        "properties": {"password": {"type": "string"}},
        "secret": True,
    }


@pytest.mark.parametrize("begin", ["gsk_", "xai-", "pplx-", "npm_", "lsv2_pt_", "dop_v1_"])
def test_keys_of_more_providers_are_replaced_and_words_that_begin_alike_are_not(begin: str) -> None:
    key = begin + "0123456789abcdef" * 2

    assert redact_secrets(f"use {key} here") == "use [redacted:api_key] here"
    assert redact_secrets(f"the {begin}settings of 2026") == f"the {begin}settings of 2026"
