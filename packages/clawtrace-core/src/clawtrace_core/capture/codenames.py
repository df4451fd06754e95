"""What a function's code names, seen through its decorators: whether it may only hand its call on to another one."""

from collections.abc import Callable, Iterable
from typing import Any


def names_used(function: Any, *, closed_over: str = "f") -> set[str] | None:
    """The names a function's code looks up, those of functions inside it included; None when it has no code to read.

    A decorator is looked through where it keeps what it wraps as `__wrapped__`, or as a variable of that name.
    """
    try:
        while (inner := _wrapped(function, closed_over)) is not None:
            function = inner
        code = function.__code__
    except (AttributeError, ValueError):
        return None
    return set(code.co_names).union(*(getattr(part, "co_names", ()) for part in code.co_consts))


def _wrapped(function: Any, closed_over: str) -> Callable[..., Any] | None:
    inner: object = getattr(function, "__wrapped__", None)
    if callable(inner):  # some decorators leave a mere flag there
        return inner
    names: Iterable[str] = function.__code__.co_freevars
    cells = dict(zip(names, function.__closure__ or (), strict=True))
    found: object = cells[closed_over].cell_contents if closed_over in cells else None
    return found if callable(found) else None
