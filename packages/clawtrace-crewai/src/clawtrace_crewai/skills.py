"""Skills for `Agent(skills=...)` and `Crew(skills=...)`."""

import re
from importlib import import_module
from os import PathLike
from typing import Any

from clawtrace_core import read_skill
from clawtrace_core.model.skills import by_name
from clawtrace_crewai._bus import check_crewai

_FILLED_IN = re.compile(r"\{(input|tools|tool_names)\}")


def load_skill(path: "str | PathLike[str]", *more: "str | PathLike[str]") -> list[Any]:
    """One or more skill directories as CrewAI's own skills, with their instructions in every prompt.

        Agent(role="Analyst", ..., skills=load_skill("skills/spreadsheets", "skills/cost-discipline"))

    A path given to CrewAI itself must be the parent directory, and puts only the descriptions into the prompt.
    CrewAI fills in `{input}`, `{tools}` and `{tool_names}` wherever they stand in a prompt; here they are kept from
    it, as `{ input }`. Raises SkillInvalid, also when two have one name: CrewAI would drop one.
    """
    check_crewai()
    models = import_module("crewai.skills.models")
    return [
        models.Skill(
            frontmatter=models.SkillFrontmatter(name=skill.name, description=skill.description),
            instructions=_FILLED_IN.sub(r"{ \1 }", skill.body.strip()),
            path=skill.path.parent.resolve(),
            disclosure_level=models.INSTRUCTIONS,
        )
        for skill in by_name(map(read_skill, (path, *more))).values()
    ]
