"""A conversation as every framework tells it: what the policy reads, in nobody's own classes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool call that the model asks for."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user said."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the model said: words, tool calls, or both. No calls: it is the answer."""

    text: str = ""
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What one tool call brought back."""

    text: str
    failed: bool = False


Turn = Asked | Said | Got


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as the model sees it."""

    name: str
    description: str
    parameters: tuple[str, ...] = ()


TURN_TOKENS = 4
"""What a chat format adds around each message."""
CACHE_FROM, CACHE_STEP = 1024, 128
"""OpenAI caches prompts from 1,024 tokens up, in steps of 128 (its prompt-caching guide)."""


def tokens_of(text: str) -> int:
    """A deterministic stand-in for a tokenizer: four bytes to the token, rounded up."""
    return (len(text.encode()) + 3) // 4


def turn_tokens(turn: Turn) -> int:
    """Tokens of one turn as the model reads it in its prompt."""
    if isinstance(turn, Said):
        return TURN_TOKENS + said_tokens(turn)
    return TURN_TOKENS + tokens_of(turn.text)


def said_tokens(said: Said) -> int:
    """Tokens the model produces to say this."""
    calls = sum(tokens_of(call.name + json.dumps(dict(call.args), sort_keys=True)) for call in said.calls)
    return tokens_of(said.text) + calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """Token counts of one simulated call. `input` includes `cache_read`."""

    input: int
    cache_read: int
    output: int


def meter(instructions: str, tools: Sequence[Tool], turns: Sequence[Turn], said: Said) -> Metered:
    """What a provider would count for this call: everything received, and everything said.

    A conversation only grows, so the longest prefix that an earlier call of it has already sent is all that stands
    before the model's last turn; that much is read from the cache, if it is long enough to be cached at all.
    """
    head = TURN_TOKENS + tokens_of(instructions)
    head += sum(tokens_of(f"{t.name} {t.description} {' '.join(t.parameters)}") for t in tools)
    sizes = [turn_tokens(turn) for turn in turns]
    last = max((index for index, turn in enumerate(turns) if isinstance(turn, Said)), default=None)
    known = 0 if last is None else head + sum(sizes[:last])
    cached = known // CACHE_STEP * CACHE_STEP if known >= CACHE_FROM else 0
    return Metered(input=head + sum(sizes), cache_read=cached, output=said_tokens(said))
