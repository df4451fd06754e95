"""Promotion: an evaluated skill takes the incumbent's place, all of it or nothing, and can be taken back."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from costcraft.errors import TargetChanged, TargetUnwritable
from costcraft.evaluate.conditions import Materialised, digest_of
from costcraft.evaluate.conditions.folders import files_of
from costcraft.evaluate.promotion.evaluated import condition_of, made_again
from costcraft.evaluate.promotion.grading import Trial, grades
from costcraft.evaluate.promotion.judging import Judgement, judge
from costcraft.evaluate.promotion.write_back import write_back
from costcraft.evaluate.results import Opening, Results, read_results
from costcraft.files import read_bytes
from costcraft.writers import FileChange, Plan, apply
from costcraft.writers.lock import LOCK_FILE


class Promotion(NamedTuple):
    """What became of an evaluated skill."""

    judgement: Judgement
    promoted: bool
    """Whether it stands in the incumbent's place now."""
    changed: Sequence[str]
    """The files that were written, relative to the directory of skills; none where it stood there already."""
    graded: Sequence[str]
    """The prunes of its distillation whose grades changed."""


def promote(out: Path, to: Path, *, condition: str | None = None) -> Promotion:
    """Put an evaluated skill into a directory of skills if it passes the gate (`judge`); else leave every byte there.

    What the evaluation found of its prunes is written back to its distillation either way. What is written is what was
    evaluated; `costcraft.revert` takes it back.

    Args:
        out: the output directory of the evaluation.
        to: the directory that holds the incumbent, which must be the baseline that was evaluated.
        condition: which one. None: that of the plan's primary endpoint.

    Raises:
        ResultsInvalid: there are no results, or no such condition, or its skills are not those that were evaluated.
        TargetChanged: what stands in `to` is not the baseline.
        TargetUnwritable: a file cannot be written; nothing was.
    """
    results = read_results(out)
    judgement = judge(results, condition)
    with TemporaryDirectory() as folder:
        made = made_again(results.opening, judgement.condition, Path(folder) / "evaluated")
        graded = attached(results, judgement.condition)
        if not judgement.passes:
            return Promotion(judgement, promoted=False, changed=[], graded=graded)
        if graded:  # the lock files tell of it
            made = made_again(results.opening, judgement.condition, Path(folder) / "graded")
        changed = put(made, to, results.opening)
    return Promotion(judgement, promoted=True, changed=changed, graded=graded)


def written_back(out: Path, *, condition: str | None = None) -> Sequence[str]:
    """Write what an evaluation found of a condition's prunes back to its distillation, and name those that changed.

    Raises:
        ResultsInvalid: as `promote`.
        StageInvalid, TargetBusy, TargetUnwritable: as `write_back`.
    """
    results = read_results(out)
    name = judge(results, condition).condition
    with TemporaryDirectory() as folder:
        made_again(results.opening, name, Path(folder) / "evaluated")
    return attached(results, name)


def attached(results: Results, condition: str, more: Sequence[Trial] = ()) -> Sequence[str]:
    """The same, of skills that are known to be those that were evaluated. One that was not distilled has no prunes."""
    out = condition_of(results.opening, condition).distilled
    found = {rule: each for rule, each in grades(results, condition, more).items() if each.numbers}
    return [] if out is None else write_back(out, found)


def put(made: Materialised, to: Path, told: Opening) -> Sequence[str]:
    """Write evaluated skills over the incumbent, and name the files that changed.

    Raises:
        TargetChanged: what stands in `to` is not the baseline that was evaluated.
        TargetUnwritable: as `apply`; or a skill or file would have to go, or is no text.
    """
    names = [skill.name for skill in made.skills]
    if all((to / name).is_dir() for name in names) and digest_of([to / name for name in names]) == made.digest:
        return []
    base = [Path(skill).name for skill in told.conditions[told.plan.baseline].skills]
    _is_baseline(to, base, names, told)
    gone = [to / name for name in base if name not in names]
    changes = [change for skill in made.skills for change in _changes(skill, to / skill.name, gone)]
    if gone:
        raise TargetUnwritable(
            f"{gone[0]}: is not part of what was evaluated, and is not removed by itself; take it out by hand"
        )
    return apply(Plan(root=str(to.resolve()), changes=changes), to)


def _is_baseline(to: Path, base: Sequence[str], names: Sequence[str], told: Opening) -> None:
    why = next((f"holds no skill {name}" for name in base if not (to / name).is_dir()), None)
    why = why or next((f"holds a skill {name}" for name in names if name not in base and (to / name).exists()), None)
    if why is None and digest_of([to / name for name in base]) != told.conditions[told.plan.baseline].digest:
        why = f"holds another {' and '.join(base)}"
    if why is not None:
        raise TargetChanged(
            f"{to}: {why} than the baseline {told.plan.baseline} that was evaluated, so nothing was written; name the "
            "directory that holds the incumbent, or evaluate anew with the incumbent as the baseline",
            path=to,
        )


def _changes(skill: Path, target: Path, gone: list[Path]) -> list[FileChange]:
    """What turns one skill into the other. Files that would have to go are added to `gone`."""
    there = {path.relative_to(skill) for path in files_of(skill)}
    if target.is_dir():
        left = {path.relative_to(target) for path in files_of(target)} - there
        gone += [target / path for path in sorted(left) if path.as_posix() != LOCK_FILE]
    found = []
    for path in sorted(there):
        before, after = read_bytes(target / path), (skill / path).read_bytes()
        if before != after:
            old = None if before is None else _text(target / path, before)
            found.append(
                FileChange(path=(Path(target.name) / path).as_posix(), before=old, after=_text(skill / path, after))
            )
    return found


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TargetUnwritable(
            f"{path}: is no text and differs; copy that skill by hand, nothing was written"
        ) from error
