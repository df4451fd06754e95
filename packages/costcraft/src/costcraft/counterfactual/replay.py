"""`replayed`: a session's own calls, run again without the named steps in an environment that the user supplies."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from costcraft.counterfactual.environment import Environment, Verdict
from costcraft.counterfactual.playing import Found, Player, Rerun
from costcraft.counterfactual.recording import Unplayable, recorded_calls
from costcraft.counterfactual.structural import Look
from costcraft.counterfactual.value_flow import Follower
from costcraft.evidence import SessionEvidence
from costcraft.patch import Grade, Prune

MOST_SESSIONS = 20
"""Sessions replayed for one prune."""


class _Known(NamedTuple):
    played: Rerun
    follower: Follower


class Replays:
    """Replays sessions in one environment. A session's baseline runs once, however many prunes name its steps."""

    def __init__(self, environment: Environment, sessions: Mapping[str, SessionEvidence], look: Look) -> None:
        """The environment; the sessions by name; and what reads their recordings."""
        self._player, self._sessions, self._look = Player(environment), sessions, look
        self._baselines: dict[str, _Known | Unplayable] = {}

    def grade(self, prune: Prune) -> Grade:
        """Whether the named steps can be left out of up to `MOST_SESSIONS` sessions: those that succeeded first, one
        of each task first.

        It holds when none that could be replayed ended worse or went on otherwise, two could be (or the only one
        named), and one of them had succeeded. A session that failed counts where its checks are named: each must still
        pass that passed.
        """
        named: dict[str, set[int]] = {}
        for step in prune.steps:
            named.setdefault(step.session, set()).add(step.n)
        able = self._able(named)
        if not able:
            why = "none of the named sessions has a task and an outcome to keep"
            return Grade(level="replayed", holds=None, why=why, numbers={"named": len(named), "tried": 0})
        found = {name: self._without(name, named[name]) for name in able}
        return self._graded(found, len(named))

    def _able(self, names: Iterable[str]) -> list[str]:
        known = [self._sessions[name] for name in sorted(names) if name in self._sessions]
        fit = [each for each in known if each.task and (each.success or (each.success is False and each.checks))]
        seen: dict[tuple[bool, str | None], int] = {}
        rank = {}
        for each in fit:
            kind = (not each.success, each.task)
            seen[kind] = seen.get(kind, -1) + 1
            rank[each.session] = (not each.success, seen[kind], each.session)
        return sorted(rank, key=lambda name: rank[name])[:MOST_SESSIONS]

    def _graded(self, found: Mapping[str, Found], named: int) -> Grade:
        told = {what: [name for name in found if found[name].what == what] for what in ("same", "changed", "drop")}
        replayed = sum(len(names) for names in told.values())
        numbers = {
            "named": named,
            "tried": len(found),
            "replayed": replayed,
            **{what: len(names) for what, names in told.items()},
            "same_and_succeeded": len([name for name in told["same"] if self._sessions[name].success]),
            "runs_each": self._player.times,
        }
        bad = [*told["drop"], *told["changed"]]
        untold = [name for name in found if found[name].what == "untold"]
        holds = not bad and len(told["same"]) >= min(2, named) and numbers["same_and_succeeded"] > 0
        head = (
            f"{len(told['same'])} of {replayed} replayed session(s) ended in the same graded outcome without the steps"
        )
        first = next(iter((*bad, *untold)), None)
        tail = f"; session {first}: {found[first].why}" if first is not None else ""
        drop = bool(told["drop"])
        return Grade(
            level="replayed", holds=holds or (False if bad else None), drop=drop, why=head + tail, numbers=numbers
        )

    def _without(self, name: str, steps: set[int]) -> Found:
        if name not in self._baselines:
            self._baselines[name] = self._reproduce(self._sessions[name])
        baseline = self._baselines[name]
        if isinstance(baseline, Unplayable):
            return Found("untold", baseline.why)
        found = self._player.without(baseline.played, steps)
        return found if found.what != "same" else _unless_used(baseline.follower, steps)

    def _reproduce(self, session: SessionEvidence) -> _Known | Unplayable:
        tree = self._look(session.session)
        calls = recorded_calls(tree, session.card) if tree is not None else Unplayable("its recording is not at hand")
        if tree is None or isinstance(calls, Unplayable):
            return calls if isinstance(calls, Unplayable) else Unplayable("its recording is not at hand")
        recorded = Verdict(bool(session.success), {check.name: check.passed for check in session.checks})
        played = self._player.reproduce(session.task or "", calls, recorded)
        return played if isinstance(played, Unplayable) else _Known(played, Follower(tree, session.card))


def _unless_used(follower: Follower, steps: set[int]) -> Found:
    """With later actions as recorded, the same end proves nothing where these hold what the steps had taught."""
    for n in sorted(steps):
        followed = follower.follow(n, gone=steps)
        if followed.what == "used":
            return Found("changed", f"the result of step {n} was used: {followed.why}")
    return Found("same", "")
