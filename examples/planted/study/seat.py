"""One seed from end to end: run, learn, distil in every arm, examine on held-out tasks, carry to the other domain."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import process_time

from clawtrace_core import Store
from costcraft import Patch, Prune
from costcraft.evidence import gather
from examples.planted import DOMAINS
from examples.planted.study.arms import ARMS, CARRIED, FULL, Arm
from examples.planted.study.distilling import Distilled, distil_all
from examples.planted.study.labelling import Calls, Truth, rule_told, steps_told, truth_of_sessions
from examples.planted.study.leaving import replays_told
from examples.planted.study.sitting import ArmTold, Place, RuleTold, Sitting
from examples.planted.study.stand import Stand, digest_of

REPLAYED = 12
"""Sessions of each domain and seed of which every step is left out in turn."""
Effect = tuple[dict[str, int], dict[str, int]]
"""What a rule spares, and what it costs."""


class _Bench:
    """One domain of the seed, with what was learned there."""

    def __init__(self, stand: Stand, arms: Mapping[str, Arm]) -> None:
        self.stand = stand
        stand.learn()
        evidence = gather(Store(stand.store))
        self.truth: Truth = truth_of_sessions(stand, evidence)
        self.steps = tuple(steps_told(evidence, self.truth))
        self.distilled = distil_all(stand, arms)
        self.calls, self.learned = Calls(stand, "held-out"), Calls(stand, "evolve")
        self.base = stand.examine(stand.base)
        self.whole = any(arm.executed for arm in arms.values())
        self._effects: dict[str, Effect] = {}

    def told(self, distilled: Distilled, name: str) -> ArmTold:
        """An arm of this domain's own: run on its held-out tasks."""
        return self._arm(name, distilled.written, tuple(map(self.rule, distilled.written)), distilled.held_back)

    def carried(self, patches: Sequence[Patch], name: str) -> ArmTold:
        """Rules of the other domain, written into this domain's skill and run here."""
        return self._arm(name, patches)

    def _arm(
        self, name: str, patches: Iterable[Patch], rules: tuple[RuleTold, ...] = (), held_back: int = 0
    ) -> ArmTold:
        skills = self.stand.skills(name, patches)
        digest = self.stand.examine(skills)
        costs = self.calls.lost(skills, self.stand.runs[self.base], self.stand.runs[digest])
        return ArmTold(digest=digest, rules=rules, held_back=held_back, spares=self.calls.spared(skills), costs=costs)

    def alone(self, patch: Patch) -> str:
        """The digest of this domain's skill with one rule, examined; a prune is tried on the tasks learned from."""
        skills = self.stand.skills(f"alone-{patch.id}", [patch])
        if isinstance(patch, Prune):
            self.stand.practise(skills)
            return digest_of(skills)
        return self.stand.examine(skills)

    def rule(self, patch: Patch) -> RuleTold:
        """A rule, and what it does alone. An arm may have changed its scope; the rule is the same."""
        if patch.id not in self._effects:
            self._effects[patch.id] = self._effect(patch)
        return rule_told(patch, self.truth, *self._effects[patch.id])

    def _effect(self, patch: Patch) -> Effect:
        skills, stand = self.stand.skills(f"alone-{patch.id}", [patch]), self.stand
        calls = self.learned if isinstance(patch, Prune) else self.calls
        if not self.whole:
            return calls.spared(skills), {}
        runs = stand.practised if isinstance(patch, Prune) else stand.runs
        digest = self.alone(patch)
        return calls.spared(skills), calls.lost(skills, runs[self.base], runs[digest])

    @property
    def proposed(self) -> list[Patch]:
        """Every rule that any arm proposed, once."""
        every = {patch.id: patch for each in self.distilled.values() for patch in each.proposed}
        return [every[name] for name in sorted(every)]

    @property
    def learned_there(self) -> list[Patch]:
        """What this domain has to teach of getting things right: its written repairs and preserves."""
        return [patch for patch in self.distilled[FULL].written if not isinstance(patch, Prune)]

    def place(self, other: "_Bench") -> Place:
        """All that is told of this domain."""
        proposed = tuple(map(self.rule, self.proposed))
        arms = {name: self.told(each, name) for name, each in self.distilled.items()}
        learned = other.distilled[FULL].written
        arms[f"{CARRIED}both"] = self.carried(learned, f"{CARRIED}both")
        portable = [patch for patch in learned if patch.scope == "portable"]
        arms[f"{CARRIED}portable"] = self.carried(portable, f"{CARRIED}portable")
        return Place(
            steps=self.steps,
            arms=arms,
            base=self.base,
            waste=self.calls.waste(),
            alone={patch.id: self.alone(patch) for patch in self.proposed if self.whole},
            abroad={patch.id: self.alone(patch) for patch in other.learned_there if self.whole},
            proposed=proposed,
            replays=replays_told(self.stand, self.truth, REPLAYED) if self.whole else {},
            runs=self.stand.runs,
            practised=self.stand.practised,
        )


def sit(
    framework: str,
    seed: int,
    count: int,
    folder: Path,
    arms: Mapping[str, Arm] = ARMS,
    known: Sitting | None = None,
) -> Sitting:
    """Everything of one seed. `folder` is emptied first and removed at the end.

    `known`: the same seed of an earlier study of the same agents and tasks. Skills of the same words are not run again.
    """
    started = process_time()
    shutil.rmtree(folder, ignore_errors=True)
    places_known: Mapping[str, Place] = known.places if known is not None else {}
    benches = {
        name: _Bench(Stand(framework, name, seed, count, folder / name, places_known.get(name)), arms)
        for name in DOMAINS
    }
    ledger, stock = benches.values()
    places = {"ledger": ledger.place(stock), "stock": stock.place(ledger)}
    sitting = Sitting(
        framework=framework,
        seed=seed,
        learned=len(ledger.stand.of("evolve")),
        held_out=len(ledger.stand.of("held-out")),
        runs=sum(each.stand.played - len(each.stand.of("evolve")) for each in benches.values()),
        taken=sum(each.stand.taken for each in benches.values()),
        places=places,
        cpu_seconds=round(process_time() - started, 1),
    )
    shutil.rmtree(folder)
    return sitting
