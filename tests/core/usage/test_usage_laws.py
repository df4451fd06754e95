"""Usage adds up like numbers do, conflicts are kept, and no payload can make the reader fail."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.model.usage import NO_USAGE, Usage
from clawtrace_core.model.usage_shapes import normalise_usage
from clawtrace_core.model.usage_table import SHAPES

COUNT = st.integers(0, 10**9)
MAYBE = st.none() | COUNT
USAGES = st.builds(
    Usage,
    input=MAYBE,
    output=MAYBE,
    cache_read=COUNT,
    cache_write_5m=COUNT,
    cache_write_1h=COUNT,
    cache_write_unknown=COUNT,
    reasoning=COUNT,
    input_audio=COUNT,
    output_audio=COUNT,
    estimated=st.booleans(),
    conflicts=st.lists(st.sampled_from(("a", "b", "c")), max_size=2).map(tuple),
)


@given(USAGES, USAGES, USAGES)
def test_addition_is_associative(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)


@given(USAGES, USAGES)
def test_addition_is_commutative_up_to_the_order_of_conflicts(a: Usage, b: Usage) -> None:
    one, other = a + b, b + a
    assert sorted(one.conflicts) == sorted(other.conflicts)
    assert repr(one).partition("conflicts")[0] == repr(other).partition("conflicts")[0]


@given(USAGES)
def test_no_usage_is_neutral(a: Usage) -> None:
    assert a + NO_USAGE == a == NO_USAGE + a


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.decimals(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
PATHS = sorted(
    {
        path
        for shape in SHAPES
        for name in ("marks", "input", "output", "also_input", "cache_read", "cache_write", "reasoning", "total", "usd")
        for path in getattr(shape, name)
        if "[" not in path
    }
)


@given(st.dictionaries(st.sampled_from(PATHS), ODD, max_size=8))
def test_no_payload_makes_the_reader_fail_or_tell_a_negative_count(told: dict[str, Any]) -> None:
    raw: dict[str, Any] = {}
    for path, value in sorted(told.items()):
        *steps, last = path.split(".")
        here = raw
        for step in steps:
            here = here.setdefault(step, {})
            if not isinstance(here, dict):
                break
        else:
            here[last] = value
    usage = normalise_usage(raw)
    if usage is None:
        return
    counts = (usage.input, usage.output, usage.cache_read, usage.cache_write, usage.reasoning, usage.total)
    assert all(count is None or (type(count) is int and count >= 0) for count in counts)
    assert usage.reported_usd is None or (usage.reported_usd.is_finite() and usage.reported_usd >= 0)


@pytest.mark.parametrize(
    ("raw", "field", "value", "said"),
    [
        ({"prompt_tokens": -5, "completion_tokens": 1}, "input", None, "prompt_tokens is -5, not a count of tokens"),
        (
            {"prompt_tokens": True, "completion_tokens": 1},
            "input",
            None,
            "prompt_tokens is True, not a count of tokens",
        ),
        ({"prompt_tokens": 1.5, "completion_tokens": 1}, "input", None, "prompt_tokens is 1.5, not a count of tokens"),
        ({"prompt_tokens": float("nan"), "completion_tokens": 1}, "input", None, "prompt_tokens is nan"),
        ({"prompt_tokens": Decimal("sNaN"), "completion_tokens": 1}, "input", None, "not a count of tokens"),
        (
            {"prompt_tokens": "12", "completion_tokens": 1},
            "input",
            12,
            "prompt_tokens is the text '12', read as a number",
        ),
        ({"prompt_tokens": "a lot", "completion_tokens": 1}, "input", None, "'a lot', not a count"),
        ({"prompt_tokens": 2 * 10**9, "completion_tokens": 1}, "input", 2 * 10**9, "more than any call can hold"),
        ({"prompt_tokens": 10**400, "completion_tokens": 1}, "input", None, "a number beyond all counts"),
        (
            {"prompt_tokens": 800, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 900}},
            "cache_read",
            900,
            "cache_read 900 + cache_write 0 > input 800",
        ),
        (
            {"prompt_tokens": 8, "completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 9}},
            "reasoning",
            9,
            "reasoning 9 + output_audio 0 > output 1",
        ),
        (
            {"prompt_tokens": 8, "completion_tokens": 1, "total_tokens": 10},
            "total",
            10,
            "total 10 != input 8 + output 1",
        ),
        (
            {
                "input_tokens": 1,
                "output_tokens": 1,
                "cache_creation_input_tokens": 5,
                "cache_creation": {"ephemeral_5m_input_tokens": 9},
            },
            "cache_write_5m",
            9,
            "cache_creation_input_tokens 5 < 5m 9 + 1h 0",
        ),
        ({"prompt_tokens": 1, "completion_tokens": 1, "cost": "free"}, "reported_usd", None, "not an amount of money"),
        ({"prompt_tokens": 1, "completion_tokens": 1, "cost": -1}, "reported_usd", None, "not an amount of money"),
    ],
)
def test_what_does_not_add_up_is_kept_and_said(raw: dict[str, Any], field: str, value: object, said: str) -> None:
    usage = normalise_usage(raw)
    assert usage is not None
    assert getattr(usage, field) == value
    assert any(said in conflict for conflict in usage.conflicts), usage.conflicts


def test_a_total_that_holds_the_cache_or_not_is_no_conflict_where_providers_differ() -> None:
    for total in (150, 1_050):
        raw = {"inputTokens": 100, "outputTokens": 50, "totalTokens": total, "cacheReadInputTokens": 900}
        usage = normalise_usage(raw)
        assert usage is not None
        assert usage.conflicts == ()
