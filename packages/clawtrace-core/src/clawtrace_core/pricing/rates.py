"""The price of each kind of token, and the exact arithmetic that turns a usage into money. Pure."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from clawtrace_core.model.usage import Usage

MILLION = -6
EXACT = Context(prec=80)
"""Enough digits that no sum or product here is ever rounded, whatever the caller's own decimal context."""
ZERO = Decimal(0)
REASONS = {
    "output": "the price list holds no price for output of this model",
    "input": "the price list does not price this model by the token",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens (or per piece), by the size of the call's whole input."""

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    """`(above, usd)`, ascending. Crossing a tier re-prices all tokens of the call, as providers bill."""

    def at(self, total_input: int) -> Decimal:
        found = self.base
        for above, usd in self.tiers:
            if total_input > above:
                found = usd
        return found


class Parts(NamedTuple):
    """A call's cost by part, in USD."""

    uncached: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    other: Decimal

    @property
    def usd(self) -> Decimal:
        with localcontext(EXACT):
            return sum(self, ZERO)


NOTHING_BILLED = Parts(ZERO, ZERO, ZERO, ZERO, ZERO)

# A bucket without a price of its own is billed at that of the next one that has one.
FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "cache_read": ("input",),
    "cache_write": ("input",),
    "cache_write_5m": ("cache_write", "input"),
    "cache_write_1h": ("cache_write", "input"),
    "cached_audio": ("cache_read", "input"),
    "reasoning": ("output",),
    "output_audio": ("output",),
}


class _Flat(NamedTuple):
    """Rates with every tier and fallback resolved."""

    input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    output: Decimal
    reasoning: Decimal
    input_audio: Decimal | None
    cached_audio: Decimal
    output_audio: Decimal


class Rates:
    """All rates of one model on one day. Built once, applied to many calls."""

    __slots__ = ("_flats", "_starts", "by_bucket", "request", "web_search")

    def __init__(self, by_bucket: Mapping[str, Rate]) -> None:
        self.by_bucket = by_bucket
        self.request = by_bucket["request"].base if "request" in by_bucket else ZERO
        self.web_search = by_bucket["web_search"].base if "web_search" in by_bucket else None
        self._starts = sorted({above for rate in by_bucket.values() for above, _ in rate.tiers})
        self._flats = [self._flat(total) for total in (0, *(start + 1 for start in self._starts))]

    def lacks(self, usage: Usage) -> str | None:
        """Why these rates cannot price that usage; None when they can."""
        if "input" not in self.by_bucket:
            return REASONS["input"]
        if usage.output and "output" not in self.by_bucket:
            return REASONS["output"]
        return None

    def split(self, usage: Usage) -> Parts:
        """The cost of a usage whose `input` is known; unknown output counts as none.

        Counts in conflict are clamped so that no part goes below 0: of more cached tokens than input, the
        dearest kinds (writes, then reads) keep their place, so doubt never makes a call look cheaper.
        """
        total = max(0, usage.input or 0)
        flat = self._flats[bisect_left(self._starts, total)]
        left = total
        left -= (hour := _held(usage.cache_write_1h, left))
        left -= (five := _held(usage.cache_write_5m, left))
        left -= (unknown := _held(usage.cache_write_unknown, left))
        left -= (read := _held(usage.cache_read, left))
        out = max(0, usage.output or 0)
        with localcontext(EXACT):
            uncached, cached = self._read(flat, usage.input_audio, left, read)
            written = flat.cache_write_1h * hour + flat.cache_write_5m * five + flat.cache_write * unknown
            return Parts(
                uncached.scaleb(MILLION),
                cached.scaleb(MILLION),
                written.scaleb(MILLION),
                self._written(flat, usage, out).scaleb(MILLION),
                self._fees(usage),
            )

    def _read(self, flat: _Flat, audio: int, uncached: int, cached: int) -> tuple[Decimal, Decimal]:
        if not audio or flat.input_audio is None:
            return flat.input * uncached, flat.cache_read * cached
        # No provider tells how much of the cached part is audio: text is taken to be cached first.
        fresh = _held(audio, uncached)
        old = _held(audio - fresh, cached)
        return (
            flat.input * (uncached - fresh) + flat.input_audio * fresh,
            flat.cache_read * (cached - old) + flat.cached_audio * old,
        )

    def _written(self, flat: _Flat, usage: Usage, out: int) -> Decimal:
        spoken = _held(usage.output_audio, out)
        thought = _held(usage.reasoning, out - spoken)
        plain = out - spoken - thought
        return flat.output * plain + flat.reasoning * thought + flat.output_audio * spoken

    def _fees(self, usage: Usage) -> Decimal:
        searches = usage.extra.get("web_searches", 0)
        if self.web_search is None or not isinstance(searches, int):
            return self.request
        return self.request + self.web_search * max(0, searches)

    def _flat(self, total: int) -> _Flat:
        def rate(bucket: str) -> Decimal:
            for name in (bucket, *FALLBACKS.get(bucket, ())):
                if name in self.by_bucket:
                    return self.by_bucket[name].at(total)
            return ZERO

        audio = self.by_bucket.get("input_audio")
        return _Flat(
            **{name: rate(name) for name in _Flat._fields if name != "input_audio"},
            input_audio=audio.at(total) if audio else None,
        )


def _held(count: int, room: int) -> int:
    return min(max(0, count), room)


def share(usd: Decimal, parts: Parts | None) -> Parts:
    """An amount split in proportion to `parts`; all of it is `other` where there is no proportion.

    Shares are cut at a trillionth of a dollar and the largest takes the remainder, so they sum exactly.
    """
    whole = parts.usd if parts else ZERO
    if parts is None or not whole:
        return NOTHING_BILLED._replace(other=usd)
    with localcontext(EXACT):
        cut = [(usd * part / whole).quantize(Decimal("1e-12")) for part in parts]
        largest = max(range(len(cut)), key=lambda index: parts[index])
        cut[largest] += usd - sum(cut, ZERO)
    return Parts(*cut)
