"""One session on its way to disk: its assembler, its sink, and the lines the sink has not taken yet.

Touched by one thread at a time (whoever holds the writer's drain lock), except for `count_lost`.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from clawtrace_core.capture.assembler import Assembler
from clawtrace_core.capture.guard import PROCESS_VOICE, Voice, attempt
from clawtrace_core.capture.scrub import Scrub
from clawtrace_core.capture.settings import Settings
from clawtrace_core.capture.signal import Signal
from clawtrace_core.capture.sink import Sink
from clawtrace_core.model.codec import encode
from clawtrace_core.model.event import Event, SessionEnded, SessionStarted

BACKLOG_BYTES = 32 << 20
"""Lines kept in memory while a sink fails; what comes after is counted as lost."""
_LONGEST_PAUSE = 64


@dataclass(frozen=True, slots=True)
class Closing:
    """The last signal of a session."""

    at_ns: int
    status: str | None
    """None: nobody said; `interrupted` when a span is still open, else `ok`."""


SinkSource = Sink | Callable[[], Sink]
Fork = Callable[[SessionStarted], tuple[SinkSource, SessionStarted]]
"""Answers where a child process writes what an inherited recorder sees: a sink and an opening of its own."""


class Channel:
    """One session's state on the writer's side."""

    def __init__(
        self,
        source: SinkSource,
        opening: SessionStarted,
        settings: Settings,
        *,
        secret: Callable[[], bytes],
        fork: Fork | None = None,
        backlog: int = BACKLOG_BYTES,
        voice: Voice = PROCESS_VOICE,
    ) -> None:
        self.settings = settings
        self._secret = secret
        self._fork = fork
        self._backlog = backlog
        self._voice = voice
        self._inherited = False
        self._begin(source, opening)

    def _begin(self, source: SinkSource, opening: SessionStarted) -> None:
        self.opening = opening
        self.lost = 0
        self.finished = False
        self.failure: Exception | None = None
        """The first exception that was swallowed, for a strict recorder to raise."""
        self._lost_lock = threading.Lock()
        self._source: SinkSource | None = source
        self._sink: Sink | None = None
        self._scrub = Scrub(self.settings, self._secret(), self._voice)
        self._assembler = Assembler(self._scrub)
        self._opened = False
        self._lines: list[bytes] = []
        self._unsent: deque[tuple[bytes, int]] = deque()
        self._unsent_bytes = 0
        self._pause = 0
        self._pauses = 0

    @property
    def busy(self) -> bool:
        """Whether a later tick has something to do here."""
        return bool(self._lines or self._unsent or self._assembler.waits)

    @property
    def settled(self) -> bool:
        """Whether the sink has taken every line."""
        return not self._lines and not self._unsent

    def count_lost(self, count: int = 1) -> None:
        """Count signals that will never be on disk. Any thread may call it."""
        with self._lost_lock:
            self.lost += count

    def take(self, signal: Signal | Closing) -> None:
        """Turn one signal into lines. What cannot be encoded is counted as lost."""
        if self.finished:
            self.count_lost()
            return
        error = attempt(self._take, signal)
        if error is not None:
            self._swallow(error)
            self.count_lost()

    def _take(self, signal: Signal | Closing) -> None:
        if self._inherited and not self._opened and isinstance(signal, Closing):
            self.finished = True  # a child that recorded nothing leaves no session behind
            return
        self._open()
        if isinstance(signal, Closing):
            self._finish(signal)
        else:
            self._encode(self._assembler.feed(signal))

    def _open(self) -> None:
        if not self._opened:
            self._opened = True
            self._lines.append(encode(self.opening))

    def _finish(self, closing: Closing) -> None:
        self.finished = True
        self._encode(self._assembler.finish())
        self.count_lost(self._assembler.lost)
        status = closing.status or ("interrupted" if self._assembler.open_spans else "ok")
        self._lines.append(encode(SessionEnded(at_ns=closing.at_ns, status=status, lost=self.lost)))
        # Whoever keeps the session keeps this; what it remembered of spans and contents is of no more use.
        self._assembler = Assembler(self._scrub)

    def _encode(self, events: list[Event]) -> None:
        for event in events:
            line = attempt(encode, event)
            if isinstance(line, Exception):  # the others are whole without it
                self._swallow(line)
                self.count_lost()
            else:
                self._lines.append(line)

    def tick(self) -> None:
        """One flush interval has passed."""
        if self._assembler.waits and not self.finished:
            error = attempt(self._tick)
            if error is not None:
                self._swallow(error)

    def _tick(self) -> None:
        self._encode(self._assembler.tick())

    def send(self, *, insist: bool = False) -> bool:
        """Hand the lines to the sink, in order. True when it has taken all of them.

        A sink that fails is tried again after 1, 2, 4 ... 64 ticks; `insist` tries at once.
        """
        self._bundle()
        if not self._unsent:
            return True
        if self._pause > 0 and not insist:
            self._pause -= 1
            return False
        while self._unsent:
            lines, _ = self._unsent[0]
            error = attempt(self._append, lines)
            if error is not None:
                self._back_off(error)
                return False
            self._unsent.popleft()
            self._unsent_bytes -= len(lines)
        self._pauses = 0
        if self.finished:
            self._let_go()
        return True

    def _bundle(self) -> None:
        if not self._lines:
            return
        lines, count = b"".join(self._lines), len(self._lines)
        self._lines.clear()
        if self._unsent and self._unsent_bytes + len(lines) > self._backlog:
            self.count_lost(count)
            self._voice.once("backlog", f"session {self.opening.session}: the sink still fails; lines are lost")
            return
        self._unsent.append((lines, count))
        self._unsent_bytes += len(lines)

    def _append(self, lines: bytes) -> None:
        if self._sink is None:
            source = self._source
            self._sink = source if isinstance(source, Sink) else source() if source is not None else None
        if self._sink is not None:
            self._sink.append(lines)

    def _back_off(self, error: Exception) -> None:
        self._pauses = min(_LONGEST_PAUSE, self._pauses * 2 or 1)
        self._pause = self._pauses
        self._voice.once(
            "sink",
            f"session {self.opening.session} cannot be written ({error}); up to {self._backlog >> 20} MB are kept in "
            "memory and written when it works again, the rest is counted as lost. The agent is not affected.",
        )

    def give_up(self) -> None:
        """Count what the sink never took; for the end of the process."""
        self.count_lost(sum(count for _, count in self._unsent) + len(self._lines))
        self._unsent.clear()
        self._lines.clear()
        self._let_go()

    def _let_go(self) -> None:
        sink, self._sink, self._source = self._sink, None, None
        if sink is not None:
            error = attempt(sink.close)
            if error is not None:
                self._swallow(error)

    def _swallow(self, error: Exception) -> None:
        self.failure = self.failure or error
        if not self.settings.strict:
            self._voice.once(
                "signal",
                f"a signal could not be recorded ({type(error).__name__}: {error}); it is counted as lost. "
                "Further ones are counted and not logged.",
                error,
            )

    def begin_in_child(self) -> bool:
        """Start over in the child of a fork; False when there is nowhere of its own to write."""
        self._lost_lock = threading.Lock()  # a thread that is not here any more may have held it
        if self._fork is None:
            return False
        made = attempt(self._fork, self.opening)
        if isinstance(made, Exception):
            self._voice.once("fork", f"a forked process cannot record: {made}")
            return False
        self._inherited = True
        self._begin(*made)
        return True
