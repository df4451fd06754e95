"""Several skills for one agent, which knows them by their names."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from clawtrace_core.errors import SkillInvalid


class Named(Protocol):
    """What is known of a skill here."""

    @property
    def name(self) -> str:
        """The name an agent asks by."""
        ...

    @property
    def path(self) -> Any:
        """Where it was read, as a `pathlib.Path`."""
        ...


S = TypeVar("S", bound=Named)


def by_name(skills: Iterable[S]) -> dict[str, S]:
    """The skills, in order. Raises SkillInvalid when two have one name; the same one twice is one."""
    found: dict[str, S] = {}
    for skill in skills:
        first = found.setdefault(skill.name, skill)
        if first.path.resolve() != skill.path.resolve():
            raise SkillInvalid(
                f"{skill.path}: is named {skill.name!r} as {first.path} is, and a model asks by name; give one of them"
            )
    return found
