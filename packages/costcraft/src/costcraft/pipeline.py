"""The pipeline: evidence, proposals, counterfactual, merge, guard, plan. Each stage's result is a file one can open
and resume from.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar, Unpack

from clawtrace_core import ClawTraceError, Store, open_store
from clawtrace_core.model.session import SessionTree
from costcraft.ablations import one_scope, ungated, without_costs, without_prunes
from costcraft.adopted import Made, known_store, read_adopted, with_adopted, write_made
from costcraft.analysts import propose, propose_with
from costcraft.checkpoint import Checkpoint, Look, validity
from costcraft.counterfactual import weigh
from costcraft.doubts import doubts
from costcraft.errors import CostcraftError, GuardRefused, StageInvalid
from costcraft.evidence import Evidence, gather
from costcraft.files import replace_file
from costcraft.forbidden import malformed
from costcraft.merge import merge
from costcraft.models import Limits, bill_of, open_desk
from costcraft.options import Choices, Options
from costcraft.patch import LEVELS
from costcraft.stages import (
    FILES,
    AnyStage,
    Guarded,
    Merged,
    Proposals,
    Stage,
    Stages,
    Weighed,
    read_stage,
    write_stage,
)
from costcraft.value import Ablation
from costcraft.writers.lock import adopted_in
from costcraft.writers.plan import DIFF_FILE, PLAN_FILE, SKILLS, Plan
from costcraft.writers.rules import PORTABLE
from costcraft.writers.skill_md import load_base, plan

ORDER: tuple[Stage, ...] = tuple(FILES)
_Before = TypeVar("_Before")


class Distillation(NamedTuple):
    """What a run found. Stages before the one it resumed from are None when their file is not at hand."""

    evidence: Evidence | None
    proposals: Proposals | None
    weighed: Weighed | None
    merged: Merged | None
    guarded: Guarded
    plan: Plan
    warnings: list[str]

    @property
    def stages(self) -> Stages:
        """The stages' results, empty where one is not at hand."""
        return Stages(self.proposals or Proposals(), self.weighed or Weighed(), self.merged or Merged(), self.guarded)


class _Run(NamedTuple):
    """One run: where its files are, the stage it takes as it stands (-1: none), and the choices."""

    out: Path
    taken: int
    options: Options

    def look(self, store: Store | None) -> Look:
        """What reads a session's recording, where it can be read (any more)."""

        def look(session: str) -> SessionTree | None:
            try:
                return store.read(session) if store is not None else None
            except ClawTraceError:
                return None

        return look

    def signed(self, name: Stage, made: AnyStage, before: object) -> AnyStage:
        """A stage's result with what it was made without: what the one before was, and what this run leaves out."""
        told: tuple[tuple[Stage, Ablation, bool], ...] = (
            ("evidence", "costs", self.options.costs),
            ("proposals", "prune", self.options.prune),
            ("counterfactual", "gate", self.options.gate),
            ("merged", "scopes", self.options.scopes),
        )
        own = [what for stage, what, there in told if stage == name and not there]
        return made.model_copy(update={"without": [*getattr(before, "without", ()), *own]})

    def stage(
        self, name: Stage, kind: type[AnyStage], before: _Before | None, work: Callable[[_Before], AnyStage]
    ) -> AnyStage | None:
        """One stage's result: worked out of the one before and written, or read where the run resumes at or behind it;
        None when its file is not at hand.
        """
        at = ORDER.index(name)
        if self.taken < at and before is not None:
            made = self.signed(name, work(before), before)
            write_stage(self.out, name, made)
            return made
        return read_stage(self.out, name, kind) if self.taken == at or _there(self.out, name) else None


def distill(
    store: Store | str | os.PathLike[str] | None,
    skill: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    start: Stage | None = None,
    **options: Unpack[Choices],
) -> Distillation:
    """Distil a store's sessions into rules for a skill, and write every stage and the evolved skills under `out`.

    Nothing outside `out` is changed: `apply` does that. `start` names the stage whose file in `out` is taken as
    it stands, edited or not; the stages after it run again. The other keywords are the fields of `Options`.

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
    run = _Run(where, ORDER.index(start) if start is not None else -1, Options(**options))
    sessions = _opened(store, needed=run.taken < 0)
    evidence = run.stage("evidence", Evidence, sessions, lambda store: _gathered(store, run.options))
    warnings += doubts(evidence)
    proposals = run.stage("proposals", Proposals, evidence, lambda found: _proposed(found, sessions, run))
    warnings += proposals.bill.remarks if proposals is not None and proposals.bill is not None else []
    weighed = run.stage("counterfactual", Weighed, proposals, lambda found: _weighed(found, evidence, sessions, run))
    merged = run.stage("merged", Merged, weighed, lambda found: _merged(found, run, directory))
    checkpoint = Checkpoint(directory, base, evidence, run.look(sessions), run.options.cap)
    guarded, made = _guarded(run, merged, checkpoint, directory)
    if evidence is None and start != "guard":
        warnings.append(f"{where / FILES['evidence']}: not at hand, so rules could not be checked for leaked data")
    if run.options.strict and guarded.violations:
        raise GuardRefused(_refused(guarded))
    _write_plan(where, made)
    _remember(run, directory, sessions)
    warnings += [f"{each.place}: {each.found}; {each.todo}" for each in guarded.violations if not each.rule]
    return Distillation(evidence, proposals, weighed, merged, guarded, made, warnings + guarded.warnings)


def _opened(store: Store | str | os.PathLike[str] | None, *, needed: bool) -> Store | None:
    """The store, which a run that resumes can do without."""
    if store is None and needed:
        raise CostcraftError("no store was given; name the one that holds the sessions to learn from")
    return store if isinstance(store, Store) or store is None else open_store(store)


def _gathered(store: Store, options: Options) -> Evidence:
    found = gather(store, prices=options.prices, kinds=options.kinds, workers=options.workers)
    return found if options.costs else without_costs(found)


def _proposed(evidence: Evidence, store: Store | None, run: _Run) -> Proposals:
    """What the rules propose, and the model where one is to be asked."""
    found = _all_proposed(evidence, store, run)
    return found if run.options.prune else without_prunes(found)


def _all_proposed(evidence: Evidence, store: Store | None, run: _Run) -> Proposals:
    found, options = propose(evidence), run.options
    if options.model is None:
        return found
    if store is None:
        raise CostcraftError("no store was given; name the one that holds the recordings: the model is shown excerpts")
    limits = Limits(budget=options.budget, max_calls=options.max_calls)
    with open_desk(
        options.model,
        run.out,
        limits=limits,
        prices=options.prices,
        concurrency=options.concurrency,
        watch=options.watch,
    ) as desk:
        asked = propose_with(desk, evidence, store, turns=options.turns)
    patches = sorted([*found.patches, *asked.patches], key=lambda patch: (patch.kind, patch.id))
    bill = bill_of(desk, len(evidence.sessions))
    return Proposals(patches=patches, declined=[*found.declined, *asked.declined], bill=bill)


def _weighed(proposals: Proposals, evidence: Evidence | None, store: Store | None, run: _Run) -> Weighed:
    """The prunes, each tested against the recordings."""
    if not run.options.gate:
        return ungated(proposals)
    return weigh(proposals, evidence, run.look(store), run.options.environment)


def _merged(weighed: Weighed, run: _Run, skill: Path) -> Merged:
    """The rules that are to be written, those among them that a person adopted, here or in the skill as it stands."""
    refused = [each.patch.id for each in weighed.refused]
    before = adopted_in(skill.resolve(), skill.resolve().parent / PORTABLE)
    patches = with_adopted(weighed.patches, read_adopted(run.out), before, refused)
    patches = patches if run.options.scopes else one_scope(patches)
    admit = run.options.admit if "gate" not in weighed.without else LEVELS[0]
    return merge(patches, admit=admit, least_tasks=run.options.least_tasks)


def _remember(run: _Run, skill: Path, sessions: Store | None) -> None:
    """How this run was made, for what is done to its results later."""
    told = run.options
    store = str(sessions.root.resolve()) if sessions is not None else known_store(run.out)
    write_made(
        run.out,
        Made(
            skill=str(skill.resolve()),
            strict=told.strict,
            admit=told.admit,
            least_tasks=told.least_tasks,
            cap=told.cap,
            store=store,
        ),
    )


def _guarded(run: _Run, merged: Merged | None, checkpoint: Checkpoint, skill: Path) -> tuple[Guarded, Plan]:
    """What passes the guard, and the plan that writes it, whose skills the reference validator has seen."""
    at = run.out / FILES["guard"]
    if run.taken < ORDER.index("guard") and merged is not None:
        passed = run.signed("guard", checkpoint.check(merged, run.out / FILES["merged"]), merged)
        made = plan(passed.patches, skill)
        guarded = passed.model_copy(update={"violations": [*passed.violations, *validity(made)]})
        write_stage(run.out, "guard", guarded)
        return guarded, made
    taken = read_stage(run.out, "guard", Guarded)
    for patch in taken.patches:
        if broken := malformed(patch):
            raise StageInvalid(
                f"{at}: rule {patch.id!a}: found {broken}; a rule and its section are one "
                "line of plain text each, its id is `r-` and 8 hex digits"
            )
    return taken, plan(taken.patches, skill)


def _there(out: Path, stage: Stage) -> bool:
    return (out / FILES[stage]).is_file()


def _refused(guarded: Guarded) -> str:
    lines = [
        f"{'rule ' + each.rule if each.rule else 'the skill'}{f' ({each.place})' if each.place else ''}: {each.check}: "
        f"found {each.found}; {each.todo} ({each.text})"
        for each in guarded.violations
    ]
    return "the guard refused, and --strict allows no refusal:\n" + "\n".join(lines)


def _write_plan(out: Path, made: Plan) -> None:
    for change in made.changes:
        replace_file(out / SKILLS / change.path, change.after.encode())
    replace_file(out / PLAN_FILE, made.model_dump_json(indent=1).encode())
    replace_file(out / DIFF_FILE, made.diff().encode())


def read_distillation(out: str | os.PathLike[str]) -> Stages:
    """The stages of an output directory, for showing. Raises StageInvalid."""
    where = Path(out)
    if not where.is_dir():
        raise StageInvalid(f"{where}: there is no such directory; name the --out directory of a distillation")
    return Stages(
        read_stage(where, "proposals", Proposals) if _there(where, "proposals") else Proposals(),
        read_stage(where, "counterfactual", Weighed) if _there(where, "counterfactual") else Weighed(),
        read_stage(where, "merged", Merged) if _there(where, "merged") else Merged(),
        read_stage(where, "guard", Guarded),
    )
