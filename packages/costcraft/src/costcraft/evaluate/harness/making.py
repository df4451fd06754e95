"""The runs as they are made: what is begun, what came of it, when it stops."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from pathlib import Path

from clawtrace_core import PriceBook
from costcraft.errors import PlanInvalid
from costcraft.evaluate.harness import places
from costcraft.evaluate.harness.budget import Purse
from costcraft.evaluate.harness.interrupting import heeded
from costcraft.evaluate.harness.journal import Journal
from costcraft.evaluate.harness.letters import Ended, Letter, Unable
from costcraft.evaluate.harness.pool import Pool
from costcraft.evaluate.harness.schedule import Job, Queue, blocks
from costcraft.evaluate.harness.settling import Desk
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.results import Done, Results

IN_A_ROW = 5
"""Runs that infrastructure cuts short one after the other, none graded between them, before it stops."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an evaluation is."""

    what: str
    """`tasks`: they are surveyed; `runs`: they are made."""
    done: int
    of: int
    usd: Decimal = Decimal(0)
    """Spent in all, as far as it is known."""
    cut_short: int = 0
    """Attempts that infrastructure cut short."""


Watch = Callable[[Standing], object]


class Making:
    """Makes the runs that are missing. `plan` may be run otherwise than that of the results, and declares the same."""

    def __init__(
        self, out: Path, results: Results, plan: Plan, *, expected: Decimal | None, prices: PriceBook, watch: Watch
    ) -> None:
        self._out = out
        self._plan = plan
        self._watch = watch
        self._journal = Journal(out)
        self._desk = Desk(out, prices, plan.agent.framework)
        self._graded = set(results.graded)
        self._sessions = {done.session for done in results.lines}
        self._wanted = len(results.wanted)
        self._cut_short = 0
        self._single = {name for name, told in results.opening.conditions.items() if told.role != "plan"}
        self._purse = Purse(plan.budget, None if plan.rules is None else plan.rules.budget, expected)
        for done in results.lines:
            self._count(done)
        self._queue = _queue(results, plan, self._single)
        self._unsettled: deque[Ended] = deque()
        self._row: list[Done] = []
        self.stopped: str | None = None
        """Why it stopped before all was done."""

    def settle_broken(self) -> None:
        """Write down what was spent on runs that a kill broke off; they are made again."""
        for job, session in list(places.marks(self._out)):
            if session in self._sessions:
                places.unmark(self._out, session)
            else:
                self._write(Ended(job, fault="the evaluation was ended in the middle of it", session=session))

    def go(self, pool: Pool, clock: Callable[[], float] = time.monotonic) -> None:
        """Make runs until all are done, or it has to stop. Raises KeyboardInterrupt between two runs."""
        self._tell()
        with heeded(pool.wake) as interruption:
            while self._goes_on(pool, clock):
                interruption.check()
        if self.stopped is None and self._queue.left:
            self.stopped = self._out_of_money()
        elif self.stopped is None and len(self._graded) < self._wanted:
            missing = self._wanted - len(self._graded)
            self.stopped = (
                f"infrastructure cut short every attempt of {missing} of {self._wanted} runs; the same command tries "
                "them again"
            )

    def _goes_on(self, pool: Pool, clock: Callable[[], float]) -> bool:
        """Begin what may be begun, and take what comes in; False where there is nothing to wait for."""
        now = clock()
        self._fill(pool, now)
        if self._unsettled:
            self._settle(self._unsettled.popleft(), clock())
            return True
        due = self._queue.due_in(now) or None  # what was due by now and is not begun has no room
        if not pool.busy and (self.stopped is not None or due is None):
            return False
        for letter in pool.answers(due if pool.free and self.stopped is None else None):
            self._take(letter)
        return True

    def broken_off(self, jobs: Sequence[Job]) -> None:
        """It was stopped from outside: write down what has ended, and what was spent on `jobs`, which have not."""
        while self._unsettled:
            self._write(self._unsettled.popleft())
        for job in jobs:
            self._take(Ended(job, fault="the evaluation was stopped in the middle of it"))
            self._write(self._unsettled.popleft())

    def _fill(self, pool: Pool, now: float) -> None:
        while self.stopped is None and pool.free:
            under_way = [*pool.at, *(ended.job for ended in self._unsettled)]

            def room(jobs: Sequence[Job], at: Sequence[Job] = tuple(under_way)) -> bool:
                singles = sum(job.single for job in at)
                return self._purse.fits(len(jobs), len(at), single=jobs[0].single, singles_under_way=singles)

            job = self._queue.next(now, room)
            if job is None:
                return
            pool.give(job, self._plan.timeout)

    def _take(self, letter: Letter) -> None:
        if isinstance(letter, Unable):
            raise PlanInvalid(letter.why)
        if not isinstance(letter, Ended):
            return
        if letter.session is None:  # its process is gone: what it recorded is known by its mark
            letter = replace(letter, session=places.marked(self._out, letter.job))
        self._unsettled.append(letter)

    def _settle(self, ended: Ended, now: float) -> None:
        done = self._write(ended)
        if done is None:
            return
        if done.status == "graded":
            self._row.clear()
            self._priced(done)
            return
        self._queue.cut_short(ended.job, now)
        self._row.append(done)
        if len({each.key for each in self._row}) >= IN_A_ROW and self.stopped is None:
            self.stopped = (
                f"{len(self._row)} attempts in a row were cut short by infrastructure, the last: {done.why}. Mend "
                "that, and the same command goes on"
            )

    def _priced(self, done: Done) -> None:
        limited = self._plan.budget is not None or self._purse.single_limit is not None
        if done.usd is None and limited and self.stopped is None:
            self.stopped = (
                f"a call of session {done.session} has no price, so the budget cannot be kept; name a file with "
                "`prices:` in the plan, or in $CLAWTRACE_PRICES, and evaluate into a new directory, or leave the "
                "budget out and the same command goes on"
            )

    def _write(self, ended: Ended) -> Done | None:
        """The line of a run, written; None where it stands there already."""
        if ended.session is not None and ended.session in self._sessions:
            return None
        done = self._desk.settled(ended)
        self._journal.append(done)
        if ended.session is not None:
            self._sessions.add(ended.session)
            places.unmark(self._out, ended.session)
        if done.status == "graded":
            self._graded.add(done.key)
        self._count(done)
        self._tell()
        return done

    def _count(self, done: Done) -> None:
        graded = done.status == "graded"
        self._cut_short += not graded
        single = done.condition in self._single
        self._purse.paid(done.usd_known, single=single, whole=graded and done.usd is not None)

    def _tell(self) -> None:
        self._watch(Standing("runs", len(self._graded), self._wanted, self._purse.spent, self._cut_short))

    def _out_of_money(self) -> str:
        purse = self._purse
        reckoned = "not known" if purse.reckoned is None else f"{purse.reckoned.normalize():f} USD"
        spent = f"{purse.spent.normalize():f} USD are spent, and the next run is reckoned at {reckoned}"
        if purse.fits(1, 0, single=False, singles_under_way=0) and purse.single_limit is not None:
            return f"the budget of {purse.single_limit} USD for single rules is used up; raise rules.budget"
        return f"the budget of {purse.limit} USD: {spent}; raise it (budget, --budget) and the same command goes on"


def _queue(results: Results, plan: Plan, single: set[str]) -> Queue:
    told = results.opening
    tasks, whole = [task.id for task in told.tasks], [name for name in told.conditions if name not in single]
    wanted = chain(
        blocks(tasks, plan.seeds, whole),
        blocks(tasks, plan.seeds, [name for name in told.conditions if name in single], single=True),
    )
    made: dict[tuple[str, str, int], int] = {}
    for done in results.lines:
        made[done.key] = max(made.get(done.key, 0), done.attempt)
    return Queue.of(wanted, results.graded, lambda key: made.get(key, 0), attempts=plan.attempts, pause=plan.pause)
