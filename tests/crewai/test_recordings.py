"""Recorded responses of real providers, replayed through CrewAI's own clients: the card holds the usage they sent."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml

from clawtrace_core.pricing import PriceBook
from clawtrace_crewai import trace

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "provider-cassettes"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings in ../shared/data are not here")


def recorded(path: Path) -> list[tuple[str, str, dict[str, Any], bool]]:
    """(host, model, usage, streamed) of each response of a recording to a provider CrewAI has a client for."""
    found = []
    for interaction in yaml.safe_load(path.read_text())["interactions"]:
        body = interaction["response"]["body"]["string"]
        uri = interaction["request"]["uri"]
        if isinstance(body, bytes):
            body = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
        if not re.search(r"(chat/completions|/messages)$", uri):
            continue
        streamed = "data: " in body[:200] or body.startswith("event:")
        parts = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]
        parts = parts if streamed else [json.loads(body)]
        told = [part["usage"] for part in parts if part.get("usage")]
        model = next((part["model"] for part in parts if part.get("model")), "")
        found.append((re.sub(r"^https://([^/]+)/.*$", r"\1", uri), model, told[-1] if told else {}, streamed))
    return found


def cases() -> Iterator[Any]:
    for path in sorted(RECORDINGS.glob("*/*.yaml")) if RECORDINGS.is_dir() else ():
        if recorded(path):
            yield pytest.param(path, id=path.stem)


@pytest.mark.parametrize("path", list(cases()))
def test_the_card_holds_the_recorded_usage_and_a_price(path: Path, tmp_path: Path) -> None:
    from crewai import LLM

    told = recorded(path)
    recorder = vcr.VCR(record_mode=vcr.mode.NONE, match_on=("method", "scheme", "host", "path"))
    with recorder.use_cassette(str(path)), trace(tmp_path) as session:
        for host, model, _, streamed in told:
            provider = "anthropic" if "anthropic" in host else "openai"
            LLM(model=f"{provider}/{model}", api_key="dummy", stream=streamed).call("hi")
    spans = session.tree().spans
    assert len(spans) == len(told)
    for span, (host, model, usage, _) in zip(spans, told, strict=True):
        seen = span.response.usage
        assert not seen.conflicts
        assert span.request.model == model
        if "anthropic" in host:
            read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
            expected = (usage["input_tokens"] + read + write, usage["output_tokens"], read, write)
        else:
            read = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            expected = (usage["prompt_tokens"], usage["completion_tokens"], read, 0)
        assert (seen.input, seen.output, seen.cache_read, seen.cache_write) == expected
    card = session.card(prices=PriceBook())
    assert card.cost.priced == f"{len(told)}/{len(told)}" or str(card.cost.priced) == str(len(told))
    assert card.tokens.input == sum(span.response.usage.input for span in spans)
