"""What each rule says, read from the skills that the evaluation loaded."""

from pathlib import Path

from costcraft.block import inside
from costcraft.errors import SkillInvalid
from costcraft.evaluate.results import Opening
from costcraft.skill import parse_skill, read_skill_text
from costcraft.writers.sections import rule_id, rule_text


def rule_texts(out: Path, opening: Opening) -> dict[str, str]:
    """The text of each rule by its id. A skill that is not there any more, or is none, tells nothing."""
    found: dict[str, str] = {}
    for told in opening.conditions.values():
        for directory in told.skills:
            found.update(_of_skill(out / directory))
    return found


def _of_skill(directory: Path) -> dict[str, str]:
    try:
        skill = parse_skill(read_skill_text(directory), path=directory)
    except SkillInvalid:
        return {}
    return {rule: rule_text(line) for line in inside(skill.block) if (rule := rule_id(line))}
