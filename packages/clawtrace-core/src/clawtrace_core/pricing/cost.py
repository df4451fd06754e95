"""What pricing answers: a cost, the reason why there is none, or a quote. Values only; money is USD."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

State = Literal["reported", "computed", "override", "local"]
"""`reported` by the provider, `computed` from the price list, from a user's `override`, or run on one's own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one call cost, in USD, not rounded. The parts sum to `usd` exactly."""

    usd: Decimal
    uncached: Decimal
    """Input tokens neither read from nor written to a cache."""
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    other: Decimal
    """Per-request and web-search fees, and what a reported cost cannot be split into."""
    state: State
    provider: str | None
    model: str
    source: str
    """Where the price comes from, in words a person can check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """Why a call has no cost. Never the same as a cost of 0."""

    reason: str
    """What is unknown, and what to do about it."""
    model: str | None
    provider: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """The price of one kind of token."""

    bucket: str
    """`input`, `cache_read`, `cache_write_5m`, `cache_write_1h`, `cache_write`, `output`, `reasoning`, `input_audio`,
    `cached_audio`, `output_audio` (USD per million tokens), `request` or `web_search` (USD each)."""
    usd: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    """`(above, usd)`: the price of all these tokens once a call's whole input exceeds `above` tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a model costs on a day."""

    model: str
    """As the price list or the override names it."""
    provider: str | None
    on: date
    state: State
    source: str
    since: date | None
    """The first day these prices hold, where that is known."""
    lines: tuple[QuoteLine, ...]
