"""Our arithmetic against genai-prices' own, over its whole catalogue: same usage, same dollars."""

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, Provider
from genai_prices.types import Usage as TheirUsage

from clawtrace_core.model.event import Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing import Cost, PriceBook
from clawtrace_core.pricing.catalogue import listed, rates

AT = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
MODELS = [(provider, model) for provider in get_snapshot().providers for model in provider.models]


def some_usage(rng: random.Random) -> Usage:
    size = rng.choice((90, 5_000, 130_000, 199_999, 200_000, 200_001, 272_001, 900_000))
    read, five, hour, unknown = (rng.randint(0, size // 5) if rng.random() < 0.5 else 0 for _ in range(4))
    output = rng.randint(0, 9_000)
    return Usage(
        input=size,
        output=output,
        cache_read=read,
        cache_write_5m=five,
        cache_write_1h=hour,
        cache_write_unknown=unknown,
        reasoning=rng.randint(0, output) if rng.random() < 0.5 else 0,
    )


def theirs(usage: Usage, provider: Provider, model: ModelInfo, context: dict[str, str] | None = None) -> Decimal:
    raw = TheirUsage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_5m_tokens=usage.cache_write_5m,
        cache_write_1h_tokens=usage.cache_write_1h,
        output_reasoning_tokens=usage.reasoning,
    )
    calculation = model.calc_price(raw, provider, genai_request_timestamp=AT, price_context=context)
    return calculation.total_price


def test_every_model_of_the_list_costs_what_the_list_says() -> None:
    rng = random.Random(20261123)  # noqa: S311
    compared = 0
    for provider, model in MODELS:
        listing = listed(model.id, provider.id)
        if listing is None or listing.model != model.id or listing.provider != provider.id:
            continue  # an id that its own matcher reads as another model's
        applied, _ = rates(listing, AT, None)
        usage = some_usage(rng)
        if applied.lacks(usage):
            continue
        assert applied.split(usage).usd == theirs(usage, provider, model), (provider.id, model.id, usage)
        compared += 1
    assert compared > 1_900


@pytest.mark.parametrize(
    ("tier", "context"), [("flex", "service_tier"), ("priority", "service_tier"), ("batch", "processing")]
)
def test_every_service_tier_of_the_list_costs_what_the_list_says(tier: str, context: str) -> None:
    rng = random.Random(7)  # noqa: S311
    compared = 0
    for provider, model in MODELS:
        listing = listed(model.id, provider.id)
        if listing is None or listing.model != model.id:
            continue
        applied, found = rates(listing, AT, tier)
        usage = some_usage(rng)
        if found is None or applied.lacks(usage):
            continue
        assert applied.split(usage).usd == theirs(usage, provider, model, {context: tier}), (model.id, usage)
        compared += 1
    assert compared >= 20


def test_the_tier_called_default_is_the_standard_price_everywhere() -> None:
    for provider, model in MODELS:
        usage = Usage(input=1_000, output=100)
        listing = listed(model.id, provider.id)
        if listing is None or rates(listing, AT, None)[0].lacks(usage):
            continue
        assert theirs(usage, provider, model) == theirs(usage, provider, model, {"service_tier": "default"}), model.id


def test_parts_sum_to_the_total_whatever_the_callers_decimal_precision() -> None:
    from decimal import localcontext

    rng = random.Random(3)  # noqa: S311
    book = PriceBook()
    for name in ("gpt-5.4", "claude-sonnet-4-5", "gemini-2.5-pro"):
        usage = some_usage(rng)
        call = {
            "request": Request(model=name),
            "response": Response(usage=usage),
            "usage": usage,
            "at_ns": 1_795_000_000 * 10**9,
        }
        exact = book.price(**call)
        with localcontext(prec=3):
            coarse = book.price(**call)
        assert isinstance(exact, Cost)
        assert exact == coarse
        assert exact.usd == exact.uncached + exact.cache_read + exact.cache_write + exact.output + exact.other
