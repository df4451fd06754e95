"""Which tasks are run: surveyed before an agent is paid for."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from costcraft.errors import PlanInvalid
from costcraft.evaluate.harness.faults import said
from costcraft.evaluate.harness.plan_file import nearest
from costcraft.evaluate.opening import open_task_set
from costcraft.evaluate.plan import TaskChoice
from costcraft.evaluate.results import Floor, LeftOut
from costcraft.evaluate.survey import Looked, Survey, all_tasks, split, survey
from costcraft.evaluate.taskset import Solvable, Task, TaskSet
from costcraft.foreign import tried

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tasks to run, and what was found of the others."""

    tasks: Sequence[Task]
    left_out: tuple[LeftOut, ...]
    floor: Floor


def choose(told: TaskChoice, watch: Callable[[int, int], object] | None = None) -> Chosen:
    """Open the set, set and grade every task as `survey` does, and choose.

    Raises:
        TaskSetInvalid: there is no such set, or none of its tasks can be graded.
        PlanInvalid: no task is left; the set has no answers and the plan does not say that this is known; or an agent
            would come upon an answer.
    """
    tasks = open_task_set(told.set, data=told.data, seed=told.seed)
    if not isinstance(tasks, Solvable) and not told.without_gold:
        raise PlanInvalid(
            f"tasks.set: {told.set} has no answers of its own (no `solve`), so its grader was never held against any; "
            "give it one, or say that this is known with tasks.without_gold: true"
        )
    _all_there("tasks.only", told.only, [task.id for task in all_tasks(tasks)])
    with tempfile.TemporaryDirectory(prefix="costcraft-") as folder:
        found = survey(tasks, Path(folder), watch, only=set(told.only) or None)
    kept = found.kept(failing_gold=told.keep_failing, passing_untouched=told.keep_untouched)
    chosen = _part(tasks, told, kept)[: told.limit]
    ids = {task.id for task in kept}
    left_out = tuple(LeftOut(id=each.task.id, why=_why(each)) for each in found.looked if each.task.id not in ids)
    if not chosen:
        raise PlanInvalid(_none_left(told, found, left_out))
    _sealed(found, {task.id for task in chosen})
    passed, of = found.floor
    return Chosen(chosen, left_out, Floor(passed=passed, of=of, score=found.floor_score))


def _part(tasks: TaskSet, told: TaskChoice, kept: Sequence[Task]) -> Sequence[Task]:
    if told.part is None:
        return kept
    parts: Mapping[str, Sequence[Task]] | Exception = tried(split, tasks, kept)
    if isinstance(parts, Exception):
        raise PlanInvalid(f"tasks.part: {told.set} cannot tell its parts: {said(parts)}") from parts
    if not parts:
        raise PlanInvalid(f"tasks.part: found {told.part!r}, but {told.set} knows no parts; leave it out")
    _all_there("tasks.part", [told.part], list(parts))
    return parts[told.part]


def _all_there(field: str, wanted: Sequence[str], there: Sequence[str]) -> None:
    unknown = next((each for each in wanted if each not in there), None)
    if unknown is not None:
        shown = list(there) if len(there) <= 40 else [*there[:40], f"and {len(there) - 40} more"]
        raise PlanInvalid(f"{field}: there is no {unknown!r}; {nearest(unknown, shown)}")


def _why(each: Looked) -> str:
    if each.trouble is not None:
        return f"cannot be graded: {each.trouble}"
    return "its own answer does not pass" if each.fails_gold else "passes when nothing is done"


def _none_left(told: TaskChoice, found: Survey, left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return f"tasks: no task is left of the part {told.part!r}; choose another part"
    reasons = "; ".join(f"{each.id} {each.why}" for each in left_out[:_SHOWN])
    more = f"; and {len(left_out) - _SHOWN} more" if len(left_out) > _SHOWN else ""
    return (
        f"tasks: none of the {len(found.looked)} is left to run ({reasons}{more}); mend the set, or keep them with "
        "keep_failing or keep_untouched"
    )


def _sealed(found: Survey, chosen: set[str]) -> None:
    open_ones = [each for each in found.looked if each.exposed is not None and each.task.id in chosen]
    if open_ones:
        first = open_ones[0]
        more = f", and that of {len(open_ones) - 1} more tasks" if len(open_ones) > 1 else ""
        raise PlanInvalid(
            f"tasks: the agent would come upon the answer of {first.task.id}{more}: {first.exposed}. Keep the answers "
            "where no agent looks"
        )
