"""How what raised ended, and why. Knows no framework."""

from asyncio import CancelledError

from clawtrace_core.capture.guard import attempt
from clawtrace_core.model.event import Failure

_LONGEST = 2000
"""Characters of a failure's words that are kept."""


def status_of(error: BaseException | None) -> str:
    """`ok` without an exception; `cancelled` where somebody stopped it; else `error`."""
    if error is None:
        return "ok"
    return "cancelled" if isinstance(error, CancelledError | GeneratorExit | KeyboardInterrupt) else "error"


def failure_of(error: BaseException) -> Failure:
    """Why it failed, in the exception's own words."""
    return failed(type(error).__name__, error)


def failed(kind: str, told: object) -> Failure:
    """A failure of that kind, in the words of what told of it, which may fail to give any."""
    words = attempt(str, told)
    said = words[:_LONGEST] if isinstance(words, str) else f"<its text raised {type(words).__name__}>"
    return Failure(type=kind, message=said)
