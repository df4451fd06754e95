"""What a player is given: where to record, whether anybody watches, and what the provider tells of each call."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from clawtrace_core.model.usage import Usage
from clawtrace_core.testing.bills import bill
from clawtrace_core.testing.scenario import Scenario

MODEL = "gpt-4.1-mini"
"""The model players say they call: one that has a price."""
BEYOND = bill(7, 3)
"""What the provider tells of calls beyond the script, such as a framework makes for itself."""

Watch = Callable[[Path], AbstractContextManager[Any]]
"""An adapter's `trace`: records what happens inside the block into the store of that path."""


class Stage:
    """One performance of a scenario. A scenario is played twice: watched, and alone for comparison."""

    def __init__(self, scenario: Scenario, store: Path, watch: Watch | None) -> None:
        self.scenario = scenario
        self.store = store
        self.model = MODEL
        self.given: list[list[Usage | None]] = [[] for _ in scenario.bills]
        """What was told so far, by the lists of the scenario's bills."""
        self._watch = watch
        self._lock = threading.Lock()

    @property
    def watched(self) -> bool:
        """False when the program runs without us."""
        return self._watch is not None

    def watching(self) -> AbstractContextManager[Any]:
        """The block to record; alone, a block that does nothing. Each session is a block of its own."""
        return nullcontext() if self._watch is None else self._watch(self.store)

    def bill(self, session: int = 0) -> Usage | None:
        """What the provider tells of the next call that it answers in that session. Safe in threads."""
        with self._lock:
            given, script = self.given[session], self.scenario.bills[session]
            told = script[len(given)] if len(given) < len(script) else BEYOND
            given.append(told)
            return told

    def billed_elsewhere(self, calls: int, session: int = 0) -> None:
        """Count bills that another process drew on this performance's behalf."""
        for _ in range(calls):
            self.bill(session)
