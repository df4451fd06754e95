"""What the truth says of the calls that agents made, and of those they no longer make."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from clawtrace_core.card.card import PRICED
from costcraft import Patch, Prune
from costcraft.evidence import Evidence, SessionEvidence
from costcraft.skill import SKILL_FILE
from examples.planted.habits import Habits, habits_of
from examples.planted.study.figures import WASTE
from examples.planted.study.sitting import RuleTold, RunTold, StepTold
from examples.planted.study.stand import Stand
from examples.planted.truth import StepTruth, truth_of
from examples.planted.world import Part, PlantedTask

Truth = Mapping[tuple[str, int], StepTruth]
"""(session, number of the step on its card) -> what the truth says of it."""


def read_by(skills: Sequence[Path]) -> str:
    """The words an agent with these skills reads."""
    return "\n\n".join((each / SKILL_FILE).read_text(encoding="utf-8") for each in skills)


def truth_of_sessions(stand: Stand, evidence: Evidence) -> Truth:
    """The truth of every call that was recorded. Raises ValueError where an agent made other calls than the truth
    foretells: then one of them is wrong, and no figure would mean anything.
    """
    tasks = {task.name: task for task in stand.tasks}
    told = read_by(stand.base)
    found: dict[tuple[str, int], StepTruth] = {}
    for session in evidence.sessions:
        truth = truth_of(tasks[session.task or ""], told, seed=stand.seed)
        made = [action.tool for action in session.actions]
        if made != [step.tool for step in truth]:
            raise ValueError(f"session {session.session}: made {made}; the truth has {[step.tool for step in truth]}")
        found |= {(session.session, action.n): step for action, step in zip(session.actions, truth, strict=True)}
    return found


def steps_told(evidence: Evidence, truth: Truth) -> Iterator[StepTold]:
    """Every recorded call with its truth and the flags that call it needless."""
    for session in evidence.sessions:
        kinds = _flagged(session)
        for action in session.actions:
            known = truth[session.session, action.n]
            yield StepTold(
                task=session.task or "",
                tool=action.tool,
                label=known.label,
                trap=known.trap,
                needed=known.needed,
                flags=tuple(sorted(kinds.get(action.n, ()))),
            )


def _flagged(session: SessionEvidence) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for flag in session.card.flags:
        for n in flag.steps if flag.kind not in PRICED else ():
            found.setdefault(n, set()).add(flag.kind)
    return found


def rule_told(patch: Patch, truth: Truth, spares: Mapping[str, int], costs: Mapping[str, int]) -> RuleTold:
    """A rule with what the truth says of the steps it names."""
    named = [(step.session, step.n) for step in patch.steps] if isinstance(patch, Prune) else []
    known = [truth[key] for key in named if key in truth]
    return RuleTold(
        id=patch.id,
        kind=patch.kind,
        scope=patch.scope,
        rule=patch.rule,
        analyst=patch.analyst,
        level=patch.level if isinstance(patch, Prune) else None,
        named=len(known),
        named_needed=sum(step.needed for step in known),
        spares=spares,
        costs=costs,
    )


class Calls:
    """The calls of some tasks by the truth, under any skills."""

    def __init__(self, stand: Stand, part: Part) -> None:
        self._stand, self._tasks = stand, stand.of(part)
        self._known: dict[tuple[str, Habits], list[StepTruth]] = {}
        self._base = {task.name: self._made(task, stand.base) for task in self._tasks}

    def waste(self) -> int:
        """Calls under the base skill that should be made in no run."""
        return sum(step.label == WASTE for made in self._base.values() for step in made)

    def spared(self, skills: Sequence[Path]) -> dict[str, int]:
        """Label -> calls that are no longer made and were not needed; some of them only turned out so."""
        return counted(step for step, _ in self._gone(skills) if not step.needed)

    def lost(self, skills: Sequence[Path], base: Sequence[RunTold], new: Sequence[RunTold]) -> dict[str, int]:
        """Label -> needed calls no longer made on tasks that these runs fail and the base's do not."""
        passed = {run.task for run in base if run.success} - {run.task for run in new if run.success}
        return counted(step for step, task in self._gone(skills) if step.needed and task in passed)

    def _gone(self, skills: Sequence[Path]) -> Iterator[tuple[StepTruth, str]]:
        for task in self._tasks:
            yield from ((step, task.name) for step in gone(self._base[task.name], self._made(task, skills)))

    def _made(self, task: PlantedTask, skills: Sequence[Path]) -> list[StepTruth]:
        told = read_by(skills)
        key = (task.name, habits_of(told))  # calls hang on these alone
        if key not in self._known:
            self._known[key] = truth_of(task, told, seed=self._stand.seed)
        return self._known[key]


def gone(before: Sequence[StepTruth], after: Sequence[StepTruth]) -> list[StepTruth]:
    """The calls of one run that another run of the task no longer makes.

    Where some of several equal calls are gone, those that the truth calls alike are taken for each other first: when a
    needless second reading goes, it is not the look after a change, though that asks the same.
    """
    left, others = list(before), list(after)
    for alike in (True, False):
        left, others = _alone(left, others, label=alike), _alone(others, left, label=alike)
    return left


def _alone(steps: Sequence[StepTruth], among: Sequence[StepTruth], *, label: bool) -> list[StepTruth]:
    """Those without a partner among the others."""
    partners = Counter(_call(step, label=label) for step in among)
    found = []
    for step in steps:
        if partners[_call(step, label=label)]:
            partners[_call(step, label=label)] -= 1
        else:
            found.append(step)
    return found


def _call(step: StepTruth, *, label: bool) -> tuple[str, ...]:
    """What makes two calls the same one. A cell that is written otherwise is still written."""
    written = {"value"} if step.tool == "write_cell" else set()
    told = repr(sorted((name, value) for name, value in step.arguments.items() if name not in written))
    return (step.tool, told, step.label) if label else (step.tool, told)


def counted(steps: Iterable[StepTruth]) -> dict[str, int]:
    """How many steps bear each label."""
    return dict(sorted(Counter(step.label for step in steps).items()))
