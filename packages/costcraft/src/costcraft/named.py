"""What a user names as `python:MODULE:NAME`: found, and made where it is a class or a function that makes one."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard, TypeVar

from costcraft.errors import CostcraftError
from costcraft.foreign import tried

T = TypeVar("T")


class Wanted(NamedTuple):
    """What is looked for, in the words of the messages."""

    what: str
    """As in "environment"."""
    example: str
    """A name that would do."""
    needs: str
    """What it must have, as in "reset, call or grade"."""
    wrong: type[CostcraftError]
    """What is raised where it is none."""


def load_named(
    told: str, is_one: Callable[[object], TypeGuard[T]], wanted: Wanted, given: Mapping[str, Any] | None = None
) -> T:
    """What stands behind `python:MODULE:NAME`: one, or what a class or function of that name makes of `given`.

    Modules are looked for in the working directory too.

    Raises:
        wanted.wrong: there is no such module or name, or it is not what is wanted.
    """
    found = find_named(told, wanted)
    name = told.rpartition(":")[2]
    if isinstance(found, type) or (callable(found) and not is_one(found)):
        made = tried(found, **(given or {}))
        if isinstance(made, Exception):
            why = f"{name}() raised {_words(made)}"
            raise wanted.wrong(f"{wanted.what} {told!r}: {why}") from made
        found = made
    elif given:
        told_too = ", ".join(given)
        raise wanted.wrong(
            f"{wanted.what} {told!r}: {name} is made already; expected a class or function of {told_too}"
        )
    if not is_one(found):
        raise wanted.wrong(f"{wanted.what} {told!r}: {type(found).__name__} lacks {wanted.needs}")
    return found


def find_named(told: str, wanted: Wanted) -> Any:
    """What stands behind `python:MODULE:NAME`, as it is. Modules are looked for in the working directory too.

    Raises:
        wanted.wrong: there is no such module or name.
    """
    parts = told.split(":")
    if len(parts) != 3 or parts[0] != "python" or not all(parts):
        raise wanted.wrong(f"{wanted.what} {told!r}: expected python:MODULE:NAME, such as {wanted.example}")
    _, module, name = parts
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    held = tried(import_module, module)
    if isinstance(held, Exception):  # whatever the module raises while it is read
        raise wanted.wrong(f"{wanted.what} {told!r}: {module} cannot be imported ({_words(held)})") from held
    if not hasattr(held, name):
        raise wanted.wrong(f"{wanted.what} {told!r}: {module} has no {name}")
    return getattr(held, name)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
