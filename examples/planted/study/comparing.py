"""Two skills beside each other, over all seeds. Pure.

What varies freely is the seed: each made its own tasks, its own sessions and its own distillation. Its held-out tasks
share one distilled skill and are no independent witnesses, so statistics take the seed for the unit and the tasks for
its repetitions. Where nothing differs at all that leaves as many witnesses as there are seeds, which is very cautious:
`by_task` is the interval of the difference with every task of every seed as a unit.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from costcraft.evaluate.statistics import NotComparable, Run, cost, non_inferiority, paired, quality
from costcraft.evaluate.statistics.interval import Estimate
from examples.planted.study.sitting import RunTold

MARGIN = 0.05
"""The largest drop of the success rate that is accepted; declared before the study was run."""
DRAWS = 1


class Beside(NamedTuple):
    """Held-out runs under two skills. Those of one unit are taken together; their tasks have names of their own."""

    unit: str
    base: Sequence[RunTold]
    new: Sequence[RunTold]


def compared(besides: Iterable[Beside]) -> dict[str, Any] | None:
    """Quality and cost as plain data; None where there is nothing to compare."""
    found = list(besides)
    pairs = paired(_runs(found, "base", by_task=False), _runs(found, "new", by_task=False))
    told, paid = quality(pairs), cost(pairs, seed=DRAWS)
    if isinstance(told, NotComparable) or isinstance(paid, NotComparable):
        return None
    alike = quality(paired(_runs(found, "base", by_task=True), _runs(found, "new", by_task=True)))
    return {
        "units": told.tasks,
        "runs": told.pairs,
        "base_success": (told.both + told.regressions) / told.pairs,
        "new_success": (told.both + told.recoveries) / told.pairs,
        "recoveries": told.recoveries,
        "regressions": told.regressions,
        "difference": _plain(told.difference),
        "p": told.p,
        "verdict": str(non_inferiority(told, MARGIN).verdict),
        "base_usd": str(paid.base.usd),
        "new_usd": str(paid.new.usd),
        "typical": _plain(paid.typical),
        "total": _plain(paid.total),
        "per_success": _plain(paid.per_success),
        "p_cost": paid.p,
        "by_task": None if isinstance(alike, NotComparable) else _plain(alike.difference),
    }


def _runs(besides: Sequence[Beside], side: Literal["base", "new"], *, by_task: bool) -> list[Run]:
    units: dict[str, list[RunTold]] = {}
    for beside in besides:
        units.setdefault(beside.unit, []).extend(beside.base if side == "base" else beside.new)
    found = []
    for unit, runs in units.items():
        for number, run in enumerate(sorted(runs, key=lambda each: each.task)):
            task, seed = (f"{unit}/{run.task}", 0) if by_task else (unit, number)
            found.append(Run(task=task, seed=seed, success=run.success, usd=run.usd))
    return found


def _plain(told: Estimate) -> dict[str, float | None]:
    return {"value": told.value, "low": told.low, "high": told.high}
