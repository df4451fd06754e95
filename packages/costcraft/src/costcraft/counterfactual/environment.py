"""The world in which recorded calls can run again: what a user supplies, and how it is asked.

An environment is foreign code. What it raises is a value here: a tool that fails is part of a session's story.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeGuard, runtime_checkable

from clawtrace_core.capture.guard import attempt
from costcraft.errors import EnvironmentInvalid
from costcraft.named import Wanted, load_named


@runtime_checkable
class Environment(Protocol):
    """Where a session's tool calls can be made again, and its end graded.

    It may also tell `deterministic = True`: the same calls then always end alike. Where it does not, every replay runs
    three times.
    """

    def reset(self, task: str) -> object:
        """Put the world back to how the task of that name found it."""

    def call(self, tool: str, arguments: Mapping[str, Any]) -> object:
        """Call a tool; what it answers. A tool that fails raises."""

    def grade(self) -> object:
        """What the oracle says of the world as it is now.

        A bool; or a mapping or object with `success` and, if there are any, `checks` that have `name`, `passed` and, if
        it is told, what was `got`.
        """


@runtime_checkable
class Snapshotting(Protocol):
    """What an environment that is deterministic may be able to do besides: keep the world as it is, and put it back.

    Replays then start where a step is left out. Tokens that compare equal stand for equal worlds: a step between two
    equal ones changed nothing, and nothing after it runs again. Tokens belong to the task that was reset last.
    """

    def snapshot(self) -> object:
        """A token of the world as it is now; it stays what it is when the world changes."""

    def restore(self, token: Any) -> object:
        """Put the world back to how it was when that token was taken."""


class Answer(NamedTuple):
    """What a call came to."""

    value: object
    failed: bool


class Verdict(NamedTuple):
    """What the oracle said: `checks` are those that are named, and whether each passed."""

    success: bool
    checks: Mapping[str, bool]
    got: Mapping[str, object] = {}
    """What the oracle found, by check, where it told."""


class Trouble(NamedTuple):
    """The environment did not do its part."""

    what: str


def is_deterministic(environment: Environment) -> bool:
    """Whether the environment tells that the same calls always end alike."""
    return attempt(getattr, environment, "deterministic", False) is True


def reset(environment: Environment, task: str) -> Trouble | None:
    """Put the world back."""
    answer = attempt(environment.reset, task)
    return _trouble("reset", answer) if isinstance(answer, Exception) else None


def restore(environment: Snapshotting, token: object) -> Trouble | None:
    """Put the world back to a snapshot."""
    answer = attempt(environment.restore, token)
    return _trouble("restore", answer) if isinstance(answer, Exception) else None


def call(environment: Environment, tool: str, arguments: Mapping[str, Any]) -> Answer:
    """Call a tool."""
    answer = attempt(environment.call, tool, arguments)
    return Answer(str(answer), failed=True) if isinstance(answer, Exception) else Answer(answer, failed=False)


def grade(environment: Environment) -> Verdict | Trouble:
    """Ask the oracle."""
    answer = attempt(environment.grade)
    if isinstance(answer, Exception):
        return _trouble("grade", answer)
    success = answer if isinstance(answer, bool) else _field(answer, "success")
    if not isinstance(success, bool):
        return Trouble(f"grade() answered {ascii(answer)[:80]}; expected a bool, or something with a bool `success`")
    checks = _field(answer, "checks")
    named = checks if isinstance(checks, list | tuple) else ()
    told = [(_field(check, "name"), _field(check, "passed"), _field(check, "got")) for check in named]
    known = [(str(name), passed, got) for name, passed, got in told if name and isinstance(passed, bool)]
    return Verdict(
        success,
        {name: passed for name, passed, _ in known},
        {name: got for name, _, got in known if got is not None},
    )


def _field(answer: object, name: str) -> object:
    if isinstance(answer, Mapping):
        return answer.get(name)
    found = attempt(getattr, answer, name, None)
    return None if isinstance(found, Exception) else found


def _trouble(what: str, error: Exception) -> Trouble:
    return Trouble(f"{what}() raised {type(error).__name__}: {' '.join(str(error).split())[:200]}")


def load_environment(told: str) -> Environment:
    """The environment behind `python:MODULE:NAME`. NAME is one, or a class or function that makes one of no arguments.

    Modules are looked for in the working directory too.

    Raises:
        EnvironmentInvalid: there is no such module or name, or it is no environment.
    """
    return load_named(told, _is_environment, _WANTED)


def _is_environment(found: object) -> TypeGuard[Environment]:
    return isinstance(found, Environment)


_WANTED = Wanted("environment", "python:my_tests.world:World", "reset, call or grade", EnvironmentInvalid)
