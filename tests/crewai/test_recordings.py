"""Recorded responses of real providers, replayed through CrewAI's own clients: the card holds the usage they sent."""

from pathlib import Path

import pytest

from clawtrace_core.pricing import PriceBook
from clawtrace_crewai import trace
from tests.kit.recordings import MISSING, cases, recorded, replayed

pytestmark = MISSING


@pytest.mark.parametrize("path", list(cases()))
def test_the_card_holds_the_recorded_usage_and_a_price(path: Path, tmp_path: Path) -> None:
    from crewai import LLM

    told = recorded(path)
    with replayed(path), trace(tmp_path) as session:
        for one in told:
            provider = "anthropic" if "anthropic" in one.host else "openai"
            LLM(model=f"{provider}/{one.model}", api_key="dummy", stream=one.streamed).call("hi")
    spans = session.tree().spans
    for span, one in zip(spans, told, strict=True):
        seen = span.response.usage
        assert not seen.conflicts
        assert span.request.model == one.model
        assert (seen.input, seen.output, seen.cache_read, seen.cache_write) == one.counts()
    card = session.card(prices=PriceBook())
    assert card.cost.priced == f"{len(told)}/{len(told)}" or str(card.cost.priced) == str(len(told))
    assert card.tokens.input == sum(span.response.usage.input for span in spans)
