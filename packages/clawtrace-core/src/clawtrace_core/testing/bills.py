"""What a provider tells of a call, in the shapes in which providers tell it: for the fakes of players."""

from typing import Any

from clawtrace_core.model.usage import Usage


def bill(
    told_input: int,
    output: int,
    *,
    cache_read: int = 0,
    cache_write_5m: int = 0,
    cache_write_1h: int = 0,
    reasoning: int = 0,
) -> Usage:
    """A usage; counts are tokens, inclusive."""
    return Usage(
        input=told_input,
        output=output,
        cache_read=cache_read,
        cache_write_5m=cache_write_5m,
        cache_write_1h=cache_write_1h,
        reasoning=reasoning,
        total=told_input + output,
    )


def as_openai(usage: Usage | None) -> dict[str, Any] | None:
    """As OpenAI's chat completions tell it. Writes to a cache have no place in it."""
    if usage is None:
        return None
    told_input, output = usage.input or 0, usage.output or 0
    return {
        "prompt_tokens": told_input,
        "completion_tokens": output,
        "total_tokens": told_input + output,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


def as_anthropic(usage: Usage | None) -> dict[str, Any] | None:
    """As Anthropic's messages tell it: cached tokens beside the input. Reasoning has no place in it."""
    if usage is None:
        return None
    return {
        "input_tokens": usage.uncached or 0,
        "output_tokens": usage.output or 0,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
    }
