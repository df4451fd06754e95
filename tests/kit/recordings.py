"""Responses of real providers, recorded beside the repository: what they said was used, and a way to replay them."""

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import vcr
import yaml

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "provider-cassettes"
MISSING = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings in ../shared/data are not here")
CHAT = re.compile(r"^https://([^/]+)/.*(chat/completions|/messages)$")
"""The addresses of OpenAI's chat and Anthropic's messages."""


class Recorded(NamedTuple):
    """One response."""

    host: str
    model: str
    """As it names itself."""
    usage: dict[str, Any]
    """Empty: it refused."""
    streamed: bool

    def counts(self) -> tuple[int, int, int, int]:
        """(input, output, cache reads, cache writes), from the words of the provider."""
        usage = self.usage
        if "anthropic" in self.host:
            read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
            return usage["input_tokens"] + read + write, usage["output_tokens"], read, write
        if "cohere" in self.host:
            return int(usage["billed_units"]["input_tokens"]), int(usage["billed_units"]["output_tokens"]), 0, 0
        read = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        return usage["prompt_tokens"], usage["completion_tokens"], read, 0


def recorded(path: Path, where: re.Pattern[str] = CHAT) -> list[Recorded]:
    """The responses of a recording that came from such an address."""
    found = []
    for interaction in yaml.safe_load(path.read_text())["interactions"]:
        body, host = _text(interaction["response"]["body"]["string"]), where.match(interaction["request"]["uri"])
        if host is None:
            continue
        streamed = "data: " in body[:200] or body.startswith("event:")
        if interaction["response"]["status"]["code"] >= 400:
            parts = []
        elif streamed:
            parts = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]
        else:
            parts = [json.loads(body)]
        usage = [told for part in parts if (told := part.get("usage") or part.get("meta"))]
        model = next((part["model"] for part in parts if part.get("model")), "")
        found.append(Recorded(host[1], model, usage[-1] if usage else {}, streamed))
    return found


def _text(body: str | bytes) -> str:
    if isinstance(body, str):
        return body
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def cases(where: re.Pattern[str] = CHAT) -> Iterator[Any]:
    """The recordings that hold such a response, as parameters of a test."""
    for path in sorted(FOLDER.glob("*/*.yaml")) if FOLDER.is_dir() else ():
        if recorded(path, where):
            yield pytest.param(path, id=path.stem)


def replayed(path: Path) -> AbstractContextManager[Any]:
    """While it is open, the network answers with that recording."""
    recorder = vcr.VCR(record_mode=vcr.mode.NONE, match_on=("method", "scheme", "host", "path"))
    found: AbstractContextManager[Any] = recorder.use_cassette(str(path))
    return found
