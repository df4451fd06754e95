"""An evaluation from its plan to its results; begun anew, or gone on with."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from clawtrace_core import PriceBook
from costcraft.errors import PlanInvalid
from costcraft.evaluate.findings import write_reports
from costcraft.evaluate.harness import places
from costcraft.evaluate.harness.adapters import find_adapter, versions
from costcraft.evaluate.harness.checking import check_budget, check_libraries, check_plan, expected_usd, spent_usd
from costcraft.evaluate.harness.choosing import Chosen, choose
from costcraft.evaluate.harness.journal import Journal
from costcraft.evaluate.harness.letters import Ready, Rehearse, Setting, Unable
from costcraft.evaluate.harness.loading import copies, load_conditions
from costcraft.evaluate.harness.making import Making, Standing, Watch
from costcraft.evaluate.harness.plan_file import placed
from costcraft.evaluate.harness.pool import Pool
from costcraft.evaluate.harness.resuming import check_same, clear, standing
from costcraft.evaluate.plan import Plan, fingerprint
from costcraft.evaluate.results import RESULTS_FILE, Opening, Results, TaskTold, Told, read_results
from costcraft.writers.alone import alone


def evaluate(plan: Plan, out: str | os.PathLike[str], *, watch: Watch | None = None) -> Results:
    """Run a plan into the directory `out`, or go on with it there; nothing that is done is run again.

    Everything that can be wrong with a plan is told before a run is made. Runs are made in processes of their own, and
    none is left when this returns or raises; Ctrl-C loses nothing that was recorded.

    Args:
        plan: what is run; relative paths in it are relative to the working directory.
        out: where the evaluation is kept. Empty, not there, or one of the same plan.
        watch: is told how far it is.

    Returns:
        The results; their `stopped` says why runs are missing, where it had to stop.

    Raises:
        PlanInvalid: the plan cannot be run.
        ExtraMissing: the libraries of costcraft[evaluate] are not installed.
        ResultsInvalid: `out` holds results of another plan, or damaged ones.
        TaskSetInvalid, SkillInvalid, StageInvalid, SettingsInvalid: what the plan names cannot be used.
        TargetBusy: another evaluation is at work there.
        TargetUnwritable: `out` cannot be written.
    """
    plan, place = placed(plan, Path.cwd()), Path(os.path.abspath(out))  # noqa: PTH100 -- a link stays a link
    check_plan(plan)
    check_libraries()
    find_adapter(plan.agent.framework)
    with alone(place), _desk() as desk:
        before = standing(place)
        try:
            return _Evaluation(plan, place, Path(desk), watch or _unwatched).run(before)
        finally:
            if not (place / RESULTS_FILE).exists():
                clear(place)


def _desk() -> tempfile.TemporaryDirectory[str]:
    """Where agents work while they work: nowhere near what others left."""
    return tempfile.TemporaryDirectory(prefix="costcraft-", ignore_cleanup_errors=True)


def _unwatched(_: Standing) -> None:
    """Nobody looks."""


class _Evaluation:
    def __init__(self, plan: Plan, out: Path, desk: Path, watch: Watch) -> None:
        self._plan = plan
        self._out = out
        self._desk = desk
        self._watch = watch
        self._prices = PriceBook.load(plan.prices)
        self._expected = expected_usd(plan)
        check_budget(plan, self._expected)

    def run(self, before: Results | None) -> Results:
        places.claim(self._out)
        told = load_conditions(self._plan, self._out) if before is None else self._same(before.opening)
        pool = Pool(self._setting(copies(self._out, told)), self._plan.concurrency)
        try:
            if before is None:
                self._open(pool, told)
            return self._made(pool)
        finally:
            pool.stop()

    def _same(self, opening: Opening) -> Mapping[str, Told]:
        """The conditions as they were declared, where those of the plan are still the same."""
        check_same(self._out, opening, self._plan, load_conditions(self._plan, self._desk / "again"))
        Journal(self._out).mend()
        return opening.conditions

    def _setting(self, skills: Mapping[str, tuple[Path, ...]]) -> Setting:
        return Setting(self._plan.tasks, self._plan.agent, skills, self._out, self._desk)

    def _open(self, pool: Pool, told: Mapping[str, Told]) -> None:
        """Write the first line, once it is sure that runs can be made."""
        pool.warm()  # the framework is imported there while the tasks are looked at here
        chosen = choose(self._plan.tasks, lambda done, of: self._watch(Standing("tasks", done, of)))
        ready = self._rehearsed(pool, chosen)
        digests = {name: each.digest for name, each in told.items()}
        opening = Opening(
            fingerprint=fingerprint(self._plan, digests),
            plan=self._plan,
            tasks=tuple(TaskTold(id=task.id, kind=task.kind) for task in chosen.tasks),
            left_out=chosen.left_out,
            floor=chosen.floor,
            conditions=told,
            versions=versions(self._plan.agent.framework),
            simulated=ready.simulated,
            spent=spent_usd(self._plan),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        Journal(self._out).open(opening)

    def _rehearsed(self, pool: Pool, chosen: Chosen) -> Ready:
        pool.give(Rehearse(tuple(self._plan.conditions), chosen.tasks[0].id, self._plan.seeds[0]))
        while True:
            for letter in pool.answers():
                if isinstance(letter, Unable):
                    raise PlanInvalid(letter.why)
                if isinstance(letter, Ready):
                    return letter

    def _made(self, pool: Pool) -> Results:
        making = Making(
            self._out,
            read_results(self._out),
            self._plan,
            expected=self._expected,
            prices=self._prices,
            watch=self._watch,
        )
        making.settle_broken()
        try:
            making.go(pool)
        finally:
            making.broken_off(pool.stop())
        write_reports(self._out)
        return replace(read_results(self._out), stopped=making.stopped)
