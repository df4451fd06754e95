"""Sinks and a clock for tests of whatever records."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass, field

from clawtrace_core.model.codec import decode
from clawtrace_core.model.event import Event


class StepClock:
    """Answers `start`, then `step` nanoseconds more each time: times that are the same on every run."""

    def __init__(self, start: int = 1_700_000_000_000_000_000, step: int = 1_000_000) -> None:
        self._next = start
        self._step = step

    def __call__(self) -> int:
        now = self._next
        self._next += self._step
        return now


@dataclass
class ListSink:
    """Keeps every batch it is given."""

    batches: list[bytes] = field(default_factory=list)
    closed: int = 0
    """How often `close` was called."""

    def append(self, lines: bytes) -> None:
        self.batches.append(lines)

    def close(self) -> None:
        self.closed += 1


@dataclass
class FailingSink(ListSink):
    """A full disk: fails `times` times, or always with None, then keeps what it is given."""

    times: int | None = None
    failures: int = 0

    def append(self, lines: bytes) -> None:
        if self.times is None or self.failures < self.times:
            self.failures += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        super().append(lines)


def events_of(sink: ListSink) -> list[Event]:
    """The events a sink was given, in order."""
    return [decode(line) for line in lines_of(sink.batches)]


def lines_of(batches: Iterable[bytes]) -> list[bytes]:
    """The lines in some batches, in order."""
    return b"".join(batches).splitlines()
