"""The guard: the one place that swallows an exception. It counts what it swallows and says so once.

Nothing a recorder does may raise into the user's agent. `BaseException` (KeyboardInterrupt, cancellation, a
framework's control flow) always passes.
"""

import logging
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LOGGER = logging.getLogger("clawtrace")


class Voice:
    """Says each kind of trouble once, then keeps silent."""

    def __init__(self, logger: logging.Logger = LOGGER) -> None:
        self._logger = logger
        self._said: set[str] = set()

    def once(self, kind: str, message: str, error: BaseException | None = None) -> None:
        """Log `message` as a warning unless this kind of trouble was told before."""
        if kind in self._said:
            return
        self._said.add(kind)
        attempt(self._logger.warning, "%s", message, exc_info=error)  # a log handler may be what is broken


PROCESS_VOICE = Voice()
"""The voice of the process: every guard speaks through it unless told otherwise."""


class Guard:
    """A context manager and decorator that swallows `Exception`, or raises it under `strict`.

    Use it around everything that runs inside a framework's callback:

        with guard:
            recorder.started(...)
    """

    def __init__(self, *, strict: bool = False, voice: Voice = PROCESS_VOICE) -> None:
        self.strict = strict
        self.swallowed = 0
        """How many exceptions were swallowed."""
        self._voice = voice

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or self.strict or not isinstance(error, Exception):
            return False
        self.swallow(error)
        return True

    def __call__(self, function: Callable[P, R]) -> Callable[P, R | None]:
        """`function`, returning None where it would have raised."""

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
            with self:
                return function(*args, **kwargs)
            return None

        return guarded

    def swallow(self, error: Exception) -> None:
        """Count one exception, and say so once per process."""
        self.swallowed += 1
        self._voice.once(
            "swallowed",
            f"ClawTrace could not record something and went on without it ({type(error).__name__}: {error}); "
            "the session tells how many signals were lost. Further ones are counted and not logged.",
            error,
        )


def attempt(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> "R | Exception":
    """What `function` returns, or the exception it raised, as a value."""
    try:
        return function(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - the one place; whoever asked gets it as a value
        return error
