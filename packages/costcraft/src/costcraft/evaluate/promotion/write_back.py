"""What an evaluation found, written into the distillation it evaluated: its stage files, and the lock of its skills."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from costcraft.counterfactual import graded
from costcraft.files import read_bytes, replace_file
from costcraft.patch import LEVELS, Grade, Patch, Prune
from costcraft.pipeline import read_distillation
from costcraft.stages import Stage, Stages, write_stage
from costcraft.value import Value
from costcraft.writers.alone import alone
from costcraft.writers.lock import LOCK_FILE, lock_change, provenance, read_lock
from costcraft.writers.plan import DIFF_FILE, SKILLS, read_plan


def write_back(out: Path, grades: Mapping[str, Grade]) -> list[str]:
    """Give each prune of a distillation the grade that an evaluation found, and name those that changed.

    An earlier grade of the same level gives way, but for a drop that was shown to one that cannot tell. The gate is not
    asked again: stages that run again from `counterfactual` on see the grades, and hold back what shows a drop.

    Raises:
        StageInvalid: `out` is no output directory of a distillation, or a file of it is damaged.
        TargetBusy: another run is at work in `out`.
        TargetUnwritable: a file cannot be written.
    """
    with alone(out):
        before = read_distillation(out)
        parts = {
            each.joined: each.kept for each in before.merged.joined
        }  # what is found of a rule is found of each part

        def told(patch: Patch) -> Patch:
            grade = grades.get(parts.get(patch.id, patch.id))
            return patch if grade is None else _regraded(patch, grade)

        after = _updated(before, told)
        found: tuple[tuple[Stage, Value, Value], ...] = (
            ("counterfactual", before.weighed, after.weighed),
            ("merged", before.merged, after.merged),
            ("guard", before.guarded, after.guarded),
        )
        for stage, old, new in found:
            if old != new:
                write_stage(out, stage, new)
        _relock(out, after.guarded.patches)
        pairs = zip(before.guarded.patches, after.guarded.patches, strict=True)
        return [new.id for old, new in pairs if old != new]


def _regraded(patch: Patch, grade: Grade) -> Patch:
    """The patch with the grade in place of an earlier one of its level; what that one alone had proven goes with it."""
    if not isinstance(patch, Prune) or any(_says_more(each, grade) for each in patch.grades):
        return patch
    others = [each for each in patch.grades if each.level != grade.level]
    if len(others) < len(patch.grades) and patch.level == grade.level:
        patch = graded(patch.model_copy(update={"level": LEVELS[0], "numbers": {}, "grades": others}), ())
    return graded(patch, [grade])


def _says_more(old: Grade, new: Grade) -> bool:
    """Whether an earlier grade says more of the rule: a drop, beside runs that cannot tell; or, of the same evaluation,
    what was found by runs that were made to find the rules at fault.
    """
    told = old.numbers.get("evaluation")
    if old.level != new.level:
        return False
    if old.drop and not (new.holds or new.drop):  # a drop that was shown stays until runs show that there is none
        return True
    return told is not None and told == new.numbers.get("evaluation") and _weight(old) > _weight(new)


def _weight(grade: Grade) -> tuple[bool, bool]:
    return grade.drop, _alone(grade)


def _alone(grade: Grade) -> bool:
    return not grade.numbers.get("judged_with")


def _updated(stages: Stages, told: Callable[[Patch], Patch]) -> Stages:
    weighed = stages.weighed.model_copy(update={"patches": [told(each) for each in stages.weighed.patches]})
    merged = stages.merged.model_copy(
        update={
            "patches": [told(each) for each in stages.merged.patches],
            "candidates": [each.model_copy(update={"patch": told(each.patch)}) for each in stages.merged.candidates],
        }
    )
    guarded = stages.guarded.model_copy(update={"patches": [told(each) for each in stages.guarded.patches]})
    return stages._replace(weighed=weighed, merged=merged, guarded=guarded)


def _relock(out: Path, patches: Sequence[Patch]) -> None:
    """The lock files beside the evolved skills, and the diff, say the same as the stages."""
    known = {patch.id: provenance(patch) for patch in patches}
    plan = read_plan(out)
    for change in plan.changes:
        if not change.path.endswith(f"/{LOCK_FILE}"):
            continue
        told = {rule: each for rule, each in known.items() if rule in read_lock(change.after)}
        lock = lock_change(out / SKILLS, change.path, told)
        if lock is not None and lock.changes:
            replace_file(out / SKILLS / change.path, lock.after.encode())
    diff = read_plan(out).diff().encode()
    if read_bytes(out / DIFF_FILE) != diff:
        replace_file(out / DIFF_FILE, diff)
