"""Token usage of one LLM call. The convention is stated here, once: **inclusive**.

`input` includes cache reads and cache writes; `output` includes reasoning. (OpenTelemetry GenAI and
genai-prices count the same way; Anthropic's own API counts apart and is added up on the way in.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts in tokens. `None` means not known, which is never the same as 0."""

    input: int | None = None
    """All prompt tokens, cached ones included."""
    output: int | None = None
    """All generated tokens, reasoning included."""
    cache_read: int = 0
    """Read from a cache."""
    cache_write_5m: int = 0
    """Written to a cache that lives 5 minutes."""
    cache_write_1h: int = 0
    """Written to a cache that lives an hour."""
    cache_write_unknown: int = 0
    """Written to a cache whose lifetime the provider did not tell."""
    reasoning: int = 0
    """Part of `output` that the model thought and did not say."""
    input_audio: int = 0
    """Part of `input` that was sound."""
    output_audio: int = 0
    """Part of `output` that was sound."""
    total: int | None = None
    """The provider's own total, kept to be checked, never used in a sum."""
    reported_usd: Decimal | None = None
    """What the provider itself says the call cost, in USD."""
    estimated: bool = False
    """True when any count was worked out here and not told by the provider."""
    conflicts: tuple[str, ...] = ()
    """What does not add up (`cache_read 900 > input 800`); kept and shown, never guessed away."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cache_write(self) -> int:
        """All tokens written to a cache, whatever their lifetime."""
        return self.cache_write_5m + self.cache_write_1h + self.cache_write_unknown

    @property
    def uncached(self) -> int | None:
        """Input tokens neither read from nor written to a cache; never below 0."""
        if self.input is None:
            return None
        return max(0, self.input - self.cache_read - self.cache_write)

    def __add__(self, other: "Usage") -> "Usage":
        """Add two usages. Unknown plus known is unknown: a sum that hides a gap is a lie."""
        return Usage(
            input=_plus(self.input, other.input),
            output=_plus(self.output, other.output),
            cache_read=self.cache_read + other.cache_read,
            cache_write_5m=self.cache_write_5m + other.cache_write_5m,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            cache_write_unknown=self.cache_write_unknown + other.cache_write_unknown,
            reasoning=self.reasoning + other.reasoning,
            input_audio=self.input_audio + other.input_audio,
            output_audio=self.output_audio + other.output_audio,
            estimated=self.estimated or other.estimated,
            conflicts=self.conflicts + other.conflicts,
        )


NO_USAGE = Usage(input=0, output=0)
"""The neutral element of addition."""


def _plus(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b
