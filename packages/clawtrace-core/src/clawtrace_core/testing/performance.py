"""One performance of a scenario: what the program returned or raised, and all that it let out beside that."""

import io
import logging
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clawtrace_core.capture.guard import attempt
from clawtrace_core.capture.writer import WRITER
from clawtrace_core.testing.scenario import Scenario
from clawtrace_core.testing.stage import Stage, Watch

Player = Callable[[Stage], Any]
"""A scenario as a program of one framework. It draws `stage.bill()` for each call its fake provider answers, puts
`stage.watching()` around what is to be recorded, and returns what its agent answered, as a plain value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What came of it."""

    stage: Stage
    result: Any
    """What the player returned, or `raised Type: message`."""
    raised: str
    """The traceback of what the player raised; empty when it raised nothing."""
    printed: tuple[str, ...]
    """Lines on standard output and standard error."""
    warned: tuple[str, ...]
    logged: tuple[str, ...]
    """What our own logger said."""


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


def perform(scenario: Scenario, player: Player, store: Path, watch: Watch | None) -> Performance:
    """Play a scenario once, and listen. What is written in the background is on disk when this returns."""
    stage = Stage(scenario, store, watch)
    ear, logger = _Ear(), logging.getLogger("clawtrace")
    logger.addHandler(ear)
    try:
        with (
            warnings.catch_warnings(record=True) as warned,
            redirect_stdout(io.StringIO()) as out,
            redirect_stderr(io.StringIO()) as err,
        ):
            warnings.simplefilter("always")
            result = attempt(player, stage)
            WRITER.flush(5.0)
    finally:
        logger.removeHandler(ear)
    raised = isinstance(result, Exception)
    return Performance(
        stage=stage,
        result=f"raised {type(result).__name__}: {result}" if raised else result,
        raised="".join(traceback.format_exception(result)) if isinstance(result, Exception) else "",
        printed=(*out.getvalue().splitlines(), *err.getvalue().splitlines()),
        warned=tuple(f"{one.category.__name__}: {one.message} ({one.filename}:{one.lineno})" for one in warned),
        logged=tuple(ear.heard),
    )
