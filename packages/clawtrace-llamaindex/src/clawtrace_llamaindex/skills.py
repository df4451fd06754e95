"""Skills for agents that do not read SKILL.md themselves: as a system prompt, or as a catalogue with a tool."""

from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING

from clawtrace_core import read_skill
from clawtrace_core.model.skills import by_name

if TYPE_CHECKING:  # importing this package must not load all of LlamaIndex
    from llama_index.core.tools import FunctionTool


def load_skill(path: "str | PathLike[str]", *more: "str | PathLike[str]") -> str:
    """One or more skill directories as a system prompt, for any agent's `system_prompt=`.

    Its instructions are kept to the letter, braces and code included (`RichPromptTemplate` would evaluate them).
    ReActAgent and CodeActAgent take their prompt in when they are made: after a skill has changed, make them anew.
    Raises SkillInvalid, which names the directory and what is wrong with it.
    """
    return "\n\n".join(read_skill(one).prompt for one in (path, *more))


def skill_tools(paths: "Iterable[str | PathLike[str]]") -> "tuple[str, FunctionTool]":
    """Skills that the model reads only when it needs them: a catalogue for the prompt, and the tool that reads.

        catalogue, read_skill = skill_tools(["skills/invoices", "skills/refunds"])
        FunctionAgent(llm=llm, tools=[..., read_skill], system_prompt=catalogue)

    For agents that call tools: FunctionAgent, ReActAgent, CodeActAgent (where `read_skill` is called from the code)
    and each agent of an AgentWorkflow. Raises SkillInvalid as `load_skill` does, and when two have one name.
    """
    from llama_index.core.tools import FunctionTool  # noqa: PLC0415 - heavy; see the top

    skills = by_name(map(read_skill, paths))

    def read(name: str) -> str:
        if name in skills:
            return skills[name].body.strip()
        return f"There is no skill {name!r}. There are: {', '.join(sorted(skills))}."

    listed = "\n".join(f"- {skill.name}: {skill.description}" for skill in skills.values())
    tool = FunctionTool.from_defaults(read, "read_skill", "The full instructions of a skill, by its name.")
    return f"# Skills\n\n{listed}\n\nBefore a task that a skill describes, call `read_skill` by name; follow it.", tool
