"""Preserve: habits that separate the sessions that succeed from those that fail, by an exact test."""

from collections.abc import Iterable, Sequence
from math import comb
from typing import NamedTuple

from costcraft.analysts.exact import corrected, count_testable, fisher, smallest_p
from costcraft.analysts.habits import RANK, Habit, habits_of
from costcraft.analysts.wording import behaviour, habit_rule
from costcraft.evidence import SessionEvidence
from costcraft.patch import Preserve, Prevalence, Share, Source, patch_id
from costcraft.stages import Declined

ALPHA = 0.1
"""Largest corrected p at which a habit is proposed."""
MOST = 3
"""Habits proposed per kind of task, the surest first."""


class _Tested(NamedTuple):
    habits: list[Habit]
    having: frozenset[int]
    p: float


def preserves(kind: str, sessions: Sequence[SessionEvidence]) -> tuple[list[Preserve], list[Declined]]:
    """What to keep doing in one kind of task, and why nothing is proposed when nothing is."""
    graded = [session for session in sessions if session.success is not None]
    good = [index for index, session in enumerate(graded) if session.success]
    bad = [index for index, session in enumerate(graded) if not session.success]
    why = _too_few(kind, len(sessions), len(good), len(bad))
    if why:
        return [], [Declined(kind="preserve", why=why)]
    tested = _test(graded, good, bad)
    tried = count_testable([smallest_p(len(each.having), len(good), len(bad)) for each in tested], ALPHA)
    sure = corrected([each.p for each in tested], tried)
    ranked = sorted(zip(sure, tested, strict=True), key=lambda pair: (pair[0], *_rank(pair[1].habits[0])))
    found = [
        _patch(kind, graded, good, bad, each, p, len(tested))
        for p, each in ranked
        if p <= ALPHA and _common(each, good)
    ]
    if found:
        return found[:MOST], []
    best = min(sure, default=1.0)
    text = (
        f"{kind}: {len(tested)} habits tried over {len(good)} successes and {len(bad)} failures; none separates them "
        f"(best corrected p {best:.2g}, {ALPHA:g} needed)"
    )
    return [], [Declined(kind="preserve", why=text)]


def _too_few(kind: str, seen: int, good: int, bad: int) -> str:
    if not good and not bad:
        return f"{kind}: no outcome recorded for any of {seen} session(s); record outcomes to learn habits from"
    if not good or not bad:
        lacking = "failures" if good else "successes"
        return f"{kind}: {good} successes, {bad} failures; without {lacking} there is nothing to compare with"
    best = 1 / comb(good + bad, good)
    if best > ALPHA:
        return (
            f"{kind}: too few sessions: {good} successes, {bad} failures; even a perfect split would have "
            f"p = {best:.2g} ({ALPHA:g} needed)"
        )
    return ""


def _test(graded: Sequence[SessionEvidence], good: list[int], bad: list[int]) -> list[_Tested]:
    """Every habit that varies. Habits shown by exactly the same sessions are one hypothesis."""
    by_habit: dict[Habit, set[int]] = {}
    for index, session in enumerate(graded):
        for habit in habits_of(session):
            by_habit.setdefault(habit, set()).add(index)
    groups: dict[frozenset[int], list[Habit]] = {}
    for habit, having in by_habit.items():
        if len(having) < len(graded):
            groups.setdefault(frozenset(having), []).append(habit)
    successes = frozenset(good)
    return [
        _Tested(
            sorted(habits, key=_rank),
            having,
            fisher(len(having & successes), len(good), len(having - successes), len(bad)),
        )
        for having, habits in sorted(groups.items(), key=lambda item: sorted(item[0]))
    ]


def _rank(habit: Habit) -> tuple[int, Habit]:
    return RANK.index(habit.kind), habit


def _common(each: _Tested, good: list[int]) -> bool:
    """At least half of the successes show it: what fewer do is no habit to hand on."""
    return 2 * len(each.having & set(good)) >= len(good)


def _patch(
    kind: str, graded: Sequence[SessionEvidence], good: list[int], bad: list[int], each: _Tested, p: float, tried: int
) -> Preserve:
    habit = each.habits[0]
    witnesses = [graded[index] for index in good if index in each.having]
    in_good = Share(having=len(witnesses), of=len(good))
    in_bad = Share(having=len(each.having & set(bad)), of=len(bad))
    return Preserve(
        id=patch_id("preserve", "domain", habit.key),
        scope="domain",
        rule=habit_rule(habit, witnesses),
        section="Keep doing",
        cause=f"{in_good} successful and {in_bad} failed sessions did this",
        task_kinds=[kind],
        sources=[Source(session=session.session, task=session.task) for session in witnesses],
        prevalence=Prevalence(
            sessions=len(each.having),
            of_sessions=len(graded),
            tasks=_tasks(graded[index] for index in each.having),
            of_tasks=_tasks(graded),
        ),
        behaviour=behaviour(habit),
        in_successes=in_good,
        in_failures=in_bad,
        p=float(f"{each.p:.4g}"),
        p_corrected=float(f"{p:.4g}"),
        tried=tried,
        also=[behaviour(other) for other in each.habits[1:6]],
    )


def _tasks(sessions: Iterable[SessionEvidence]) -> int:
    return len({session.task or session.session for session in sessions})
