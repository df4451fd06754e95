"""Recorded responses of real providers, replayed through LlamaIndex's clients: the tree holds the usage they sent."""

import json
import re
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml
from llama_index.core.base.llms.types import ChatMessage
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "provider-cassettes"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings in ../shared/data are not here")
ASKED = [ChatMessage(role="user", content="hi")]
TOLD = {"stream_options": {"include_usage": True}}
HOSTS = re.compile(r"^https://([^/]+)/.*(chat/completions|messages|v1/chat)$")


def _text(body: str | bytes) -> str:
    if isinstance(body, str):
        return body
    import gzip

    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def _recorded(path: Path) -> list[tuple[str, dict[str, Any], bool]]:
    """(host, usage, streamed) of each response of a recording to a provider we have a client for."""
    found = []
    for interaction in yaml.safe_load(path.read_text())["interactions"]:
        body, host = _text(interaction["response"]["body"]["string"]), HOSTS.match(interaction["request"]["uri"])
        if host is None:
            continue
        streamed = "data: " in body[:200] or body.startswith("event:")
        parts = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]
        refused = interaction["response"]["status"]["code"] >= 400
        whole = [] if refused else parts if streamed else [json.loads(body)]
        told = [part.get("usage") or part.get("meta") for part in whole if part.get("usage") or part.get("meta")]
        found.append((host[1], told[-1] if told else {}, streamed))
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
        if int(version("anthropic").partition(".")[0]) >= 1:
            pytest.skip("LlamaIndex's Anthropic package fails with this anthropic client: it was made for 0.x")
        return Anthropic(model="claude-sonnet-4-20250514", api_key=key, max_retries=0)
    if "cohere" in host:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cohere = pytest.importorskip(
                "llama_index.llms.cohere", reason="LlamaIndex's Cohere package is not installed"
            )
        return cohere.Cohere(model="command-r", api_key=key, max_retries=0)
    return OpenAI(model="gpt-4o", api_key=key, max_retries=0, additional_kwargs=TOLD if streamed else {})


def _expected(host: str, usage: dict[str, Any]) -> tuple[int, int, int, int]:
    """(input, output, cache reads, cache writes), from the words of the provider."""
    if "anthropic" in host:
        read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
        return usage["input_tokens"] + read + write, usage["output_tokens"], read, write
    if "cohere" in host:
        return int(usage["billed_units"]["input_tokens"]), int(usage["billed_units"]["output_tokens"]), 0, 0
    read = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return usage["prompt_tokens"], usage["completion_tokens"], read, 0


@pytest.mark.parametrize("path", list(_cases()))
def test_the_usage_in_the_tree_is_the_recorded_one(path: Path, replay: Any, handler: Any) -> None:
    recorded = _recorded(path)
    with replay(path):
        for host, usage, streamed in recorded:
            model = _model(host, streamed=streamed)
            if not usage:
                with pytest.raises(Exception, match="removed"):
                    model.chat(ASKED)
            elif streamed:
                assert list(model.stream_chat(ASKED))
            else:
                model.chat(ASKED)
    assert len(handler.sessions()) == len(recorded)
    for session, (host, usage, _) in zip(handler.sessions(), recorded, strict=True):
        (span,) = session.tree().spans
        if not usage:
            assert (span.status, span.response) == ("error", None)
            continue
        seen = span.response.usage
        assert not seen.conflicts
        assert (seen.input, seen.output, seen.cache_read, seen.cache_write) == _expected(host, usage)
        card = session.card()
        assert (card.cost.priced, card.cost.estimated) == (1, 0)
        assert card.cost.usd > 0
