"""Several skills for one agent, which knows them by their names."""

from collections.abc import Iterable
from os import PathLike

from clawtrace_core.errors import SkillInvalid
from clawtrace_core.skill import Skill, read_skill

__all__ = ["Skill", "read_skill", "skills_by_name"]


def skills_by_name(paths: Iterable[str | PathLike[str]]) -> dict[str, Skill]:
    """The skills at these paths, in order. Raises SkillInvalid as `read_skill` does, and when two have one name."""
    found: dict[str, Skill] = {}
    for skill in map(read_skill, paths):
        first = found.setdefault(skill.name, skill)
        if first.path.resolve() != skill.path.resolve():
            raise SkillInvalid(
                f"{skill.path}: is named {skill.name!r} as {first.path} is, and a model asks by name; give one of them"
            )
    return found
