"""Recorded responses of real providers, replayed through the real clients: the tree holds the usage they sent."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "provider-cassettes"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings in ../shared/data are not here")


def _recorded(path: Path) -> list[tuple[str, dict[str, Any], bool]]:
    """(host, usage, streamed) of each response of a recording to a provider we have a client for."""
    found = []
    for interaction in yaml.safe_load(path.read_text())["interactions"]:
        body = interaction["response"]["body"]["string"]
        uri = interaction["request"]["uri"]
        if isinstance(body, bytes):
            import gzip

            body = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
        if not re.search(r"(chat/completions|/messages)$", uri):
            continue
        streamed = "data: " in body[:200] or body.startswith("event:")
        parts = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]
        told = [part["usage"] for part in (parts if streamed else [json.loads(body)]) if part.get("usage")]
        found.append((re.sub(r"^https://([^/]+)/.*$", r"\1", uri), told[-1] if told else {}, streamed))
    return found


def _cases() -> Iterator[Any]:
    for path in sorted(RECORDINGS.glob("*/*.yaml")) if RECORDINGS.is_dir() else ():
        if _recorded(path):
            yield pytest.param(path, id=path.stem)


@pytest.fixture
def replay() -> Callable[[Path], Any]:
    recorder = vcr.VCR(record_mode=vcr.mode.NONE, match_on=("method", "scheme", "host", "path"))
    return lambda path: recorder.use_cassette(str(path))


def _model(host: str, *, streamed: bool) -> Any:
    key = "dummy-key"
    if "anthropic" in host:
        return ChatAnthropic(model="claude-x", api_key=key, max_retries=0, streaming=streamed)
    return ChatOpenAI(model="gpt-x", api_key=key, max_retries=0, streaming=streamed, stream_usage=streamed)


@pytest.mark.parametrize("path", list(_cases()))
def test_the_usage_in_the_tree_is_the_recorded_one(path: Path, replay: Any, handler: Any) -> None:
    recorded = _recorded(path)
    with replay(path):
        for host, _, streamed in recorded:
            _model(host, streamed=streamed).invoke([HumanMessage("hi")], {"callbacks": [handler]})
    assert len(handler.sessions()) == len(recorded)
    for session, (host, usage, _) in zip(handler.sessions(), recorded, strict=True):
        (span,) = session.tree().spans
        seen = span.response.usage
        assert not seen.conflicts
        if "anthropic" in host:
            read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
            expected = (usage["input_tokens"] + read + write, usage["output_tokens"], read, write)
        else:
            read = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            expected = (usage["prompt_tokens"], usage["completion_tokens"], read, 0)
        assert (seen.input, seen.output, seen.cache_read, seen.cache_write) == expected
