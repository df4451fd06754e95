"""Recorded responses of real providers, replayed through LlamaIndex's clients: the tree holds the usage they sent."""

import re
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI

from tests.kit.recordings import MISSING, cases, recorded, replayed

pytestmark = MISSING
ASKED = [ChatMessage(role="user", content="hi")]
TOLD = {"stream_options": {"include_usage": True}}
WHERE = re.compile(r"^https://([^/]+)/.*(chat/completions|messages|v1/chat)$")


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


@pytest.mark.parametrize("path", list(cases(WHERE)))
def test_the_usage_in_the_tree_is_the_recorded_one(path: Path, handler: Any) -> None:
    told = recorded(path, WHERE)
    with replayed(path):
        for one in told:
            model = _model(one.host, streamed=one.streamed)
            if not one.usage:
                with pytest.raises(Exception, match="removed"):
                    model.chat(ASKED)
            elif one.streamed:
                assert list(model.stream_chat(ASKED))
            else:
                model.chat(ASKED)
    for session, one in zip(handler.sessions(), told, strict=True):
        (span,) = session.tree().spans
        if not one.usage:
            assert (span.status, span.response) == ("error", None)
            continue
        seen = span.response.usage
        assert not seen.conflicts
        assert (seen.input, seen.output, seen.cache_read, seen.cache_write) == one.counts()
        card = session.card()
        assert (card.cost.priced, card.cost.estimated) == (1, 0)
        assert card.cost.usd > 0
