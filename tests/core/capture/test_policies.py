"""What text is on disk under each content policy."""

import orjson
import pytest

from clawtrace_core.capture import Draft, Recorder, Settings
from clawtrace_core.capture.content import press, text_of
from clawtrace_core.capture.scrub import Scrub, clip_text, hash_of
from clawtrace_core.errors import SettingsInvalid
from clawtrace_core.model.event import ContentStored, Failure, Request, Response, SessionStarted, SpanEnded
from clawtrace_core.testing import ListSink, events_of

MARK = "Meerschweinchen"


def record(settings: Settings) -> ListSink:
    """A session with the mark in every place a framework may put a text."""
    sink = ListSink()
    opening = SessionStarted(session="s", at_ns=1, task="sheet-12", attributes={"note": MARK})
    recorder = Recorder(sink, opening, settings=settings)
    recorder.started(
        MARK,
        kind="llm",
        name="gpt",
        input=[Draft("user", {"role": "user", "text": f"about {MARK} " + "x" * 5000}), Draft("payload", [MARK])],
        request=Request(model="gpt", params={"stop": [MARK], "temperature": 0.5, "user": MARK}),
        tools=Draft("tools", [{"name": "t", "description": MARK}]),
        attributes={"a": MARK, "b": {"c": MARK}, "n": 3},
    )
    recorder.remarked("retry", key=MARK, attributes={"why": MARK})
    recorder.ended(
        MARK,
        status="error",
        output=[Draft("assistant", {"role": "assistant", "text": MARK, "tool_calls": [{"name": "t", "args": MARK}]})],
        response=Response(id="r", model="gpt"),
        failure=Failure(type="ValueError", message=f"bad {MARK}"),
        attributes={"e": MARK},
    )
    recorder.close()
    return sink


def test_full_keeps_every_text() -> None:
    contents = [event.content for event in events_of(record(Settings())) if isinstance(event, ContentStored)]

    assert contents[0].body == [{"name": "t", "description": MARK}]
    assert contents[1].body["text"].startswith(f"about {MARK}")
    assert contents[1].size == len(f"about {MARK} ") + 5000
    assert not any(content.clipped for content in contents)


@pytest.mark.parametrize("policy", ["none", "digest"])
def test_none_and_digest_leave_no_text_anywhere_in_the_file(policy: str) -> None:
    sink = record(Settings(content=policy))  # type: ignore[arg-type]

    written = b"".join(sink.batches)
    assert MARK.encode() not in written
    assert b'"sheet-12"' in written
    assert b'"gpt"' in written
    assert not any(event.content.body for event in events_of(sink) if isinstance(event, ContentStored))


def test_none_keeps_no_hash_that_a_guess_could_be_checked_against() -> None:
    draft = Draft("assistant", MARK)
    plain = press(draft, Scrub(Settings(content="digest")))

    assert plain.digest == hash_of(MARK.encode())
    first = press(draft, Scrub(Settings(content="none"), b"one secret"))
    again = press(draft, Scrub(Settings(content="none"), b"one secret"))
    other = press(draft, Scrub(Settings(content="none"), b"another secret"))
    assert first == again
    assert len({plain.id, first.id, other.id}) == 3
    assert len({plain.digest, first.digest, other.digest}) == 3


def test_two_sessions_under_none_share_no_hash_of_the_same_text() -> None:
    ids = [
        {event.content.id for event in events_of(record(Settings(content="none"))) if isinstance(event, ContentStored)}
        for _ in range(2)
    ]

    assert not ids[0] & ids[1]


def test_one_draft_handed_to_two_sessions_is_stored_in_both() -> None:
    draft = Draft("user", {"role": "user", "text": "hello"})
    sinks = [ListSink(), ListSink()]
    recorders = [Recorder(sink, SessionStarted(session="s", at_ns=1)) for sink in sinks]
    for _ in range(2):
        for number, recorder in enumerate(recorders):
            recorder.started(number, kind="llm", name="m", input=[draft])
            recorder.ended(number)
    for recorder in recorders:
        recorder.close()

    assert [sum(isinstance(event, ContentStored) for event in events_of(sink)) for sink in sinks] == [1, 1]


def test_clipped_keeps_the_beginning_and_the_end_and_the_true_size() -> None:
    sink = record(Settings(content="clipped", clip=100))

    (clipped,) = [
        event.content for event in events_of(sink) if isinstance(event, ContentStored) and event.content.clipped
    ]
    text = clipped.body["text"]
    assert text.startswith(f"about {MARK}")
    assert text.endswith("x" * 50)
    assert "characters cut" in text
    assert len(text) < 150
    assert clipped.size > 5000


def test_clipping_does_not_change_what_a_content_is() -> None:
    draft = Draft("user", {"role": "user", "text": "y" * 5000})

    full, clipped = press(draft, Scrub(Settings())), press(draft, Scrub(Settings(content="clipped", clip=10)))

    assert (full.id, full.digest, full.size) == (clipped.id, clipped.digest, clipped.size)


def test_a_text_no_longer_than_the_limit_is_not_clipped() -> None:
    assert clip_text("abcd", 4) == "abcd"
    assert clip_text("abcdef", 4) == "ab[... 2 characters cut ...]ef"


def test_under_digest_equal_failures_can_be_told_to_be_equal() -> None:
    ended = [e for e in events_of(record(Settings(content="digest"))) if isinstance(e, SpanEnded)]

    assert ended[0].failure == Failure(type="ValueError", message=f"[digest:{hash_of(f'bad {MARK}'.encode())}]")


def test_secrets_are_out_before_a_text_is_hashed() -> None:
    keys = ["sk-" + "a1" * 12, "sk-" + "b2" * 12]

    ids = {press(Draft("user", {"text": f"my key is {key}"}), Scrub(Settings())).id for key in keys}

    assert len(ids) == 1


def test_the_text_of_a_message_is_what_a_model_reads() -> None:
    assert text_of({"role": "user", "text": "héllo"}) == "héllo"
    assert text_of({"role": "user", "parts": ["a", {"type": "text", "text": "b"}, {"thinking": "c"}]}) == "a\nb\nc"
    assert (
        text_of({"text": "", "tool_calls": [{"id": "1", "name": "add", "args": {"b": 2, "a": 1}}]})
        == 'add{"a":1,"b":2}'
    )
    assert text_of({"b": 1, "a": [2]}) == '{"a":[2],"b":1}'
    assert text_of(None) == "null"


def test_two_pictures_are_told_apart_without_counting_their_bytes() -> None:
    texts = [text_of({"parts": [{"type": "image_url", "image_url": {"url": letter * 9999}}]}) for letter in "ab"]

    assert texts[0] != texts[1]
    assert all(len(text) < 100 for text in texts)


def test_a_tool_result_is_told_from_another_with_the_same_text_by_its_call() -> None:
    first, second = (press(Draft("tool", {"text": "ok"}, call), Scrub(Settings())) for call in ("c1", "c2"))

    assert first.digest == second.digest
    assert first.id != second.id
    assert first.tool_call == "c1"


def test_the_order_of_fields_does_not_change_a_content() -> None:
    one, other = ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1})

    assert (
        press(Draft("arguments", one), Scrub(Settings())).id == press(Draft("arguments", other), Scrub(Settings())).id
    )
    assert orjson.dumps(one) != orjson.dumps(other)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"content": "all"}, "content"),
        ({"clip": 0}, "clip"),
        ({"flush_ms": 0}, "flush_ms"),
        ({"flush_events": "many"}, "flush_events"),
        ({"redact": 3}, "redact"),
        ({"clip": True}, "clip"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(bad: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsInvalid, match=field):
        Settings(**bad)  # type: ignore[arg-type]
