"""The one place that knows genai-prices: (model, provider, host, time, tier) -> rates.

The library is imported inside functions: it takes half a second, and recording must not wait for it. Its own
call takes 130-200 us; so a model is looked up once a day of calls and its rates are kept as plain numbers.
"""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from clawtrace_core.pricing.rates import Rate, Rates

# genai-prices' name of a price -> ours. Fees are per thousand there, each here.
_BUCKETS: Mapping[str, str] = {
    "input_mtok": "input",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_5m_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "cache_audio_read_mtok": "cached_audio",
    "output_audio_mtok": "output_audio",
}
_FEES: Mapping[str, str] = {"requests_kcount": "request", "web_searches_kcount": "web_search"}

# What frameworks call providers, where the price list does not know the word.
_ALIASES: Mapping[str, str] = {
    "amazon_bedrock": "aws",
    "anthropic_bedrock": "aws",
    "azure_openai": "azure",
    "azure_ai": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "google_anthropic_vertex": "google",
    "google_genai": "google",
    "google_vertexai": "google",
    "mistralai": "mistral",
    "vertex_ai": "google",
    "xai": "x-ai",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """A model as the price list holds it."""

    provider: str
    model: str
    info: Any
    """genai-prices' ModelInfo."""
    own: bool
    """False when the provider resells another provider's model and has no prices of its own for it."""
    by_hour: bool
    """True when the price depends on the time of day."""


@cache
def version() -> str:
    """The installed version of the price list."""
    return importlib.metadata.version("genai-prices")


@cache
def _snapshot() -> Any:
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415  lazily, see above

    return get_snapshot()


@cache
def provider_named(name: str) -> str | None:
    """The price list's id of a provider a framework or response names."""
    from genai_prices.data_snapshot import find_provider_by_id  # noqa: PLC0415  lazily, see above

    wanted = name.strip().lower()
    found = find_provider_by_id(_snapshot().providers, _ALIASES.get(wanted, wanted))
    return None if found is None else str(found.id)


@cache
def provider_at(host: str) -> str | None:
    """The price list's id of the provider who answers at that host."""
    name = host.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")[0]
    try:
        return str(_snapshot().find_provider(None, None, f"https://{name.partition(':')[0]}").id)
    except LookupError:
        return None


@cache
def listed(model: str, provider: str | None) -> Listing | None:
    """The model as that provider sells it; without a provider, as its maker does."""
    from genai_prices.types import ModelPrice, TimeOfDateConstraint  # noqa: PLC0415  lazily, see above

    for spelling in _spellings(model):
        try:
            seller, info = _snapshot().find_provider_model(spelling, None, provider, None)
        except LookupError:
            continue
        dated = () if isinstance(info.prices, ModelPrice) else info.prices
        rules = [rule.constraint for rule in (*dated, *(info.price_variants or ()))]
        return Listing(
            provider=seller.id,
            model=info.id,
            info=info,
            own=any(info is own for own in seller.models),
            by_hour=any(isinstance(rule, TimeOfDateConstraint) for rule in rules),
        )
    return None


def _spellings(model: str) -> tuple[str, ...]:
    """The id as given, then without the path a cloud puts before it (`models/gemini-2.5-pro`, an ARN)."""
    tail = model.rsplit("/", 1)[-1]
    return (
        (model, tail)
        if tail != model and model.startswith(("models/", "publishers/", "projects/", "arn:"))
        else (model,)
    )


def rates(listing: Listing, at: datetime, tier: str | None) -> tuple[Rates, str | None]:
    """The rates of that moment, and the service tier they are for (None: standard)."""
    standard = listing.info.get_prices(at)
    for context in _contexts(tier):
        # A reseller's borrowed listing has the maker's standard prices only, as in the library itself.
        if listing.own and _has_variant(listing.info, context, at):
            return Rates(_by_bucket(listing.info.get_prices(at, context))), tier
    return Rates(_by_bucket(standard)), None


def _contexts(tier: str | None) -> tuple[dict[str, str], ...]:
    if tier is None:
        return ()
    return ({"service_tier": tier}, {"processing": tier}, {"speed": tier})


def _has_variant(info: Any, context: Mapping[str, str], at: datetime) -> bool:
    return any(
        all(context.get(key) == value for key, value in variant.when.items())
        and (variant.constraint is None or variant.constraint.active(at))
        for variant in info.price_variants or ()
    )


def _by_bucket(price: Any) -> dict[str, Rate]:
    found: dict[str, Rate] = {}
    for key, bucket in _BUCKETS.items():
        value = getattr(price, key)
        if isinstance(value, Decimal):
            found[bucket] = Rate(value)
        elif value is not None:
            found[bucket] = Rate(value.base, tuple((step.start, step.price) for step in value.tiers))
    for key, fee in _FEES.items():
        value = getattr(price, key)
        if isinstance(value, Decimal):
            found[fee] = Rate(value.scaleb(-3))
    return found


def since(listing: Listing, at: datetime) -> date | None:
    """The first day the prices of that moment hold, where the list dates them."""
    from genai_prices.types import ModelPrice, StartDateConstraint  # noqa: PLC0415  lazily, see above

    if isinstance(listing.info.prices, ModelPrice):
        return None
    for dated in reversed(listing.info.prices):
        rule = dated.constraint
        if rule is None or rule.active(at):
            return rule.start_date if isinstance(rule, StartDateConstraint) else None
    return None
