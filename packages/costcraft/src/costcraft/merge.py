"""Merge: from proposals to the rules that are to be written. Code, never a model; order-independent and idempotent."""

from collections.abc import Iterable
from itertools import groupby

from costcraft.gate import LEAST_TASKS, held_back_because, precedence, words_held_back_because
from costcraft.joining import join
from costcraft.likeness import SAME, apart, likeness, opposed
from costcraft.patch import LEVELS, Level, Patch, Prune
from costcraft.stages import Alike, Candidate, Conflict, Join, Merged


def merge(patches: Iterable[Patch], *, admit: Level = "structural", least_tasks: int = LEAST_TASKS) -> Merged:
    """Join what says the same, resolve what contradicts, stage what too little vouches for.

    `admit` is the weakest evidence level at which a prune is merged.
    """
    same: dict[str, list[Patch]] = {}
    for patch in sorted(patches, key=_strength):
        same.setdefault(patch.id, []).append(patch)
    by_id = sorted((join(group) for group in same.values()), key=_strength)
    kept, joined, alike = _near(by_id)
    strong: list[Patch] = []
    candidates: list[Candidate] = []
    for patch in kept:
        why = held_back_because(patch, admit, least_tasks)
        if why:
            candidates.append(Candidate(patch=patch, why=why))
        else:
            strong.append(patch)
    worded = {patch.id: why for patch in strong if (why := words_held_back_because(patch, strong, admit))}
    candidates += [Candidate(patch=patch, why=worded[patch.id]) for patch in strong if patch.id in worded]
    agreed, conflicts = _resolve([patch for patch in strong if patch.id not in worded])
    return Merged(
        patches=sorted(agreed, key=in_order),
        candidates=sorted(candidates, key=lambda candidate: candidate.patch.id),
        joined=joined,
        alike=alike,
        conflicts=conflicts,
    )


def _rank(patch: Patch) -> tuple[bool, int, int, int, int]:
    """What of a rule says that it is stronger than another: a person's word, precedence, evidence, prevalence."""
    seen = patch.prevalence
    level = LEVELS.index(patch.level) if isinstance(patch, Prune) else 0
    return patch.adopted is None, precedence(patch), -level, -seen.tasks, -seen.sessions


def _strength(patch: Patch) -> tuple[tuple[bool, int, int, int, int], str, str]:
    """A total order, so that the result does not depend on the order in which patches come."""
    return _rank(patch), patch.id, patch.model_dump_json()


def in_order(patch: Patch) -> tuple[float, int, int, str]:
    """Prevalence first."""
    seen = patch.prevalence
    return -seen.tasks / max(1, seen.of_tasks), -seen.sessions, precedence(patch), patch.id


def _near(patches: list[Patch]) -> tuple[list[Patch], list[Join], list[Alike]]:
    """Groups around their strongest rule. Every other is held against these heads alone and goes to the one it is
    most like: a chain of small differences joins nothing that is far apart.
    """
    groups: list[list[Patch]] = []
    joined: list[Join] = []
    alike: list[Alike] = []
    for patch in patches:
        best: tuple[float, int] | None = None
        for at, (head, *_) in enumerate(groups):
            score = likeness(head.rule, patch.rule) if _comparable(head, patch) else 0.0
            if score < SAME:
                continue
            why = apart(head.rule, patch.rule)
            if why is None:
                best = max(best or (score, -at), (score, -at))
            elif not opposed(head.rule, patch.rule):
                alike.append(_alike(head, patch, score, why))
        if best is None:
            groups.append([patch])
            continue
        group = groups[-best[1]]
        group.append(patch)
        joined.append(_join(group[0], patch, best[0]))
    heads = {group[0].id for group in groups}
    return [join(group) for group in groups], joined, [each for each in alike if heads.issuperset(each.rules)]


def _comparable(head: Patch, patch: Patch) -> bool:
    # Of one precedence alone: a bare claim must not drag down what it happens to resemble.
    return head.kind == patch.kind and head.scope == patch.scope and precedence(head) == precedence(patch)


def _join(kept: Patch, joined: Patch, score: float) -> Join:
    return Join(
        kept=kept.id,
        joined=joined.id,
        similarity=round(score, 2),
        kept_rule=kept.rule,
        joined_rule=joined.rule,
    )


def _alike(one: Patch, other: Patch, score: float, why: str) -> Alike:
    return Alike(rules=[one.id, other.id], texts=[one.rule, other.rule], similarity=round(score, 2), why=why)


def _resolve(patches: list[Patch]) -> tuple[list[Patch], list[Conflict]]:
    """What can be obeyed together: the strongest of those that contradict each other; none where none is strongest."""
    agreed: list[Patch] = []
    conflicts: list[Conflict] = []
    for _, group in groupby(sorted(patches, key=_strength), key=_rank):
        left: list[Patch] = []
        for patch in group:
            against = next((other for other in agreed if opposed(other.rule, patch.rule)), None)
            if against is None:
                left.append(patch)
                continue
            why = f"{patch.kind} {patch.id} contradicts {against.kind} {against.id}, which takes precedence"
            conflicts.append(Conflict(kept=against.id, dropped=patch, why=why))
        for patch in left:
            equals = [other for other in left if opposed(other.rule, patch.rule)]
            if not equals:
                agreed.append(patch)
                continue
            others = ", ".join(f"{other.kind} {other.id}" for other in equals)
            why = f"{patch.kind} {patch.id} contradicts {others}; neither has the better evidence, so none is written"
            conflicts.append(Conflict(kept=None, dropped=patch, why=why))
    return agreed, conflicts
