"""Where a recorder's lines go. A store gives sinks that are files; tests give lists."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Sink(Protocol):
    """Takes whole lines, in order. It is called from one thread at a time."""

    def append(self, lines: bytes) -> None:
        """Keep one or more whole lines. Raising means: nothing was kept, hand it over again."""
        ...

    def close(self) -> None:
        """Let go of what is held. Called once, after the last append."""
        ...
