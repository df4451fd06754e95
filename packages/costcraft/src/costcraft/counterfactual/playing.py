"""A session's own calls, made again in an environment: all of them first, then without some.

Nothing can be learned from a session that does not end and answer as recorded, so all of it runs first. Later calls
are as they were recorded, with whatever a left-out one had taught the agent: a replay alone approves too much.
"""

import operator
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from clawtrace_core.capture.guard import attempt
from costcraft.counterfactual import environment as world
from costcraft.counterfactual.environment import Answer, Environment, Snapshotting, Trouble, Verdict
from costcraft.counterfactual.recording import Call, Unplayable, same_answer

REPEATS = 3
"""Runs of each replay where the environment does not tell that it is deterministic."""


class Played(NamedTuple):
    """What some calls came to."""

    answers: Mapping[int, Answer]
    """By step number."""
    verdict: Verdict
    worlds: Sequence[object] = ()
    """Snapshots: before each call, and after the last. None where the environment takes none."""


class Rerun(NamedTuple):
    """A session that ran again as it was recorded."""

    task: str
    calls: Sequence[Call]
    runs: Sequence[Played]
    """Several where the environment is not deterministic."""


class Found(NamedTuple):
    """What a session without some steps came to: the same end, another answer on the way or another wrong result, a
    worse end, or nothing that can be told."""

    what: Literal["same", "changed", "drop", "untold"]
    why: str


class Player:
    """Plays sessions in one environment."""

    def __init__(self, environment: Environment, *, snapshots: bool = False) -> None:
        """`snapshots`: where the environment takes them and is deterministic, a replay starts just before the first
        step it leaves out, and ends where the world is then as it was with that step."""
        self._environment = environment
        self.deterministic = world.is_deterministic(environment)
        self.times = 1 if self.deterministic else REPEATS
        takes = snapshots and self.deterministic and isinstance(environment, Snapshotting)
        self._snapshotting = environment if takes and isinstance(environment, Snapshotting) else None
        self._standing: str | None = None
        self.made = 0
        """Calls that were made so far."""

    def reproduce(self, task: str, calls: Sequence[Call], recorded: Verdict) -> Rerun | Unplayable:
        """The whole session run again."""
        runs = []
        for _ in range(self.times):
            played = self._play(task, calls, self._snapshotting)
            if isinstance(played, Trouble):
                return Unplayable(played.what)
            strange = self._strange(calls, played, recorded)
            if strange:
                return Unplayable(f"not reproducible: {strange}")
            runs.append(played)
        if self._snapshotting is not None and not self._comes_back(runs[0]):
            runs = [played._replace(worlds=()) for played in runs]
        return Rerun(task, calls, runs)

    def without(self, baseline: Rerun, steps: Collection[int]) -> Found:
        """The session without these steps, and what ran inside of them."""
        gone = {call.n for call in baseline.calls if not call.steps.isdisjoint(steps)}
        if not gone:
            return Found("untold", "it makes no call that could be left out")
        kept = [call for call in baseline.calls if call.n not in gone]
        for was in baseline.runs:
            played = self._shortened(baseline, was, gone) if was.worlds else self._play(baseline.task, kept)
            if isinstance(played, Trouble):
                return Found("untold", played.what)
            worse = _worse(was.verdict, played.verdict)
            if worse:
                return Found("drop", worse)
            changed = self._changed(kept, was, played) or _other_end(was.verdict, played.verdict)
            if changed:
                return Found("changed", changed)
        return Found("same", "")

    def _play(self, task: str, calls: Sequence[Call], keeping: Snapshotting | None = None) -> Played | Trouble:
        trouble = world.reset(self._environment, task)
        if trouble is not None:
            return trouble
        self._standing = task
        answers, worlds = {}, []
        for call in calls:
            worlds += _kept(keeping)
            answers[call.n] = self._call(call)
        worlds += _kept(keeping)
        verdict = world.grade(self._environment)
        return verdict if isinstance(verdict, Trouble) else Played(answers, verdict, worlds)

    def _shortened(self, baseline: Rerun, was: Played, gone: Collection[int]) -> Played | Trouble:
        """From just before the first step that is left out. Where all that goes stands in one row and left the world
        as it found it, what follows is known."""
        at = [place for place, call in enumerate(baseline.calls) if call.n in gone]
        first, last = at[0], at[-1]
        if len(at) == last - first + 1 and _is_same(was.worlds[first], was.worlds[last + 1]):
            return was
        trouble = self._back(baseline.task, was.worlds[first])
        if trouble is not None:
            return trouble
        rest = [call for call in baseline.calls[first:] if call.n not in gone]
        answers = {**was.answers, **{call.n: self._call(call) for call in rest}}
        verdict = world.grade(self._environment)
        return verdict if isinstance(verdict, Trouble) else Played(answers, verdict)

    def _call(self, call: Call) -> Answer:
        self.made += 1
        return world.call(self._environment, call.tool, call.arguments)

    def _back(self, task: str, token: object) -> Trouble | None:
        if self._snapshotting is None:
            return Trouble("the environment takes no snapshots")
        if self._standing != task:
            trouble = world.reset(self._environment, task)
            if trouble is not None:
                return trouble
            self._standing = task
        return world.restore(self._snapshotting, token)

    def _comes_back(self, played: Played) -> bool:
        """Whether a world that was put back is the one that was kept: else its snapshots are not used."""
        if self._snapshotting is None or any(isinstance(each, Exception) for each in played.worlds):
            return False
        first = played.worlds[0]
        if world.restore(self._snapshotting, first) is not None:
            return False
        return _is_same(attempt(self._snapshotting.snapshot), first)

    def _changed(self, kept: Sequence[Call], was: Played, now: Played) -> str:
        """What later calls learned otherwise: the agent would then not have gone on as recorded."""
        for call in kept:
            old, new = was.answers[call.n], now.answers[call.n]
            if old is new:  # a step that did not run again
                continue
            text = old.value if isinstance(old.value, str) else str(old.value)
            if old.failed != new.failed or (self.deterministic and not same_answer(new.value, text)):
                return f"without the steps, step {call.n} ({call.tool}) answers otherwise"
        return ""

    def _strange(self, calls: Sequence[Call], played: Played, recorded: Verdict) -> str:
        for call in calls:
            answer = played.answers[call.n]
            if answer.failed != call.failed:
                return f"step {call.n} ({call.tool}) {'fails' if answer.failed else 'does not fail'} when run again"
            if self.deterministic and not call.failed and not same_answer(answer.value, call.result):
                return f"step {call.n} ({call.tool}) answers otherwise when run again"
        if played.verdict.success != recorded.success or _other_checks(recorded, played.verdict):
            return "the whole session, run again, is graded otherwise"
        return ""


def _kept(keeping: Snapshotting | None) -> list[object]:
    return [] if keeping is None else [attempt(keeping.snapshot)]


def _is_same(one: object, other: object) -> bool:
    return attempt(operator.eq, one, other) is True


def _other_checks(one: Verdict, other: Verdict) -> list[str]:
    return sorted(name for name in one.checks.keys() & other.checks.keys() if one.checks[name] != other.checks[name])


def _worse(was: Verdict, now: Verdict) -> str:
    failing = [name for name, passed in now.checks.items() if not passed and was.checks.get(name, True)]
    if was.success and not now.success:
        return "without the steps it fails" + (f" ({', '.join(sorted(failing)[:3])})" if failing else "")
    return f"without the steps a check fails: {', '.join(sorted(failing)[:3])}" if failing else ""


def _other_end(was: Verdict, now: Verdict) -> str:
    """A check that fails as before, of something else: the step had a part in what went wrong."""
    failing = [name for name, passed in was.checks.items() if not passed and now.checks.get(name) is False]
    told = [name for name in failing if name in was.got or name in now.got]
    other = sorted(name for name in told if not _is_same(was.got.get(name), now.got.get(name)))
    return f"without the steps a check that fails finds something else: {', '.join(other[:3])}" if other else ""
