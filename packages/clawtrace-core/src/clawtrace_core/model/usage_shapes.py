"""From whatever a provider or framework told of usage to a `Usage`: the reader over the table of shapes.

What comes out is always inclusive. What does not add up is kept and said in `conflicts`.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_counts import Reading, find, told
from clawtrace_core.model.usage_table import SHAPES, Shape

_WRAPPERS = ("usage", "usage_metadata", "usageMetadata", "token_usage", "response.usage")


def normalise_usage(raw: object) -> Usage | None:
    """What a provider or framework told of usage, as a `Usage` (tokens, inclusive).

    `raw` is a mapping, a pydantic model, a dataclass or any object with attributes; a whole response is
    searched one level down. None when it tells nothing. Never raises on odd values: they end in `conflicts`.
    """
    if raw is None or isinstance(raw, Usage):
        return raw
    shape = recognise(raw)
    if shape is None:
        inner = next((found for path in _WRAPPERS if (found := find(raw, path)) is not None), None)
        shape = recognise(inner)
        raw = inner
    return None if shape is None else _read(shape, raw)


def recognise(raw: object) -> Shape | None:
    """The first row of the table whose marks `raw` bears."""
    return next((shape for shape in SHAPES if any(told(raw, mark) for mark in shape.marks)), None)


def _read(shape: Shape, raw: object) -> Usage | None:
    reading = Reading(raw)
    read = reading.count(shape.cache_read) or 0
    reasoning = reading.count(shape.reasoning) or 0
    five, hour, unknown = _writes(shape, reading)
    tokens_in = reading.count(shape.input)
    also = reading.count(shape.also_input) or 0
    if tokens_in is not None:
        tokens_in += also + (read + five + hour + unknown if shape.cache_apart else 0)
    total = reading.count(shape.total)
    tokens_out = _output(shape, reading.count(shape.output), reasoning, tokens_in, total)
    usage = Usage(
        input=tokens_in,
        output=tokens_out,
        cache_read=read,
        cache_write_5m=five,
        cache_write_1h=hour,
        cache_write_unknown=unknown,
        reasoning=reasoning,
        input_audio=reading.count(shape.input_audio) or 0,
        output_audio=reading.count(shape.output_audio) or 0,
        total=total,
        reported_usd=_reported(shape, reading),
        extra=_extra(shape, reading),
        conflicts=tuple(reading.conflicts),
    )
    conflicts = usage.conflicts + _conflicts(usage, shape)
    if usage == Usage(extra=usage.extra) and not conflicts:
        return None
    return _with_conflicts(usage, conflicts)


def _output(shape: Shape, told_out: int | None, reasoning: int, tokens_in: int | None, total: int | None) -> int | None:
    if shape.reasoning_apart:
        if told_out is None and tokens_in is not None and (reasoning or total == tokens_in):
            # Gemini leaves candidates out when all it did was think, or when it was cut off before the first word.
            told_out = 0
        return None if told_out is None else told_out + reasoning
    if told_out is None or tokens_in is None or not reasoning:
        return told_out
    # Grok says completion_tokens without reasoning in the shape of OpenAI, who says it with: no key tells them apart,
    # but a total that is only right with reasoning added is the provider's own word for it.
    return told_out + reasoning if total == tokens_in + told_out + reasoning else told_out


def _writes(shape: Shape, reading: Reading) -> tuple[int, int, int]:
    """Cache writes of 5 minutes, of 1 hour, and of a lifetime not told."""
    five = reading.count(shape.cache_write_5m) or 0
    hour = reading.count(shape.cache_write_1h) or 0
    whole = reading.count(shape.cache_write)
    if whole is None:
        return five, hour, 0
    if shape.split_apart:
        # A provider that tells the whole beside the split as well would be counted twice: take it once.
        return five, hour, 0 if whole == five + hour else whole
    if whole < five + hour:
        reading.conflicts.append(f"{shape.cache_write[0]} {whole} < 5m {five} + 1h {hour}")
    return five, hour, max(0, whole - five - hour)


def _reported(shape: Shape, reading: Reading) -> Decimal | None:
    if ticks := reading.count(shape.usd_ticks):
        return Decimal(ticks).scaleb(-10)
    usd = reading.usd(shape.usd)
    if usd is None or find(reading.raw, "is_byok") is not True:
        return usd
    # OpenRouter with one's own key: `cost` is its fee alone, the provider's bill stands beside it.
    upstream = reading.usd(("cost_details.upstream_inference_cost",))
    return usd if upstream is None else usd + upstream


def _extra(shape: Shape, reading: Reading) -> Mapping[str, int | str]:
    extra: dict[str, int | str] = {}
    if searches := reading.count(shape.searches):
        extra["web_searches"] = searches
    if shape.name == "langchain":
        for tier in ("flex", "priority"):
            if told(reading.raw, f"input_token_details.{tier}") or told(reading.raw, f"output_token_details.{tier}"):
                extra["tier"] = tier
    return extra


def _conflicts(usage: Usage, shape: Shape) -> tuple[str, ...]:
    found: list[str] = []
    tokens_in, tokens_out = usage.input, usage.output
    if tokens_in is not None:
        cached = usage.cache_read + usage.cache_write
        if cached > tokens_in:
            found.append(f"cache_read {usage.cache_read} + cache_write {usage.cache_write} > input {tokens_in}")
        if usage.input_audio > tokens_in:
            found.append(f"input_audio {usage.input_audio} > input {tokens_in}")
    if tokens_out is not None and usage.reasoning + usage.output_audio > tokens_out:
        found.append(f"reasoning {usage.reasoning} + output_audio {usage.output_audio} > output {tokens_out}")
    if None not in (usage.total, tokens_in, tokens_out):
        sums = {(tokens_in or 0) + (tokens_out or 0)}
        if shape.cache_apart:
            # Providers that count the cache apart differ in whether their own total holds it.
            sums.add((usage.uncached or 0) + (tokens_out or 0))
        if usage.total not in sums:
            found.append(f"total {usage.total} != input {tokens_in} + output {tokens_out}")
    return tuple(found)


def _with_conflicts(usage: Usage, conflicts: tuple[str, ...]) -> Usage:
    return replace(usage, conflicts=conflicts) if conflicts != usage.conflicts else usage
