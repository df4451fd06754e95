"""What a set of tasks is worth, before an agent is paid for: whether its gold passes, and what doing nothing scores."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from costcraft.errors import CostcraftError, TaskSetInvalid
from costcraft.evaluate.taskset import Doubting, Graded, Sealed, Solvable, Splitting, Task, TaskSet
from costcraft.foreign import tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found of one task."""

    task: Task
    trouble: str | None = None
    """Why it cannot be set or graded; None where it can."""
    gold: Graded | None = None
    """The verdict on the set's own answer; None where the set has none to give."""
    untouched: Graded | None = None
    """The verdict on what the agent finds, left as it is."""
    exposed: str | None = None
    """How the agent would come upon the answer."""
    doubt: str | None = None
    """What is odd about the set's own answer, though it passes."""

    @property
    def fails_gold(self) -> bool:
        """Whether the set's own answer does not pass."""
        return self.gold is not None and not self.gold.success

    @property
    def passes_untouched(self) -> bool:
        """Whether doing nothing passes."""
        return self.untouched is not None and self.untouched.success


@dataclass(frozen=True)
class Survey:
    """What was found of each task, in the set's order."""

    looked: tuple[Looked, ...]
    sealed: bool
    """Whether the set can tell if an answer lies within reach."""
    doubting: bool
    """Whether the set can tell what is odd about its answers."""

    @cached_property
    def gradable(self) -> tuple[Looked, ...]:
        """The tasks that can be set and graded, and whose own answer passes where one is known."""
        return tuple(each for each in self.looked if each.trouble is None and not each.fails_gold)

    @property
    def floor(self) -> tuple[int, int]:
        """What doing nothing passes: how many, of how many gradable tasks."""
        return sum(each.passes_untouched for each in self.gradable), len(self.gradable)

    @property
    def floor_score(self) -> Decimal | None:
        """The mean score of doing nothing over the gradable tasks, 0 to 1; None where there are none."""
        scores = [each.untouched.score for each in self.gradable if each.untouched is not None]
        return sum(scores, Decimal(0)) / len(scores) if scores else None

    def kept(self, *, failing_gold: bool = False, passing_untouched: bool = False) -> list[Task]:
        """The tasks to evaluate on; with those that fail their own gold, or pass untouched, where told so."""
        return [
            each.task
            for each in self.looked
            if each.trouble is None
            and (failing_gold or not each.fails_gold)
            and (passing_untouched or not each.passes_untouched)
        ]


def survey(
    tasks: TaskSet,
    folder: Path,
    watch: Callable[[int, int], object] | None = None,
    *,
    only: Collection[str] | None = None,
) -> Survey:
    """Set every task in a folder of its own under `folder`, grade it untouched and then with the set's own answer.

    Args:
        tasks: the set.
        folder: an empty folder; each task's own stays in it.
        watch: is told how many tasks are done, of how many.
        only: ids of the tasks to look at. None: all.

    Raises:
        TaskSetInvalid: the set has no tasks, two of one id, or not a single one that can be graded.
    """
    found = [task for task in all_tasks(tasks) if only is None or task.id in only]
    looked = []
    for number, task in enumerate(found, start=1):
        looked.append(_look(tasks, task, folder / str(number)))
        if watch is not None:
            watch(number, len(found))
    if looked and all(each.trouble is not None for each in looked):
        raise TaskSetInvalid(f"none of the {len(looked)} tasks can be graded; {looked[0].task.id}: {looked[0].trouble}")
    return Survey(tuple(looked), sealed=isinstance(tasks, Sealed), doubting=isinstance(tasks, Doubting))


def split(tasks: TaskSet, kept: Sequence[Task]) -> Mapping[str, Sequence[Task]]:
    """The parts of these tasks, by name; nothing where the set knows no parts."""
    return tasks.splits(kept) if isinstance(tasks, Splitting) else {}


def all_tasks(tasks: TaskSet) -> Sequence[Task]:
    """The tasks of a set.

    Raises:
        TaskSetInvalid: it has none, two of one id, one without an id, or what it gives are not tasks.
    """
    found = tried(lambda: tuple(tasks.tasks()))
    if isinstance(found, CostcraftError):
        raise found
    if isinstance(found, Exception):
        raise TaskSetInvalid(_why(found, "tasks()")) from found
    strangers: list[object] = [each for each in found if type(each) is not Task]
    if strangers:
        raise TaskSetInvalid(f"tasks() gives {ascii(strangers[0])[:80]}; expected costcraft.evaluate.Task")
    wrong = next((each for each in found if not (_is_text(each.id) and _is_text(each.kind))), None)
    if wrong is not None:
        raise TaskSetInvalid(
            f"a task has the id {ascii(wrong.id)[:80]} and the kind {ascii(wrong.kind)[:80]}; expected texts that "
            "UTF-8 can write"
        )
    if not all(each.id for each in found):
        raise TaskSetInvalid("the set of tasks has one with an empty id; expected each under an id of its own")
    counts = Counter(each.id for each in found)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None or not found:
        what = "no tasks" if twice is None else f"two tasks of the id {twice!r}"
        raise TaskSetInvalid(f"the set of tasks has {what}; expected at least one, each under an id of its own")
    return found


def _is_text(told: object) -> bool:
    return isinstance(told, str) and not any("\ud800" <= sign <= "\udfff" for sign in told)


def _look(tasks: TaskSet, task: Task, folder: Path) -> Looked:
    folder.mkdir(parents=True)
    trouble = _trouble(lambda: tasks.prepare(task, folder), "prepare()") or _unasked(tasks, task)
    if trouble is not None:
        return Looked(task=task, trouble=trouble)
    exposed = _said(lambda: tasks.gold_reachable(task, folder)) if isinstance(tasks, Sealed) else None
    doubt = _said(lambda: tasks.doubt(task)) if isinstance(tasks, Doubting) else None
    untouched = _graded(tasks, task, folder)
    if isinstance(untouched, str):
        return Looked(task=task, trouble=untouched)
    gold: Graded | str | None = None
    if isinstance(tasks, Solvable):
        gold = _trouble(lambda: tasks.solve(task, folder), "solve()") or _graded(tasks, task, folder)
    if isinstance(gold, str):
        return Looked(task=task, trouble=gold)
    return Looked(task=task, gold=gold, untouched=untouched, exposed=exposed, doubt=doubt)


def _unasked(tasks: TaskSet, task: Task) -> str | None:
    text: object = tried(tasks.instruction, task)
    if isinstance(text, Exception):
        return _why(text, "instruction()")
    return None if isinstance(text, str) and text.strip() else "instruction() gives no text"


def _said(what: Callable[[], str | None]) -> str | None:
    """What a set says of a task; what it raises instead is said too."""
    answer = tried(what)
    return f"could not be told: {type(answer).__name__}: {answer}" if isinstance(answer, Exception) else answer


def _graded(tasks: TaskSet, task: Task, folder: Path) -> Graded | str:
    verdict: object = tried(tasks.grade, task, folder)
    if isinstance(verdict, Exception):
        return _why(verdict, "grade()")
    if isinstance(verdict, Graded):
        return verdict
    return f"grade() answers {ascii(verdict)[:80]}; expected costcraft.evaluate.Graded"


def _trouble(what: Callable[[], object], name: str) -> str | None:
    """A set is foreign code: what it raises is a finding of the survey."""
    answer = tried(what)
    return _why(answer, name) if isinstance(answer, Exception) else None


def _why(error: Exception, name: str) -> str:
    words = " ".join(str(error).split())[:400]
    return words if isinstance(error, CostcraftError) else f"{name} raised {type(error).__name__}: {words}"
