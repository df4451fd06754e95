"""One run, in a process of the evaluation: a fresh folder, a fresh agent, recorded, graded."""

import os
import shutil
import time
from asyncio import CancelledError
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

from clawtrace_core.capture.guard import attempt
from clawtrace_core.model.event import Check
from costcraft.errors import CostcraftError, PlanInvalid
from costcraft.evaluate.harness import places
from costcraft.evaluate.harness.adapters import load_trace
from costcraft.evaluate.harness.factory import Factory, ask
from costcraft.evaluate.harness.faults import fault_of, said, unrecorded
from costcraft.evaluate.harness.letters import Ended, Rehearse, Setting
from costcraft.evaluate.harness.schedule import Job
from costcraft.evaluate.opening import open_task_set
from costcraft.evaluate.results import CheckTold
from costcraft.evaluate.survey import all_tasks
from costcraft.evaluate.taskset import Graded, Task
from costcraft.foreign import tried


@dataclass
class _Play:
    """How far a run came."""

    session: Any = None
    """ClawTrace's; None until the recording began."""
    made: bool = False
    """Whether the agent was made."""
    seconds: float = 0.0


class Runner:
    """Makes runs, one after the other. Tasks, factory and framework are loaded once."""

    def __init__(self, setting: Setting, number: int) -> None:
        """`number` tells this process from others. Raises PlanInvalid or TaskSetInvalid where something cannot be
        loaded."""
        self._setting = setting
        self._desk = setting.desk / str(number)
        self._home = Path.cwd()
        self._process = os.getpid()
        told = setting.tasks
        self._tasks = open_task_set(told.set, data=told.data, seed=told.seed)
        self._trace = load_trace(setting.agent.framework)
        self._factory = Factory(setting.agent.factory, setting.agent.options)

    @property
    def simulated(self) -> bool:
        """Whether the factory's model is scripted."""
        return self._factory.simulated

    def rehearse(self, order: Rehearse) -> str | None:
        """Make the agent under each condition, and ask it nothing; why it cannot be made, or None."""
        for condition in order.conditions:
            folder = self._folder()
            self._tasks.prepare(self._known[order.task], folder)
            made = tried(self._factory.make, self._setting.skills[condition], folder, order.seed)
            self._back()
            if isinstance(made, Exception):
                why = str(made) if isinstance(made, PlanInvalid) else f"the factory raised {said(made)}"
                return f"{why} (condition {condition!r}, task {order.task!r})"
        return None

    def run(self, job: Job) -> Ended:
        """Make one run, whatever comes of it."""
        folder = self._folder()
        ended = tried(self._run, job, folder)
        self._back()
        if isinstance(ended, Exception):
            return Ended(job, fault=f"the run could not be made: {said(ended)}")
        kept = attempt(self._keep, job, folder)
        if isinstance(kept, Exception) and ended.fault is None:
            return replace(ended, fault=f"what the agent left could not be kept: {said(kept)}")
        return ended

    @cached_property
    def _known(self) -> Mapping[str, Task]:
        return {task.id: task for task in all_tasks(self._tasks)}

    def _folder(self) -> Path:
        """An empty folder. What an earlier agent left at work knows it not, and its name tells an agent nothing."""
        shutil.rmtree(self._desk, ignore_errors=True)
        folder = self._desk / token_hex(4) / "task"
        folder.mkdir(parents=True)
        return folder

    def _back(self) -> None:
        """Undo an agent's change of the working directory."""
        os.chdir(self._home)

    def _run(self, job: Job, folder: Path) -> Ended:
        task = self._known[job.task]
        self._tasks.prepare(task, folder)
        play = _Play()
        raised = self._played(play, job, folder, self._tasks.instruction(task))
        ended = Ended(job, seconds=play.seconds, session=_recorded(play))
        fault = _fault(play, raised)
        ended = replace(ended, raised=None if raised is None else f"the agent raised {said(raised)}")
        if fault is None and ended.session is None:
            fault = unrecorded(self._setting.agent.framework, ended.raised)
        if fault is not None:
            return replace(ended, fault=fault)
        self._back()
        graded = tried(self._tasks.grade, task, folder)
        if isinstance(graded, Exception):
            return replace(ended, fault=f"the grader raised {said(graded)}")
        return self._told(ended, play, graded)

    def _played(self, play: _Play, job: Job, folder: Path, instruction: str) -> BaseException | None:
        """What the agent raised, if it did. An agent that leaves the program has ended, not the process."""
        try:
            return attempt(self._play, play, job, folder, instruction)
        except (SystemExit, KeyboardInterrupt, GeneratorExit, CancelledError) as left:
            return left
        finally:
            if os.getpid() != self._process:  # a copy of this process, forked by the agent: it makes no runs
                os._exit(0)

    def _play(self, play: _Play, job: Job, folder: Path, instruction: str) -> None:
        out = self._setting.out
        with self._trace(store=out / places.STORE, task=job.task, agent=f"{job.condition}, seed {job.seed}") as session:
            play.session = session
            places.mark(out, job, session.id)
            agent = self._factory.make(self._setting.skills[job.condition], folder, job.seed)
            play.made = True
            began = time.perf_counter()
            try:
                ask(agent, instruction)
            finally:
                play.seconds = time.perf_counter() - began

    def _told(self, ended: Ended, play: _Play, graded: object) -> Ended:
        """The verdict, told to the recording too."""
        if not isinstance(graded, Graded):
            return replace(ended, fault=f"the grader answers {ascii(graded)[:80]}; expected costcraft.evaluate.Graded")
        outcome = attempt(
            play.session.record_outcome,
            success=graded.success,
            score=graded.score,
            oracle=self._setting.tasks.set,
            checks=graded.checks,
        )
        if isinstance(outcome, Exception):
            return replace(ended, fault=f"the verdict could not be recorded: {said(outcome)}")
        checks = tuple(map(_check, outcome.checks))
        return replace(ended, success=outcome.success, score=outcome.score, checks=checks)

    def _keep(self, job: Job, folder: Path) -> None:
        """Keep what the agent left; of an earlier attempt nothing stays."""
        to = places.left_by(self._setting.out, job)
        shutil.rmtree(to, ignore_errors=True)
        to.parent.mkdir(parents=True, exist_ok=True)
        if folder.is_dir():
            shutil.move(folder, to)
        else:  # an agent may have removed it
            to.mkdir()


def _recorded(play: _Play) -> str | None:
    """The session's id, where there is a recording of it."""
    session = play.session
    return session.id if session is not None and session.store.path(session.id).is_file() else None


def _fault(play: _Play, raised: BaseException | None) -> str | None:
    """Why a run says nothing of the agent."""
    if raised is None:
        return None
    if play.session is None:
        return f"the recording could not begin: {said(raised)}"
    if isinstance(raised, CostcraftError) or not play.made:
        return f"the agent could not be made: {said(raised)}"
    return fault_of(raised)


def _check(check: Check) -> CheckTold:
    return CheckTold(name=check.name, passed=check.passed, expected=_plain(check.expected), got=_plain(check.got))


def _plain(value: object) -> object:
    """A value as JSON has it."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
