"""The shapes in which providers and frameworks tell usage, one table row each, and the reader over them.

A difference between providers is data here: where each count stands, and whether cache and reasoning
tokens are part of `input` and `output` or told apart. What comes out is always inclusive (see `Usage`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_counts import Reading, find, told

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way of telling usage. Paths are tried in order."""

    name: str
    marks: Paths
    """It is this shape when any of these is there, be its value None."""
    input: Paths
    output: Paths
    also_input: Paths = ()
    """Counts told apart from `input` that are billed as input; the first present one is added."""
    cache_read: Paths = ()
    cache_write: Paths = ()
    """All cache writes, or, with `split_apart`, only those whose lifetime is not told."""
    cache_write_5m: Paths = ()
    cache_write_1h: Paths = ()
    split_apart: bool = False
    """True when `cache_write` does not include what the 5m and 1h counts hold."""
    reasoning: Paths = ()
    input_audio: Paths = ()
    output_audio: Paths = ()
    total: Paths = ()
    usd: Paths = ()
    searches: Paths = ()
    """Web searches the provider ran and bills apart."""
    cache_apart: bool = False
    """True when `input` excludes cache reads and writes."""
    reasoning_apart: bool = False
    """True when `output` excludes reasoning."""


_PROMPT = "prompt_tokens_details"
_COMPLETION = "completion_tokens_details"
_IN = "input_token_details"
_OUT = "output_token_details"

# The order matters where keys collide; each row says why it stands where it does.
SHAPES: tuple[Shape, ...] = (
    # Grok counts reasoning apart from completion_tokens (its total includes it); its own key tells it from
    # the OpenAI shape it otherwise follows. https://docs.x.ai/docs/guides/reasoning
    Shape(
        name="xai chat",
        marks=("num_sources_used", "cost_in_usd_ticks"),
        input=("prompt_tokens",),
        output=("completion_tokens",),
        cache_read=(f"{_PROMPT}.cached_tokens",),
        reasoning=(f"{_COMPLETION}.reasoning_tokens",),
        input_audio=(f"{_PROMPT}.audio_tokens",),
        output_audio=(f"{_COMPLETION}.audio_tokens",),
        total=("total_tokens",),
        reasoning_apart=True,
    ),
    # OpenAI chat and all who follow it (Azure, Mistral, Groq, Together, OpenRouter, litellm, vLLM). Before
    # Anthropic: litellm adds cache_read_input_tokens beside an inclusive prompt_tokens.
    # https://platform.openai.com/docs/api-reference/chat/object ; OpenRouter's `cost` is in USD:
    # https://openrouter.ai/docs/use-cases/usage-accounting ; DeepSeek's hits are part of prompt_tokens:
    # https://api-docs.deepseek.com/guides/kv_cache ; Perplexity tells `cost.total_cost`.
    Shape(
        name="openai chat",
        marks=("prompt_tokens", "completion_tokens"),
        input=("prompt_tokens",),
        output=("completion_tokens",),
        cache_read=(
            f"{_PROMPT}.cached_tokens",
            "prompt_cache_hit_tokens",
            "cache_read_input_tokens",
            "cached_prompt_tokens",
            "cached_tokens",
        ),
        cache_write=(
            f"{_PROMPT}.cache_write_tokens",
            f"{_PROMPT}.cache_creation_tokens",
            "cache_creation_input_tokens",
            "cache_creation_tokens",
        ),
        cache_write_5m=(f"{_PROMPT}.cache_creation_token_details.ephemeral_5m_input_tokens",),
        cache_write_1h=(f"{_PROMPT}.cache_creation_token_details.ephemeral_1h_input_tokens",),
        reasoning=(f"{_COMPLETION}.reasoning_tokens", "reasoning_tokens"),
        input_audio=(f"{_PROMPT}.audio_tokens",),
        output_audio=(f"{_COMPLETION}.audio_tokens",),
        total=("total_tokens",),
        usd=("cost", "cost.total_cost"),
        searches=("server_tool_use.web_search_requests",),
    ),
    # Bedrock Converse. `inputTokens` excludes what is read from or written to the cache.
    # https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
    Shape(
        name="bedrock converse",
        marks=("inputTokens", "outputTokens"),
        input=("inputTokens",),
        output=("outputTokens",),
        cache_read=("cacheReadInputTokens", "cacheReadInputTokenCount"),
        cache_write=("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
        cache_write_5m=("cacheDetails[ttl=5m].inputTokens",),
        cache_write_1h=("cacheDetails[ttl=1h].inputTokens",),
        total=("totalTokens",),
        cache_apart=True,
    ),
    # Gemini, in the spelling of the SDK and of the wire. Thoughts and tool-use prompts stand apart from
    # candidates and prompt; cached content is part of the prompt.
    # https://ai.google.dev/api/generate-content#UsageMetadata
    *(
        Shape(
            name=f"gemini ({spelling})",
            marks=(prompt, candidates, total),
            input=(prompt,),
            output=(candidates, response),
            also_input=(tools,),
            cache_read=(cached,),
            reasoning=(thoughts,),
            input_audio=(f"{details}[modality=AUDIO].{count}",),
            output_audio=(f"{out_details}[modality=AUDIO].{count}",),
            total=(total,),
            reasoning_apart=True,
        )
        for spelling, prompt, candidates, response, tools, cached, thoughts, details, out_details, count, total in (
            (
                "sdk",
                "prompt_token_count",
                "candidates_token_count",
                "response_token_count",
                "tool_use_prompt_token_count",
                "cached_content_token_count",
                "thoughts_token_count",
                "prompt_tokens_details",
                "candidates_tokens_details",
                "token_count",
                "total_token_count",
            ),
            (
                "wire",
                "promptTokenCount",
                "candidatesTokenCount",
                "responseTokenCount",
                "toolUsePromptTokenCount",
                "cachedContentTokenCount",
                "thoughtsTokenCount",
                "promptTokensDetails",
                "candidatesTokensDetails",
                "tokenCount",
                "totalTokenCount",
            ),
        )
    ),
    # LangChain's `usage_metadata`, inclusive whatever the provider. With a lifetime split, langchain-anthropic
    # sets cache_creation to 0; on the flex and priority tiers langchain-openai prefixes the keys. `total_cost: 0`
    # on an answer from LangChain's own cache is its bookkeeping, not a price the provider told: not read.
    Shape(
        name="langchain",
        marks=(_IN, _OUT),
        input=("input_tokens",),
        output=("output_tokens",),
        cache_read=(f"{_IN}.cache_read", f"{_IN}.flex_cache_read", f"{_IN}.priority_cache_read"),
        cache_write=(f"{_IN}.cache_creation", f"{_IN}.flex_cache_creation", f"{_IN}.priority_cache_creation"),
        cache_write_5m=(f"{_IN}.ephemeral_5m_input_tokens",),
        cache_write_1h=(f"{_IN}.ephemeral_1h_input_tokens",),
        split_apart=True,
        reasoning=(f"{_OUT}.reasoning", f"{_OUT}.flex_reasoning", f"{_OUT}.priority_reasoning"),
        input_audio=(f"{_IN}.audio",),
        output_audio=(f"{_OUT}.audio",),
        total=("total_tokens",),
    ),
    # Anthropic and OpenAI Responses both say input_tokens and output_tokens, one without the cache and one with
    # it. Anthropic's cache keys are told even when they are null and OpenAI never has them, so they decide;
    # the reverse test would fail, as Anthropic's SDK has an output_tokens_details too.
    # https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
    Shape(
        name="anthropic",
        marks=("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
        input=("input_tokens",),
        output=("output_tokens",),
        cache_read=("cache_read_input_tokens",),
        cache_write=("cache_creation_input_tokens",),
        cache_write_5m=("cache_creation.ephemeral_5m_input_tokens",),
        cache_write_1h=("cache_creation.ephemeral_1h_input_tokens",),
        reasoning=("output_tokens_details.thinking_tokens", "output_tokens_details.reasoning_tokens"),
        searches=("server_tool_use.web_search_requests",),
        cache_apart=True,
    ),
    # OpenAI Responses, and the bare pair of counts that many use: without cache keys the two conventions agree.
    # https://platform.openai.com/docs/api-reference/responses/object
    Shape(
        name="openai responses",
        marks=("input_tokens", "output_tokens"),
        input=("input_tokens",),
        output=("output_tokens",),
        cache_read=("input_tokens_details.cached_tokens",),
        cache_write=("input_tokens_details.cache_write_tokens",),
        reasoning=("output_tokens_details.reasoning_tokens",),
        input_audio=("input_tokens_details.audio_tokens",),
        output_audio=("output_tokens_details.audio_tokens",),
        total=("total_tokens",),
        usd=("cost",),
        searches=("server_tool_use.web_search_requests",),
    ),
    # Cohere bills `billed_units`; `tokens` also holds what its own templates add.
    # https://docs.cohere.com/docs/how-does-cohere-pricing-work
    Shape(
        name="cohere",
        marks=("billed_units", "tokens"),
        input=("billed_units.input_tokens", "tokens.input_tokens"),
        output=("billed_units.output_tokens", "tokens.output_tokens"),
    ),
    # https://github.com/ollama/ollama/blob/main/docs/api.md
    Shape(
        name="ollama", marks=("prompt_eval_count", "eval_count"), input=("prompt_eval_count",), output=("eval_count",)
    ),
    # Some embedding endpoints (Voyage, Jina) tell a total alone: it is all input, but that is for the caller to say.
    Shape(name="total alone", marks=("total_tokens",), input=(), output=(), total=("total_tokens",)),
)

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
    tokens_out = _output(shape, reading, reasoning, tokens_in)
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
        total=reading.count(shape.total),
        reported_usd=_reported(shape, reading),
        extra=_extra(shape, reading),
        conflicts=tuple(reading.conflicts),
    )
    conflicts = usage.conflicts + _conflicts(usage, shape)
    if usage == Usage(extra=usage.extra) and not conflicts:
        return None
    return _with_conflicts(usage, conflicts)


def _output(shape: Shape, reading: Reading, reasoning: int, tokens_in: int | None) -> int | None:
    told_out = reading.count(shape.output)
    if not shape.reasoning_apart:
        return told_out
    if told_out is None:
        # Gemini leaves candidates out when all it did was think or when it was cut off before the first word.
        told_out = 0 if tokens_in is not None and (reasoning or reading.count(shape.total) == tokens_in) else None
    return None if told_out is None else told_out + reasoning


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
            if told(reading.raw, f"{_IN}.{tier}") or told(reading.raw, f"{_OUT}.{tier}"):
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
