"""A condition made real: the skill directories that its runs load, copied so that nothing changes while they run."""

from pathlib import Path
from typing import NamedTuple

from clawtrace_core import Store
from costcraft.block import inside
from costcraft.errors import PlanInvalid
from costcraft.evaluate.conditions.again import distilled_again
from costcraft.evaluate.conditions.building import build
from costcraft.evaluate.conditions.folders import copy_skill, digest_of
from costcraft.evaluate.plan import Condition
from costcraft.skill import SKILL_FILE, parse_skill, read_skill_text
from costcraft.writers.sections import rule_id

OF_RULES = ("only", "without", "scopes", "ablation")
"""Fields of a condition that choose among the rules of a distillation."""


class Materialised(NamedTuple):
    """The skills of a condition, as its runs load them."""

    skills: tuple[Path, ...]
    """Copies, in the order in which the condition names them; those of the distillation last."""
    rules: tuple[str, ...]
    """Ids of the rules that stand in them."""
    digest: str


def materialise(condition: Condition, to: Path, *, store: Store | Path | str | None = None) -> Materialised:
    """Put the skills of a condition into the folder `to`, which has to be empty or not there.

    Plain skills are copied whole. Of a distillation, the skill it started from is copied and given the rules that are
    wanted, as they stand in its evolved skills, edits by hand included. With an ablation it is distilled again, in a
    directory of its own under `to`.

    Args:
        condition: which skills.
        to: where.
        store: the sessions the distillation learned from, for an ablation. None: where its own files say they are.

    Raises:
        SkillInvalid: a skill is not there, or is none.
        PlanInvalid: no such rule, two skills of one name, a link out of a skill, or an ablation that only its user can
            make.
        StageInvalid: `distilled` is no output directory of a distillation.
        TargetUnwritable: `to` holds something, or cannot be written.
    """
    if to.is_dir() and any(to.iterdir()):
        raise PlanInvalid(f"{to}: is not empty; the skills of a condition are put into a folder of their own")
    skills = [copy_skill(directory, to) for directory in condition.skills]
    if condition.distilled is not None:
        out = condition.distilled
        if condition.ablation is not None:
            out = distilled_again(out, condition.ablation, to, store)
        skills += build(condition, out, to)
    elif given := [name for name in OF_RULES if getattr(condition, name) != Condition.model_fields[name].default]:
        raise PlanInvalid(
            f"{', '.join(given)}: found without `distilled`; only, without, scopes and ablation speak of the rules of "
            "a distillation, so name its --out directory as `distilled`"
        )
    return Materialised(tuple(skills), tuple(rule for skill in skills for rule in rules_in(skill)), digest_of(skills))


def rules_in(skill: Path) -> list[str]:
    """Ids of the rules that stand in a skill directory. Raises SkillInvalid."""
    parts = parse_skill(read_skill_text(skill), path=skill / SKILL_FILE)
    return [rule for line in inside(parts.block) if (rule := rule_id(line))]
