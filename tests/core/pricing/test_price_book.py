"""What a call costs: hand-worked cases, and the honest answers where it is not known."""

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.model.event import Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing import Cost, PriceBook, Quote, Unpriced

BOOK = PriceBook()
PART_NAMES = ("uncached", "cache_read", "cache_write", "output", "other")


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 10**9


NOW = at("2026-11-20T10:00")


def price(
    model: str | None, usage: Usage | None, *, when: int = NOW, kind: str = "llm", **told: Any
) -> Cost | Unpriced:
    answered = {name.removeprefix("answered_"): told.pop(name) for name in list(told) if name.startswith("answered_")}
    response = Response(usage=usage, **answered)
    return BOOK.price(request=Request(model=model, **told), response=response, usage=usage, at_ns=when, kind=kind)


def cost(model: str | None, usage: Usage | None, **told: Any) -> Cost:
    found = price(model, usage, **told)
    assert isinstance(found, Cost), found
    assert found.usd == sum(getattr(found, name) for name in PART_NAMES)
    return found


def unpriced(model: str | None, usage: Usage | None, **told: Any) -> Unpriced:
    found = price(model, usage, **told)
    assert isinstance(found, Unpriced), found
    return found


PLAIN = Usage(input=1_000, output=200)


# USD per million tokens as the providers' pages list them:
# https://openai.com/api/pricing  gpt-4o 2.50 / cached 1.25 / 10; gpt-5 1.25 / 0.125 / 10
# https://www.anthropic.com/pricing  Claude Sonnet 4.5 3 / read 0.30 / 5m write 3.75 / 1h write 6 / 15
# https://ai.google.dev/pricing  Gemini 2.5 Pro 1.25 / cached 0.125 / 10; above 200k 2.50 / 0.25 / 15
@pytest.mark.parametrize(
    ("model", "provider", "usage", "parts"),
    [
        ("gpt-4o", "openai", Usage(input=10_000, output=500, cache_read=8_000), ("0.005", "0.01", "0", "0.005", "0")),
        (
            "gpt-5",
            "openai",
            Usage(input=100_000, output=2_000, cache_read=90_000, reasoning=1_500),
            ("0.0125", "0.01125", "0", "0.02", "0"),
        ),
        (
            "claude-sonnet-4-5-20250929",
            "anthropic",
            Usage(input=20_000, output=1_000, cache_read=10_000, cache_write_5m=6_000, cache_write_1h=3_000),
            # 1000 x 3; 10000 x 0.3; 6000 x 3.75 + 3000 x 6; 1000 x 15
            ("0.003", "0.003", "0.0405", "0.015", "0"),
        ),
        (
            "gemini-2.5-pro",
            "google_genai",
            Usage(input=200_000, output=1_000, cache_read=100_000),
            ("0.125", "0.0125", "0", "0.01", "0"),
        ),
        (
            "gemini-2.5-pro",
            "google_genai",
            # One token above the threshold, and every token of the call costs the higher price.
            Usage(input=200_001, output=1_000, cache_read=100_000),
            ("0.2500025", "0.025", "0", "0.015", "0"),
        ),
    ],
)
def test_hand_worked_calls_cost_what_the_providers_pages_say(
    model: str, provider: str, usage: Usage, parts: tuple[str, ...]
) -> None:
    found = cost(model, usage, provider=provider)
    assert tuple(getattr(found, name) for name in PART_NAMES) == tuple(map(Decimal, parts))
    assert found.state == "computed"
    assert found.source.startswith("genai-prices ")


def test_cache_writes_of_unknown_lifetime_cost_as_five_minute_ones() -> None:
    known = cost("claude-sonnet-4-5", Usage(input=900, output=1, cache_write_5m=900))
    unknown = cost("claude-sonnet-4-5", Usage(input=900, output=1, cache_write_unknown=900))
    assert known.cache_write == unknown.cache_write == Decimal("0.003375")


def test_a_call_is_priced_on_its_own_day() -> None:
    # OpenAI cut o3 from 10/40 to 2/8 USD per million tokens on 2025-06-10.
    before = cost("o3", PLAIN, provider="openai", when=at("2025-06-01"))
    after = cost("o3", PLAIN, provider="openai", when=at("2025-07-01"))
    assert (before.usd, after.usd) == (Decimal("0.018"), Decimal("0.0036"))


def test_off_peak_hours_are_cheaper_where_the_provider_says_so() -> None:
    prices = {
        cost("deepseek-chat", PLAIN, provider="deepseek", when=at(f"2025-05-01T{hour:02}:00")).usd for hour in range(24)
    }
    assert len(prices) == 2


def test_the_model_that_answered_is_priced_before_the_one_asked_for() -> None:
    found = cost("my-deployment", PLAIN, provider="azure", answered_model="gpt-4o-2024-08-06")
    assert found.model == "gpt-4o"
    assert cost("gpt-4o", PLAIN, answered_model="something-unheard-of").model == "gpt-4o"


@pytest.mark.parametrize(
    ("told", "provider"),
    [
        ({"model": "anthropic/claude-sonnet-4.5", "host": "openrouter.ai", "provider": "openai"}, "openrouter"),
        ({"model": "llama-3.3-70b-versatile", "host": "api.groq.com:443", "provider": "openai"}, "groq"),
        ({"model": "openrouter/anthropic/claude-sonnet-4.5"}, "openrouter"),
        ({"model": "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"}, "aws"),
        ({"model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "provider": "anthropic_bedrock"}, "aws"),
        ({"model": "models/gemini-2.5-pro", "provider": "google_genai"}, "google"),
        ({"model": "claude-sonnet-4-5", "host": "127.0.0.1", "provider": "anthropic"}, "anthropic"),
        ({"model": "claude-sonnet-4-5", "host": "proxy.example.com", "provider": "openai"}, "anthropic"),
        ({"model": "claude-sonnet-4-5"}, "anthropic"),
        ({"model": "gpt-4o", "provider": "azure_openai"}, "azure"),
        ({"model": "gemini-2.5-flash", "provider": "google_vertexai"}, "google"),
        (
            {"model": "openai/gpt-4o", "provider": "openai", "answered_provider": "openai", "host": "openrouter.ai"},
            "openrouter",
        ),
        ({"model": "gpt-4o", "provider": "openai", "answered_provider": "azure"}, "azure"),
    ],
)
def test_the_seller_is_found_from_what_the_call_tells(told: dict[str, Any], provider: str) -> None:
    model = told.pop("model")
    assert cost(model, PLAIN, **told).provider == provider


@pytest.mark.parametrize(
    "told",
    [
        {"host": "api.groq.com", "provider": "openai"},
        {"answered_provider": "groq"},
        {"provider": "groq"},
    ],
)
def test_a_known_seller_who_does_not_sell_the_model_ends_the_search(told: dict[str, Any]) -> None:
    assert "no price is known" in unpriced("claude-sonnet-4-5", PLAIN, **told).reason


@pytest.mark.parametrize("provider", ["ollama", "llamacpp", "lm-studio", "vllm", "Ollama"])
def test_a_model_on_ones_own_machine_costs_nothing_and_says_why(provider: str) -> None:
    found = cost("qwen3:8b", None, provider=provider)
    assert (found.usd, found.state) == (0, "local")
    assert "own machine" in found.source


def test_ollamas_cloud_is_not_ones_own_machine() -> None:
    assert isinstance(price("gpt-oss:120b-cloud", PLAIN, provider="ollama"), Unpriced)
    assert isinstance(price("gpt-oss:120b", PLAIN, provider="ollama", host="ollama.com"), Unpriced)


def test_a_loopback_host_alone_does_not_make_a_call_free() -> None:
    found = unpriced("my-finetune", PLAIN, provider="openai", host="127.0.0.1")
    assert "no price is known for model 'my-finetune'" in found.reason
    assert "CLAWTRACE_PRICES" in found.reason
    assert "local: true" in found.reason


@pytest.mark.parametrize(
    "usage",
    [None, Usage(), Usage(input=10), Usage(output=10), Usage(input=-1, output=1), Usage(input=1, output=-1)],
)
def test_unknown_usage_is_never_priced_as_nothing(usage: Usage | None) -> None:
    assert unpriced("gpt-4o", usage, provider="openai").reason.startswith("usage unknown")


def test_a_call_without_a_model_is_unpriced() -> None:
    assert unpriced(None, PLAIN).reason == "the call names no model"


def test_an_embedding_needs_no_output_count() -> None:
    found = cost("text-embedding-3-small", Usage(input=1_000_000), provider="openai", kind="embedding")
    assert found.usd == Decimal("0.02")
    assert cost("text-embedding-3-small", Usage(total=1_000_000), provider="openai", kind="embedding") == found


def test_output_of_a_model_without_an_output_price_is_not_free() -> None:
    assert "no price for output" in unpriced("text-embedding-3-small", PLAIN, provider="openai").reason


def test_an_answer_from_the_frameworks_cache_costs_nothing() -> None:
    found = cost("gpt-4o", PLAIN, provider="openai", answered_cached=True)
    assert (found.usd, found.state, found.source) == (0, "computed", "answered from the framework's cache")


def test_what_the_provider_reports_wins_and_is_split_in_proportion() -> None:
    told = Usage(input=1_000, output=200, cache_read=400, reported_usd=Decimal("0.0731"))
    found = cost("gpt-4o", told, provider="openai")
    listed = cost("gpt-4o", Usage(input=1_000, output=200, cache_read=400), provider="openai")
    assert (found.usd, found.state) == (Decimal("0.0731"), "reported")
    assert abs(found.output / found.usd - listed.output / listed.usd) < Decimal("1e-9")
    unheard = cost("unheard-of", told)
    assert (unheard.usd, unheard.other) == (Decimal("0.0731"), Decimal("0.0731"))


def test_a_reported_cost_of_nothing_is_a_report() -> None:
    assert cost("some/model:free", Usage(input=1, output=1, reported_usd=Decimal(0))).state == "reported"


def test_more_cached_tokens_than_input_are_priced_by_what_fits_and_said() -> None:
    conflict = Usage(input=800, output=0, cache_read=900, cache_write_1h=300, conflicts=("cache_read 900 > input 800",))
    found = cost("claude-sonnet-4-5", conflict)
    # The dear writes stay whole: 300 x 6 + 500 x 0.3.
    assert (found.cache_write, found.cache_read, found.uncached) == (Decimal("0.0018"), Decimal("0.00015"), 0)
    assert found.source.endswith("usage in conflict")


@given(
    st.builds(
        Usage,
        input=st.integers(-9, 10**15),
        output=st.none() | st.integers(-9, 10**15),
        cache_read=st.integers(-9, 10**15),
        cache_write_5m=st.integers(-9, 10**15),
        cache_write_1h=st.integers(-9, 10**15),
        reasoning=st.integers(-9, 10**15),
        input_audio=st.integers(-9, 10**15),
        output_audio=st.integers(-9, 10**15),
        reported_usd=st.none() | st.decimals(0, 10**9, allow_nan=False),
    ),
    st.sampled_from(("gpt-4o-audio-preview", "claude-sonnet-4-5", "gemini-2.5-pro", "unheard-of")),
)
def test_no_usage_however_odd_raises_or_gives_a_negative_part(usage: Usage, model: str) -> None:
    found = price(model, usage)
    if isinstance(found, Cost):
        parts = [getattr(found, name) for name in PART_NAMES]
        assert all(part >= 0 for part in parts)
        with localcontext(prec=100):
            assert sum(parts) == found.usd


def test_service_tiers_are_priced_or_said_not_to_be() -> None:
    standard = cost("gpt-5", PLAIN, provider="openai", answered_tier="default")
    flex = cost("gpt-5", PLAIN, provider="openai", answered_tier="flex")
    told_by_usage = cost("gpt-5", Usage(input=1_000, output=200, extra={"tier": "flex"}), provider="openai")
    assert flex.usd == told_by_usage.usd == standard.usd / 2
    assert flex.source.endswith("tier flex")
    unlisted = cost("gpt-4o", PLAIN, provider="azure", answered_tier="flex")
    assert "no price is listed for tier 'flex': the standard one is used" in unlisted.source


def test_web_searches_are_billed_beside_the_tokens() -> None:
    # Anthropic: 10 USD per 1,000 searches.
    found = cost("claude-sonnet-4-5", Usage(input=1_000, output=0, extra={"web_searches": 3}), provider="anthropic")
    assert found.other == Decimal("0.03")


def test_odd_times_do_not_raise() -> None:
    for when in (-1, 0, 2**63, 10**30):
        assert isinstance(price("gpt-4o", PLAIN, provider="openai", when=when), Cost)


def test_a_quote_names_every_bucket_and_its_tiers() -> None:
    quote = BOOK.quote("gemini-2.5-pro", provider="google", on=date(2026, 11, 1))
    assert isinstance(quote, Quote)
    lines = {line.bucket: line for line in quote.lines}
    assert lines["input"].usd == Decimal("1.25")
    assert lines["input"].tiers == ((200_000, Decimal("2.5")),)
    assert isinstance(BOOK.quote("unheard-of", on=date(2026, 11, 1)), Unpriced)
