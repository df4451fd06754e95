"""The one set of handlers on CrewAI's event bus, and who hears what they hear."""

import os
import pkgutil
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, partial
from importlib import import_module
from threading import RLock
from typing import Any

from clawtrace_core import Session, open_session
from clawtrace_core.capture import Guard
from clawtrace_core.capture.kept import KeepingGuard
from clawtrace_core.capture.releases import check_release
from clawtrace_crewai._book import Book
from clawtrace_crewai._events import HEARD, Heard

CURRENT: ContextVar[Book | None] = ContextVar("clawtrace_crewai_session", default=None)
"""The session of the innermost `trace()` around the caller. CrewAI runs handlers in a copy of the emitter's context."""
"""Some version before told Anthropic's input without its cache, with no sign that it was so."""


class BusSession(Session):
    """A session whose flush also waits for the handlers CrewAI has not run yet."""

    guard: KeepingGuard

    def flush(self) -> None:
        """Bring everything that happened so far to disk. Under `strict`, raises what a handler raised."""
        if not self.recorder.closed:
            BUS.flush()
        super().flush()
        self.guard.check()


def open_on_bus(told: dict[str, Any], *, single: bool) -> Book:
    """Open a session with what `open_session` takes, and its book."""
    opened = open_session(framework="crewai", **told)
    session = BusSession(opened.store, opened.recorder)
    book = Book(session, single=single)
    session.guard = book.guard
    return book


class Bus:
    """Registers with CrewAI's bus while anybody listens, and takes its handlers off again."""

    def __init__(self) -> None:
        self._lock = RLock()
        self.ears: list[Any] = []
        self._off: list[Callable[[], None]] = []
        self._guard = Guard()
        self._pid = os.getpid()

    def add(self, ear: object) -> None:
        """Somebody listens from now on: a listener, or the book of a `trace()`."""
        with self._lock:
            self.ears.append(ear)
            if not self._off:
                self._register()

    def remove(self, ear: object) -> None:
        """Somebody listens no more; the second time this does nothing."""
        with self._lock:
            self.ears = [other for other in self.ears if other is not ear]
            if not self.ears:
                for off in self._off:
                    off()
                self._off.clear()

    def flush(self) -> None:
        """Wait until CrewAI has run the handlers of what was emitted so far."""
        if self._off and os.getpid() == self._pid:  # in a forked child CrewAI's handlers never run
            import_module("crewai.events").crewai_event_bus.flush(timeout=10.0)

    def _register(self) -> None:
        self._pid, bus = os.getpid(), import_module("crewai.events").crewai_event_bus
        run_of = import_module("crewai.execution").get_execution_uuid
        replaying = import_module("crewai.events.event_bus").is_replaying

        def heard(source: Any, event: Any) -> None:  # two parameters: to a third CrewAI gives its runtime state
            with self._guard:
                if not replaying():
                    self._hear(run_of, Heard(source, event))

        for kind in event_classes():
            bus.on(kind)(heard)
            self._off.append(partial(bus.off, kind, heard))

    def _hear(self, run_of: Callable[[], str | None], heard: Heard) -> None:
        book = CURRENT.get()
        if book is not None:
            book.tell(heard)
            return
        run, ears = run_of(), [ear for ear in reversed(self.ears) if not isinstance(ear, Book)]
        if not any(ear.continues(run, heard) for ear in ears) and ears:
            ears[0].begins(run, heard)


BUS = Bus()
"""The bus of this process. Making it registers nothing and imports nothing of CrewAI's."""


@cache
def event_classes() -> tuple[type, ...]:
    """CrewAI's event classes that matter. Its bus goes by the exact class, so each is registered for by itself."""
    types = import_module("crewai.events.types")
    for module in pkgutil.iter_modules(types.__path__):
        import_module(f"{types.__name__}.{module.name}")
    kinds = [import_module("crewai.events.base_events").BaseEvent]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return tuple(kind for kind in dict.fromkeys(kinds[1:]) if kind.model_fields["type"].default in HEARD)


def check_crewai() -> None:
    """Raise ClawTraceError unless a CrewAI is installed that this package knows."""
    check_release("crewai", "1.15.20", "1.16", by="clawtrace-crewai")
