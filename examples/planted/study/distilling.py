"""Every arm's distillation of the same sessions, and the one-rule-in runs that the strictest gate asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from costcraft import Patch, Prune, distill
from costcraft.counterfactual import attach
from costcraft.evaluate.statistics import NotComparable, Run, non_inferiority, paired, quality
from costcraft.stages import Weighed, write_stage
from examples.planted.claims import Claimant
from examples.planted.study.arms import Arm
from examples.planted.study.sitting import RunTold
from examples.planted.study.stand import Stand
from examples.planted.world import PlantedEnvironment

MARGIN = 0.15
"""The largest drop that the strictest gate accepts, declared before the study was run: of 22 tasks that all end as
before, a drop of less than 15 points cannot be excluded."""


class Distilled(NamedTuple):
    """What one arm made of the sessions."""

    written: list[Patch]
    proposed: list[Patch]
    held_back: int
    """Prunes that were proposed and not written, by their ids."""


def distil_all(stand: Stand, arms: Mapping[str, Arm]) -> dict[str, Distilled]:
    """Each arm, in order."""
    world = stand.world()
    return {name: _distilled(stand, name, arm, world) for name, arm in arms.items()}


def _distilled(stand: Stand, name: str, arm: Arm, world: PlantedEnvironment) -> Distilled:
    out = stand.folder / "distilled" / name
    choices: dict[str, Any] = {**arm.choices}
    if arm.claims:
        choices["model"] = Claimant()
    if arm.replays:
        choices["environment"] = world
    made = distill(stand.store, stand.base[0], out, **choices)
    if arm.executed and made.weighed is not None:
        weighed = executed(stand, made.weighed)
        write_stage(out, "counterfactual", weighed)
        again = distill(stand.store, stand.base[0], out, start="counterfactual", **choices)
        made = again._replace(proposals=made.proposals)
    proposed = made.proposals.patches if made.proposals is not None else []
    written = made.guarded.patches
    ids = {patch.id for patch in written}
    held = {patch.id for patch in proposed if isinstance(patch, Prune)} - ids
    return Distilled(written, proposed, len(held))


def executed(stand: Stand, weighed: Weighed) -> Weighed:
    """The patches, each prune with what the tasks that were learned from say when it is put in alone and run."""
    base = stand.practise(stand.base)
    patches: Sequence[Patch] = weighed.patches
    for prune in [each for each in weighed.patches if isinstance(each, Prune)]:
        new = stand.practise(stand.skills(f"with-{prune.id}", [prune]))
        patches = attach(patches, prune.id, **verdict_of(base, new))
    return weighed.model_copy(update={"patches": list(patches)})


def verdict_of(base: Sequence[RunTold], new: Sequence[RunTold]) -> Mapping[str, Any]:
    """What these runs say of the rule between them, as `costcraft promote` has it: it holds where a drop of `MARGIN` is
    excluded, and a drop is shown where the whole interval lies below 0.
    """
    told = quality(paired(map(_run, base), map(_run, new)))
    if isinstance(told, NotComparable):
        return {"holds": None, "why": told.says(), "numbers": {}}
    good = non_inferiority(told, MARGIN)
    drop = told.difference.high is not None and told.difference.high < 0
    return {
        "holds": False if drop else good.holds or None,
        "drop": drop,
        "why": f"simulated, put in alone: {told.says()} {good.says()}",
        "numbers": {"tasks": told.tasks, "low": told.difference.low, "high": told.difference.high},
    }


def _run(told: RunTold) -> Run:
    return Run(task=told.task, success=told.success, usd=told.usd)
