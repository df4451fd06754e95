"""Recorded responses of real providers, replayed through the real clients: the tree holds the usage they sent."""

from pathlib import Path
from typing import Any

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

from tests.kit.recordings import MISSING, cases, recorded, replayed

pytestmark = MISSING


def _model(host: str, *, streamed: bool) -> Any:
    key = "dummy-key"
    if "anthropic" in host:
        return ChatAnthropic(model="claude-x", api_key=key, max_retries=0, streaming=streamed)
    return ChatOpenAI(model="gpt-x", api_key=key, max_retries=0, streaming=streamed, stream_usage=streamed)


@pytest.mark.parametrize("path", list(cases()))
def test_the_usage_in_the_tree_is_the_recorded_one(path: Path, handler: Any) -> None:
    told = recorded(path)
    with replayed(path):
        for one in told:
            _model(one.host, streamed=one.streamed).invoke([HumanMessage("hi")], {"callbacks": [handler]})
    for session, one in zip(handler.sessions(), told, strict=True):
        (span,) = session.tree().spans
        seen = span.response.usage
        assert not seen.conflicts
        assert (seen.input, seen.output, seen.cache_read, seen.cache_write) == one.counts()
