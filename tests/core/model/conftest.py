"""Any event there can be."""

from decimal import Decimal

import pytest
from hypothesis import strategies as st

from clawtrace_core.model.content import Content, ContentList
from clawtrace_core.model.event import (
    Check,
    ContentStored,
    Event,
    Failure,
    Foreign,
    Noted,
    Outcome,
    Request,
    Response,
    SessionEnded,
    SessionStarted,
    SpanEnded,
    SpanStarted,
)
from clawtrace_core.model.usage import Usage

INTS = st.integers(-(2**53), 2**53)
COUNTS = st.integers(0, 2**40)
TEXTS = st.text(max_size=12)
SCALARS = st.none() | st.booleans() | INTS | TEXTS | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
MAPS = st.dictionaries(TEXTS, JSON, max_size=3)
EXTRA = st.dictionaries(st.text(max_size=5).map(lambda text: f"x_{text}"), JSON, max_size=2)
"""Fields of a version to come."""
IDS = st.lists(TEXTS, max_size=3).map(tuple)
MAYBE_TEXT = st.none() | TEXTS
MAYBE_DECIMAL = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6)

CONTENTS = st.builds(
    Content,
    id=TEXTS,
    role=TEXTS,
    size=COUNTS,
    digest=MAYBE_TEXT,
    body=JSON,
    clipped=st.booleans(),
    tool_call=MAYBE_TEXT,
    extra=EXTRA,
)
LISTS = st.builds(ContentList, add=IDS, base=st.none() | COUNTS, keep=COUNTS, extra=EXTRA)
REQUESTS = st.builds(
    Request,
    model=MAYBE_TEXT,
    provider=MAYBE_TEXT,
    host=MAYBE_TEXT,
    streaming=st.booleans(),
    tools=MAYBE_TEXT,
    tier=MAYBE_TEXT,
    attempt=COUNTS,
    params=MAPS,
    extra=EXTRA,
)
USAGES = st.builds(
    Usage,
    input=st.none() | COUNTS,
    output=st.none() | COUNTS,
    cache_read=COUNTS,
    cache_write_5m=COUNTS,
    reasoning=COUNTS,
    total=st.none() | COUNTS,
    reported_usd=MAYBE_DECIMAL,
    estimated=st.booleans(),
    conflicts=IDS,
    extra=EXTRA,
)
RESPONSES = st.builds(
    Response,
    id=MAYBE_TEXT,
    model=MAYBE_TEXT,
    finish=IDS,
    usage=st.none() | USAGES,
    raw_usage=JSON,
    cached=st.booleans(),
    first_token_ns=st.none() | INTS,
    extra=EXTRA,
)
FAILURES = st.builds(Failure, type=TEXTS, message=TEXTS, extra=EXTRA)
CHECKS = st.builds(Check, name=TEXTS, passed=st.booleans(), expected=JSON, got=JSON, extra=EXTRA)

EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        SessionStarted,
        session=TEXTS,
        at_ns=INTS,
        schema=st.sampled_from(["1.0", "1.7"]),
        task=MAYBE_TEXT,
        policy=TEXTS,
        attributes=MAPS,
        extra=EXTRA,
    ),
    CONTENTS.map(lambda content: ContentStored(content=content)),
    st.builds(
        SpanStarted,
        span=COUNTS,
        parent=st.none() | COUNTS,
        kind=TEXTS,
        name=TEXTS,
        at_ns=INTS,
        input=LISTS,
        tool_call=MAYBE_TEXT,
        request=st.none() | REQUESTS,
        attributes=MAPS,
        extra=EXTRA,
    ),
    st.builds(
        SpanEnded,
        span=COUNTS,
        at_ns=INTS,
        status=TEXTS,
        output=IDS,
        response=st.none() | RESPONSES,
        failure=st.none() | FAILURES,
        attributes=MAPS,
        extra=EXTRA,
    ),
    st.builds(Noted, name=TEXTS, at_ns=INTS, span=st.none() | COUNTS, attributes=MAPS, extra=EXTRA),
    st.builds(
        Outcome,
        at_ns=INTS,
        success=st.booleans(),
        score=MAYBE_DECIMAL.map(lambda d: d and Decimal(d)),
        oracle=MAYBE_TEXT,
        checks=st.lists(CHECKS, max_size=2).map(tuple),
        extra=EXTRA,
    ),
    st.builds(SessionEnded, at_ns=INTS, status=TEXTS, lost=COUNTS, extra=EXTRA),
    MAPS.map(lambda fields: Foreign({**fields, "e": "of tomorrow"})),
)


@pytest.fixture(scope="session")
def any_event() -> st.SearchStrategy[Event]:
    """A strategy for every type of event, with unknown fields at every level."""
    return EVENTS


@pytest.fixture(scope="session")
def any_json() -> st.SearchStrategy[object]:
    """A strategy for JSON values."""
    return JSON
