"""How much of what is seen is kept, and how soon it is on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from clawtrace_core.capture.redact import redact_secrets
from clawtrace_core.errors import SettingsInvalid

Policy = Literal["full", "clipped", "digest", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a recorder keeps. Raises SettingsInvalid on a value that cannot be used."""

    content: Policy = "full"
    """`full`: every text; `clipped`: the beginning and the end of each; `digest`: sizes and hashes of texts;
    `none`: sizes and hashes keyed with a secret that is thrown away, so that not even a guess can be checked."""
    clip: int = 2000
    """Characters kept of a text under `clipped`."""
    redact: Callable[[str], str] | None = redact_secrets
    """Runs over every text before it is hashed or kept; None switches redaction off."""
    strict: bool = False
    """True: what the guard would swallow is raised. For tests."""
    flush_ms: int = 100
    """At most so many milliseconds pass before a signal is on disk."""
    flush_events: int = 256
    """So many waiting signals are written without waiting for the time."""

    def __post_init__(self) -> None:
        if self.content not in get_args(Policy):
            known = ", ".join(get_args(Policy))
            raise SettingsInvalid(f"setting 'content': found {self.content!r}, expected one of {known}")
        if self.redact is not None and not callable(self.redact):
            raise SettingsInvalid(f"setting 'redact': found {self.redact!r}, expected a callable or None")
        for name, least in (("clip", 2), ("flush_ms", 1), ("flush_events", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise SettingsInvalid(f"setting {name!r}: found {value!r}, expected a whole number >= {least}")
