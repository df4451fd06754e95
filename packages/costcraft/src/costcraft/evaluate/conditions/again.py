"""An ablation: the same sessions, distilled once more without something. No model is asked."""

from pathlib import Path

from clawtrace_core import ClawTraceError, Store, open_store
from costcraft.ablations import ungated, without_costs, without_prunes
from costcraft.adopted import Made, read_adopted, read_made, write_adopted
from costcraft.errors import PlanInvalid
from costcraft.evaluate.conditions.building import build
from costcraft.evaluate.plan import Condition
from costcraft.evidence import Evidence
from costcraft.pipeline import distill
from costcraft.stages import Merged, Proposals, Stage, Weighed, read_stage, write_stage
from costcraft.value import Ablation

AGAIN = "_distilled"
"""The folder it is made in: no skill can have that name."""
SWITCHES: dict[Ablation, str] = {
    "costs": "--no-costs",
    "prune": "--no-prune",
    "gate": "--no-gate",
    "scopes": "--one-scope",
}


def distilled_again(out: Path, ablation: Ablation, to: Path, store: Store | Path | str | None) -> Path:
    """Distil again what was distilled into `out`, without one thing, into a folder under `to`; and say where.

    It starts from the last stage that the ablation leaves as it is, and from the same skill, as it was then.

    Raises:
        PlanInvalid: the recordings are not at hand; or the analysts' part would have to be done again, and a model or
            an environment took part in it.
        StageInvalid: a stage's file is missing or damaged.
    """
    made = read_made(out)
    where = to / AGAIN
    sessions = _opened(out, made, ablation, store)
    left = {*read_stage(out, "merged", Merged).without, ablation}
    start = _prepared(out, ablation, where)
    write_adopted(where, read_adopted(out))
    build(Condition(distilled=out, only=()), out, where / "base")
    distill(
        sessions,
        where / "base" / Path(made.skill).name,
        where,
        start=start,
        admit=made.admit,
        least_tasks=made.least_tasks,
        cap=made.cap,
        prune="prune" not in left,
        gate="gate" not in left,
        scopes="scopes" not in left,
    )
    return where


def _prepared(out: Path, ablation: Ablation, where: Path) -> Stage:
    """Write the stages that stand before the ablation, the last of them with it, and name that."""
    evidence = read_stage(out, "evidence", Evidence)
    proposals = read_stage(out, "proposals", Proposals)
    weighed = read_stage(out, "counterfactual", Weighed)
    without = {"without": [*evidence.without, ablation]}
    if ablation == "costs":
        asked = proposals.bill is not None or any(patch.analyst != "rules" for patch in proposals.patches)
        replayed = any(grade.level == "replayed" for patch in weighed.patches for grade in getattr(patch, "grades", ()))
        if asked or replayed:
            took = "a model was asked" if asked else "sessions were replayed in an environment"
            raise PlanInvalid(
                f"{out}: {took} in this distillation, which an evaluation does not do; {_by_hand(ablation)}"
            )
        write_stage(where, "evidence", without_costs(evidence).model_copy(update=without))
        return "evidence"
    write_stage(where, "evidence", evidence)
    without = {"without": [*proposals.without, ablation]}
    if ablation == "prune":
        write_stage(where, "proposals", without_prunes(proposals).model_copy(update=without))
        return "proposals"
    write_stage(where, "proposals", proposals)
    if ablation == "gate":
        weighed = ungated(proposals).model_copy(update=without)
    write_stage(where, "counterfactual", weighed)
    return "counterfactual"


def _opened(out: Path, made: Made, ablation: Ablation, store: Store | Path | str | None) -> Store:
    place = store if store is not None else made.store
    if place is None:
        raise PlanInvalid(f"{out}: where its sessions lie is not known; {_by_hand(ablation)}")
    try:
        return open_store(place)
    except ClawTraceError as error:
        raise PlanInvalid(f"{out}: its sessions are not at hand ({error}); {_by_hand(ablation)}") from error


def _by_hand(ablation: Ablation) -> str:
    return (
        f"distil it by hand with `costcraft distill {SWITCHES[ablation]} --out DIRECTORY` and name that directory as "
        "`distilled` instead of this one with `ablation`"
    )
