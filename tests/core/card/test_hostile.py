"""Whatever a session file holds, a card comes of it: no crash, the law kept, the budget kept."""

from typing import Any

import jsonschema
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clawtrace_core.card import build_ledger, card_schema, compile_card, read_card, verify_ledger
from clawtrace_core.model.content import Content, ContentList
from clawtrace_core.model.event import (
    ContentStored,
    Failure,
    Request,
    Response,
    SessionEnded,
    SessionStarted,
    SpanEnded,
    SpanStarted,
)
from clawtrace_core.model.session import read_tree
from clawtrace_core.model.usage import Usage

VALIDATOR = jsonschema.Draft202012Validator(card_schema())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
calls = st.fixed_dictionaries(
    {}, optional={"id": json_values, "name": json_values, "args": json_values, "type": st.just("tool_call")}
)
bodies = json_values | st.fixed_dictionaries(
    {"role": st.sampled_from(["assistant", "tool", "user"]) | json_values},
    optional={
        "text": json_values,
        "parts": json_values | st.lists(st.fixed_dictionaries({"type": st.text(max_size=5) | st.just("image")})),
        "tool_calls": json_values | st.lists(calls, max_size=3),
        "status": st.just("error") | json_values,
    },
)
ids = st.sampled_from("abcdefgh")
contents = st.builds(
    ContentStored,
    content=st.builds(
        Content,
        id=ids,
        role=st.sampled_from(["system", "user", "assistant", "tool", "arguments", "tools", "payload", "odd"]),
        size=st.integers(-5, 10**6),
        digest=st.none() | ids,
        body=bodies,
        clipped=st.booleans(),
        tool_call=st.none() | ids,
    ),
)
counts = st.none() | st.integers(-10, 10**7)
usages = st.none() | st.builds(
    Usage, input=counts, output=counts, cache_read=st.integers(-5, 10**6), cache_write_1h=st.integers(0, 10**6)
)
kinds = st.sampled_from(["agent", "llm", "tool", "retriever", "embedding", "chain", "odd"])
starts = st.builds(
    SpanStarted,
    span=st.integers(0, 9),
    parent=st.none() | st.integers(0, 9),
    kind=kinds,
    name=st.sampled_from(["read_file", "write_file", "odd", ""]) | st.text(max_size=9),
    at_ns=st.integers(0, 99),
    input=st.builds(
        ContentList,
        add=st.lists(ids, max_size=3).map(tuple),
        base=st.none() | st.integers(0, 9),
        keep=st.integers(-2, 5),
    ),
    tool_call=st.none() | ids,
    request=st.none()
    | st.builds(
        Request, model=st.none() | st.sampled_from(["m", "n", "x"]), tools=st.none() | ids, attempt=st.integers()
    ),
    attributes=st.dictionaries(st.just("effect"), json_values, max_size=1),
)
ends = st.builds(
    SpanEnded,
    span=st.integers(0, 9),
    at_ns=st.integers(0, 99),
    status=st.sampled_from(["ok", "error", "cancelled", "paused", "odd"]),
    output=st.lists(ids, max_size=2).map(tuple),
    response=st.none() | st.builds(Response, model=st.none() | st.sampled_from(["m", "n"]), usage=usages),
    failure=st.none() | st.builds(Failure, type=st.just("Boom")),
)
sessions = st.lists(contents | starts | starts | ends | ends, max_size=40)


@settings(max_examples=250, deadline=None)
@given(events=sessions, closed=st.booleans())
def test_any_session_gives_a_card_that_adds_up(events: list[Any], closed: bool, rates: Any, count: Any) -> None:
    end = [SessionEnded(at_ns=100)] if closed else []
    rows = list(enumerate([SessionStarted(session="s1", at_ns=3), *events, *end], start=1))
    tree = read_tree(rows, session="s1")
    assert verify_ledger(build_ledger(tree, price=rates, count=count)) == []
    card = compile_card(tree, price=rates, count=count)
    for budget in (None, 1536, 512):
        text = card.to_yaml(budget=budget)
        assert budget is None or len(text.encode()) <= budget
        VALIDATOR.validate(yaml.safe_load(text))
        read_card(text)
