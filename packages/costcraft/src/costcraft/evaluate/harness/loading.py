"""What the conditions load: copied once into the output directory, so that nothing changes while they are run."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from costcraft.errors import PlanInvalid, ResultsInvalid
from costcraft.evaluate.conditions import Materialised, digest_of, materialise, rule_conditions
from costcraft.evaluate.harness.places import CONDITIONS
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.results import Told


def load_conditions(plan: Plan, out: Path) -> dict[str, Told]:
    """Put the skills of every condition, those of single rules too, under `out/conditions`.

    Raises:
        PlanInvalid: a condition cannot be made, or two come out as the same.
        SkillInvalid, StageInvalid, TargetUnwritable: as `materialise`.
    """
    made = {name: materialise(each, out / CONDITIONS / name) for name, each in plan.conditions.items()}
    for one, other in combinations(made, 2):
        if made[one].digest == made[other].digest:
            raise PlanInvalid(
                f"conditions.{one} and conditions.{other} load the same skills; a comparison of the two says nothing. "
                "Leave one out"
            )
    told = {name: _told(out, each) for name, each in made.items()}
    rules = made[plan.rules.of].rules if plan.rules is not None and plan.rules.of in made else ()
    for single in rule_conditions(plan, rules):
        put = materialise(single.condition, out / CONDITIONS / single.name)
        about = {"role": single.role, "rule": single.rule, "beside": single.beside}
        told[single.name] = _told(out, put).model_copy(update=about)
    return told


def copies(out: Path, told: Mapping[str, Told]) -> dict[str, tuple[Path, ...]]:
    """The skill directories that the runs of each condition load.

    Raises:
        ResultsInvalid: what lies there is not what was declared.
    """
    found = {name: tuple(out / skill for skill in each.skills) for name, each in told.items()}
    for name, skills in found.items():
        if not all(skill.is_dir() for skill in skills) or digest_of(skills) != told[name].digest:
            raise ResultsInvalid(
                f"{out / CONDITIONS / name}: was changed since the evaluation began; its runs would not belong "
                "together. Put it back, or evaluate into a new directory"
            )
    return found


def _told(out: Path, made: Materialised) -> Told:
    skills = tuple(skill.relative_to(out).as_posix() for skill in made.skills)
    return Told(skills=skills, rules=made.rules, digest=made.digest)
