"""Skills as system prompts: the way into agents that do not read SKILL.md themselves."""

from os import PathLike

from clawtrace_core import read_skill


def load_skill_prompt(path: "str | PathLike[str]", *more: "str | PathLike[str]") -> str:
    """One or more skill directories as a system prompt, for `create_agent(system_prompt=...)`.

    Each skill stands under its name and description; its instructions are kept to the letter, braces included
    (so do not put the result into an f-string template). Raises SkillInvalid, which names the directory and what
    is wrong with it. A deepagents agent reads the same directories natively: give it their parent as `skills=`.
    """
    return "\n\n".join(read_skill(skill).prompt for skill in (path, *more))


load_skill = load_skill_prompt
"""The name that every adapter has for it."""
