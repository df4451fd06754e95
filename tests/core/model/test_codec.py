"""Events to lines and back, whatever version wrote them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.errors import SchemaTooNew, SessionInvalid
from clawtrace_core.model.codec import TAGS, decode, encode
from clawtrace_core.model.event import ContentStored, Event, Foreign, Outcome, SessionStarted, SpanEnded, SpanStarted
from clawtrace_core.model.session import Problem, SessionTree, read_tree

SHA256 = {
    "session.jsonl": "b814acc5af208cbc9b36dc228b26273a2b7cfe7f7eeac24ad1feb6cddfed4b9c",
    "newer_minor.jsonl": "45ab0bcc17f4a039ad87f70909886711273ba67e43afb3a90b97f77d56b60606",
}
"""What was published as version 1 stays readable, so these files never change; a new shape is a new file."""


@pytest.fixture
def golden(repo: Path) -> Path:
    """Event files as version 1 writes them."""
    return repo / "tests" / "golden" / "events" / "v1"


def read(path: Path) -> SessionTree:
    return read_tree(
        ((number, decode(line)) for number, line in enumerate(path.read_bytes().splitlines(), start=1)), session="s"
    )


@given(data=st.data())
def test_every_event_survives_a_round_trip_with_fields_it_does_not_know(
    data: st.DataObject, any_event: st.SearchStrategy[Event]
) -> None:
    event = data.draw(any_event)

    line = encode(event)

    assert decode(line) == event
    assert encode(decode(line)) == line
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


@given(data=st.data())
def test_any_json_is_an_event_or_a_named_error(
    data: st.DataObject, any_event: st.SearchStrategy[Event], any_json: st.SearchStrategy[object]
) -> None:
    row = json.loads(encode(data.draw(any_event)))
    spoilt = data.draw(st.dictionaries(st.sampled_from(sorted(row)), any_json, max_size=3))
    line = orjson.dumps({**row, "e": data.draw(st.sampled_from(sorted(TAGS))), **spoilt})

    try:
        event = decode(line)
    except (SessionInvalid, SchemaTooNew):
        return
    assert decode(encode(event)) == event


@given(data=st.data())
def test_any_events_in_any_order_fold_to_a_tree(data: st.DataObject, any_event: st.SearchStrategy[Event]) -> None:
    events = data.draw(st.lists(any_event, max_size=8))

    tree = read_tree(enumerate(events, start=1), session="s", problems=[Problem(line=9, what="found before")])

    assert len(list(tree.inputs())) == len(tree.spans)
    assert all(span.parent is None or tree.span(span.parent) for span in tree.spans)
    assert isinstance(tree.end_ns, int)


@pytest.mark.parametrize("name", SHA256)
def test_published_event_files_do_not_change(golden: Path, name: str) -> None:
    assert hashlib.sha256((golden / name).read_bytes()).hexdigest() == SHA256[name]


@pytest.mark.parametrize("name", SHA256)
def test_published_event_files_are_written_again_as_they_are(golden: Path, name: str) -> None:
    for line in (golden / name).read_bytes().splitlines(keepends=True):
        assert json.loads(encode(decode(line))) == json.loads(line)


def test_the_published_session_reads_as_it_did(golden: Path) -> None:
    tree = read(golden / "session.jsonl")

    assert tree.problems == ()
    assert [(span.id, span.parent, span.kind, span.name, span.status) for span in tree.spans] == [
        (1, None, "agent", "root", "ok"),
        (2, 1, "llm", "gpt-5.4", "ok"),
        (3, 1, "tool", "read_file", "error"),
        (4, 1, "llm", "gpt-5.4", "interrupted"),
    ]
    assert [len(ids) for _, ids in tree.inputs()] == [1, 2, 1, 4]
    usage = tree.spans[1].response.usage if tree.spans[1].response else None
    assert usage is not None
    assert (usage.input, usage.cache_read, usage.output) == (1200, 800, 42)
    assert tree.spans[2].failure is not None
    assert tree.outcome is not None
    assert str(tree.outcome.score) == "0.25"
    assert tree.outcome.checks[0].expected == 4
    assert tree.ended is not None
    assert tree.ended.lost == 2


def test_a_file_of_a_newer_minor_version_is_read(golden: Path) -> None:
    tree = read(golden / "newer_minor.jsonl")

    assert tree.started.schema == "1.9"
    assert tree.started.extra == {"region": "eu"}
    assert [span.name for span in tree.spans] == ["read_file"]
    (problem,) = tree.problems
    assert "'weather' is not known" in problem.what


@pytest.mark.parametrize("schema", ["2.0", "10.1", "3"])
def test_a_newer_major_version_is_refused(schema: str) -> None:
    with pytest.raises(SchemaTooNew, match="upgrade clawtrace-core"):
        decode(json.dumps({"e": "session_started", "session": "s", "at_ns": 1, "schema": schema}).encode())


START: dict[str, Any] = {"e": "span_started", "span": 1, "parent": None, "kind": "llm", "name": "m", "at_ns": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"span": "1"}, r"'span_started.span': found '1', expected a whole number"),
        ({"span": None}, r"'span_started.span': found None"),
        ({"span": True}, r"'span_started.span'"),
        ({"name": 3}, r"'span_started.name': found 3, expected a text"),
        ({"input": []}, r"'span_started.input': expected an object, found list"),
        ({"input": {"add": "abc"}}, r"'span_started.input.add': found 'abc', expected a list of texts"),
        ({"input": {"add": [["x"]]}}, r"'span_started.input.add'"),
        ({"request": {"streaming": "yes"}}, r"'span_started.request.streaming': found 'yes', expected true or false"),
        ({"attributes": [1]}, r"'span_started.attributes': found \[1\], expected an object"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SessionInvalid, match=message):
        decode(json.dumps({**START, **change}).encode())


def test_a_missing_field_is_named() -> None:
    row = {name: value for name, value in START.items() if name != "kind"}
    with pytest.raises(SessionInvalid, match=r"span_started\.kind is missing"):
        decode(json.dumps(row).encode())


@pytest.mark.parametrize("score", ["Infinity", "NaN", "much", [1], {}, True])
def test_a_score_that_is_not_a_finite_number_is_refused(score: object) -> None:
    with pytest.raises(SessionInvalid, match="score"):
        decode(json.dumps({"e": "outcome", "at_ns": 1, "success": True, "score": score}).encode())


def test_a_score_is_exact() -> None:
    event = decode(b'{"e":"outcome","at_ns":1,"success":true,"score":"0.10"}')

    assert isinstance(event, Outcome)
    assert str(event.score) == "0.10"


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"3", b"null", b'"e"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_no_event(line: bytes) -> None:
    with pytest.raises(SessionInvalid):
        decode(line)


@pytest.mark.parametrize("row", [{}, {"e": None}, {"e": ["x"]}, {"e": "new"}])
def test_an_event_of_an_unknown_type_is_kept_as_it_came(row: dict[str, Any]) -> None:
    event = decode(json.dumps(row).encode())

    assert event == Foreign(row)
    assert json.loads(encode(event)) == row


def test_the_version_is_written_though_it_is_the_default() -> None:
    row = json.loads(encode(SessionStarted(session="s", at_ns=1)))

    assert row == {"e": "session_started", "session": "s", "at_ns": 1, "schema": "1.0", "policy": "full"}


def test_other_fields_at_their_default_are_not_written() -> None:
    assert json.loads(encode(SpanEnded(span=1, at_ns=2))) == {"e": "span_ended", "span": 1, "at_ns": 2}


def test_every_tag_has_its_type() -> None:
    assert {SpanStarted, SpanEnded, ContentStored, Outcome, SessionStarted} <= set(TAGS.values())
