"""The pipeline: evidence, proposals, merge, guard, plan. Each stage's result is a file one can open and resume from."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from clawtrace_core import PriceBook, Store, open_store
from costcraft.analysts import propose
from costcraft.errors import CostcraftError, GuardRefused, StageInvalid, TargetUnwritable
from costcraft.evidence import Evidence, gather
from costcraft.guard import TOKEN_CAP, guard, malformed
from costcraft.merge import LEAST_TASKS, merge
from costcraft.patch import Level
from costcraft.stages import FILES, Guarded, Merged, Proposals, Stage, read_stage, write_stage
from costcraft.writers.plan import DIFF_FILE, PLAN_FILE, SKILLS, Plan
from costcraft.writers.skill_md import load_base, plan

ORDER: tuple[Stage, ...] = ("evidence", "proposals", "merged", "guard")


class Distillation(NamedTuple):
    """What a run found. Stages before the one it resumed from are None when their file is not at hand."""

    evidence: Evidence | None
    proposals: Proposals | None
    merged: Merged | None
    guarded: Guarded
    plan: Plan
    warnings: list[str]


def distill(
    store: Store | str | os.PathLike[str] | None,
    skill: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    start: Stage | None = None,
    strict: bool = False,
    prices: PriceBook | None = None,
    kinds: Sequence[str] = (),
    admit: Level = "structural",
    least_tasks: int = LEAST_TASKS,
    cap: int = TOKEN_CAP,
) -> Distillation:
    """Distil a store's sessions into rules for a skill, and write every stage and the evolved skills under `out`.

    Nothing outside `out` is changed: `apply` does that. `start` names the stage whose file in `out` is taken as
    it stands, edited or not; the stages after it run again. `cap` is in tokens per skill.

    Raises:
        EvidenceThin: the store holds no session to learn from.
        SkillInvalid: `skill` is not a skill.
        StageInvalid: the file to resume from is missing or damaged.
        GuardRefused: `strict`, and the guard found violations; the stage files are written, the skills are not.
        TargetUnwritable: `out` cannot be written.
    """
    where, directory = Path(out), Path(skill)
    base, warnings = load_base(directory)
    if os.path.realpath(where / SKILLS) == str(directory.resolve().parent):
        raise CostcraftError(f"{where}: its {SKILLS} directory holds the skill itself; choose another --out directory")
    done = ORDER.index(start) if start is not None else -1
    evidence = _evidence(store, where, done, prices, kinds)
    warnings += _doubts(evidence)
    proposals, merged = _rules(where, done, evidence, admit, least_tasks)
    guarded = _guarded(where, evidence, merged if done < ORDER.index("guard") else None, base.own, cap)
    if evidence is None and start != "guard":
        warnings.append(f"{where / FILES['evidence']}: not at hand, so rules could not be checked for leaked data")
    if strict and guarded.violations:
        raise GuardRefused(_refused(guarded))
    made = plan(guarded.patches, directory)
    _write_plan(where, made)
    return Distillation(evidence, proposals, merged, guarded, made, warnings + guarded.warnings)


def _evidence(
    store: Store | str | os.PathLike[str] | None, out: Path, done: int, prices: PriceBook | None, kinds: Sequence[str]
) -> Evidence | None:
    if done < 0:
        if store is None:
            raise CostcraftError("no store was given; name the one that holds the sessions to learn from")
        evidence = gather(store if isinstance(store, Store) else open_store(store), prices=prices, kinds=kinds)
        write_stage(out, "evidence", evidence)
        return evidence
    if done == 0 or _there(out, "evidence"):
        return read_stage(out, "evidence", Evidence)
    return None


def _rules(
    out: Path, done: int, evidence: Evidence | None, admit: Level, least_tasks: int
) -> tuple[Proposals | None, Merged | None]:
    """The proposals and what merging left of them: worked out, or read where the run resumes behind them."""
    proposals = merged = None
    if done < 1 and evidence is not None:
        proposals = propose(evidence)
        write_stage(out, "proposals", proposals)
    elif done == 1 or _there(out, "proposals"):
        proposals = read_stage(out, "proposals", Proposals)
    if done < 2 and proposals is not None:
        merged = merge(proposals.patches, admit=admit, least_tasks=least_tasks)
        write_stage(out, "merged", merged)
    elif done == 2 or _there(out, "merged"):
        merged = read_stage(out, "merged", Merged)
    return proposals, merged


def _guarded(out: Path, evidence: Evidence | None, merged: Merged | None, base_skill: str, cap: int) -> Guarded:
    if merged is None:
        taken = read_stage(out, "guard", Guarded)
        for patch in taken.patches:
            if broken := malformed(patch):
                raise StageInvalid(
                    f"{out / FILES['guard']}: rule {patch.id!a}: found {broken}; a rule and its section are one "
                    "line of plain text each, its id is `r-` and 8 hex digits"
                )
        return taken
    private = {text for session in (evidence.sessions if evidence else ()) for text in session.distinctive}
    guarded = guard(merged.patches, distinctive=private, base_skill=base_skill, cap=cap)
    write_stage(out, "guard", guarded)
    return guarded


def _doubts(evidence: Evidence | None) -> list[str]:
    if evidence is None:
        return []
    found = [f"session {each.session} was skipped: {each.why}" for each in evidence.skipped]
    kinds = list(evidence.kinds())
    if len(kinds) > 1:
        found.append(f"the sessions are of {len(kinds)} kinds of task ({', '.join(kinds)}); --kind picks one")
    return found


def _there(out: Path, stage: Stage) -> bool:
    return (out / FILES[stage]).is_file()


def _refused(guarded: Guarded) -> str:
    lines = [
        f"rule {each.rule}: {each.check}: found {each.found}; {each.todo} ({each.text})" for each in guarded.violations
    ]
    return "the guard refused, and --strict allows no refusal:\n" + "\n".join(lines)


def _write_plan(out: Path, made: Plan) -> None:
    try:
        for change in made.changes:
            path = out / SKILLS / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.after.encode())
        (out / PLAN_FILE).write_text(made.model_dump_json(indent=1), encoding="utf-8", newline="\n")
        (out / DIFF_FILE).write_text(made.diff(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise TargetUnwritable(
            f"{out}: cannot be written ({error.strerror}); choose another --out directory"
        ) from error


def read_distillation(out: str | os.PathLike[str]) -> tuple[Proposals, Merged, Guarded]:
    """The stages of an output directory, for showing. Raises StageInvalid."""
    where = Path(out)
    if not where.is_dir():
        raise StageInvalid(f"{where}: there is no such directory; name the --out directory of a distillation")
    return (
        read_stage(where, "proposals", Proposals) if _there(where, "proposals") else Proposals(),
        read_stage(where, "merged", Merged) if _there(where, "merged") else Merged(),
        read_stage(where, "guard", Guarded),
    )
