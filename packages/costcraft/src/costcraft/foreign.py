"""Code that a user names: whatever it does, the program that asked for it goes on."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from clawtrace_core.capture.guard import attempt

P = ParamSpec("P")
R = TypeVar("R")


def tried(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R | Exception:
    """What `function` returns, or the exception it raised. Where it leaves the program, that is told as one too."""
    try:
        return attempt(function, *args, **kwargs)
    except SystemExit as left:
        return RuntimeError(f"it left the program: sys.exit({left.code!r})")
