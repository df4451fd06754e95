"""Further evaluations beside one that is done: the same tasks, seeds and baseline, with fewer of the rules.

The baseline is not run again: its runs are taken over. Each is an evaluation of its own, under `bisect/` in the output
directory, that goes on after a kill.
"""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol

from costcraft.evaluate.conditions import Materialised, materialise
from costcraft.evaluate.plan import Condition, Plan, fingerprint
from costcraft.evaluate.promotion.evaluated import condition_of, made_again
from costcraft.evaluate.promotion.judging import Judgement, judge, missing
from costcraft.evaluate.results import RESULTS_FILE, Results, Told, line_of, read_results
from costcraft.files import replace_file

FOLDER = "bisect"
_LONGEST = 80


class Evaluate(Protocol):
    """Runs a plan into a directory, or goes on there."""

    def __call__(self, plan: Plan, out: Path) -> Results:
        """As `costcraft.evaluate.harness.evaluate`."""


class Looked(NamedTuple):
    """One set of rules that was evaluated, whole."""

    left_out: tuple[str, ...]
    name: str
    """Of the condition."""
    results: Results
    judgement: Judgement


class Prober:
    """Evaluates a condition without some of its rules, each set of them once."""

    def __init__(self, out: Path, results: Results, condition: str, evaluate: Evaluate, budget: Decimal | None) -> None:
        """`budget` is what all its runs may cost, USD, those of an earlier call included. None: no limit."""
        self._out = out
        self._results = results
        self._condition = condition
        self._of = condition_of(results.opening, condition)
        self._evaluate = evaluate
        self._budget = budget
        base = results.opening.plan.baseline
        self._baseline = tuple(done for done in results.graded.values() if done.condition == base)
        self._known: dict[str, str] = {
            told.digest: name for name, told in results.opening.conditions.items() if name != base
        }
        self.looked: dict[frozenset[str], Looked] = {}
        """What was evaluated, by the rules that were left out."""
        self.spent: dict[str, Decimal] = {}
        """USD that each further evaluation cost."""
        self.stopped: str | None = None
        """Why the last question has no answer."""

    @property
    def usd(self) -> Decimal:
        """What all further evaluations cost, as far as it is known."""
        return sum(self.spent.values(), Decimal(0))

    def look(self, left_out: Sequence[str]) -> Looked | None:
        """What the gate says of the condition without these rules; None where it could not be found out."""
        key = frozenset(left_out)
        if key not in self.looked:
            found = self.known(left_out) or self._evaluated(key)
            if found is None:
                return None
            self.looked[key] = found
        return self.looked[key]

    def without(self, left_out: Sequence[str]) -> Condition:
        """The condition without these rules."""
        return self._of.model_copy(update={"without": (*self._of.without, *sorted(left_out))})

    def known(self, left_out: Sequence[str]) -> Looked | None:
        """The same from the evaluation itself, where it ran those skills, as its leave-one-out runs; else None."""
        with TemporaryDirectory() as folder:
            made = materialise(self.without(left_out), Path(folder) / "made")
        name = self._known.get(made.digest)
        if name is None or missing(self._results, name):
            return None
        found = Looked(tuple(sorted(left_out)), name, self._results, judge(self._results, name))
        return self.looked.setdefault(frozenset(left_out), found)

    def _evaluated(self, left_out: frozenset[str]) -> Looked | None:
        name = _name(self._condition, sorted(left_out))
        place = self._out / FOLDER / name
        plan = self._plan(name, sorted(left_out))
        if not (place / RESULTS_FILE).is_file():
            if not self._affords(plan):
                return None
            self._begin(place, plan, name)
        results = read_results(place)
        if missing(results, name):
            if not self._affords(plan):
                return None
            results = self._evaluate(self._limited(plan), place)
        self.spent[name] = results.usd - self._before
        lacking = missing(results, name)
        if lacking:
            self.stopped = f"{getattr(results, 'stopped', None) or lacking[0]} ({place})"
            return None
        return Looked(tuple(sorted(left_out)), name, results, judge(results, name))

    def _plan(self, name: str, left_out: Sequence[str]) -> Plan:
        """The plan of the evaluation with the one condition in place of all but the baseline."""
        told = self._results.opening.plan
        primary = told.primary.model_copy(update={"condition": name})
        conditions = {told.baseline: told.conditions[told.baseline], name: self.without(left_out)}
        return told.model_copy(
            update={"conditions": conditions, "primary": primary, "rules": None, "usd_per_run": self._dearest}
        )

    @property
    def _dearest(self) -> Decimal | None:
        """What a run is reckoned at: the dearest one of the condition."""
        seen = [done.usd for done in self._results.graded.values() if done.condition == self._condition]
        return max((usd for usd in seen if usd), default=None)

    def _affords(self, plan: Plan) -> bool:
        """Whether there is money for a run, and for what a plan must have at least: one under each condition."""
        if self._budget is None:
            return True
        least, left = plan.usd_per_run or Decimal(0), self._budget - self.usd
        if left >= least and left + self._before >= 2 * least:
            return True
        self.stopped = (
            f"the budget of {self._budget} USD: {self.usd.normalize():f} USD are spent on further runs; with a larger "
            "--budget the same command goes on"
        )
        return False

    def _limited(self, plan: Plan) -> Plan:
        """With what is left of the budget; the runs that were taken over count there, and were paid before."""
        if self._budget is None:
            return plan.model_copy(update={"budget": None})
        return plan.model_copy(update={"budget": self._budget - self.usd + self._before})

    @property
    def _before(self) -> Decimal:
        """What the baseline's runs cost when they were made."""
        return sum((done.usd_known for done in self._baseline), Decimal(0))

    def _begin(self, place: Path, plan: Plan, name: str) -> None:
        """Write the evaluation as it stands once the baseline was run."""
        shutil.rmtree(place, ignore_errors=True)  # what a kill left before the first line
        told = self._results.opening
        made = {
            plan.baseline: made_again(told, plan.baseline, place / "conditions" / plan.baseline),
            name: materialise(plan.conditions[name], place / "conditions" / name),
        }
        opening = told.model_copy(
            update={
                "fingerprint": fingerprint(plan, {each: found.digest for each, found in made.items()}),
                "plan": plan,
                "conditions": {each: _told(found, place) for each, found in made.items()},
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        )
        for done in self._baseline:
            card = self._out / "cards" / f"{done.session}.yaml"
            if done.session is not None and card.is_file():
                replace_file(place / "cards" / card.name, card.read_bytes())
        replace_file(place / RESULTS_FILE, b"".join([line_of(opening), *map(line_of, self._baseline)]))


def _told(made: Materialised, place: Path) -> Told:
    skills = tuple(skill.relative_to(place).as_posix() for skill in made.skills)
    return Told(skills=skills, rules=made.rules, digest=made.digest)


def _name(condition: str, left_out: Sequence[str]) -> str:
    """Of the condition without these rules: by their ids where that is short."""
    name = f"{condition}-without-{'-'.join(left_out)}"
    if len(name) <= _LONGEST:
        return name
    known = sha256(" ".join((condition, *left_out)).encode()).hexdigest()[:8]
    return f"{condition[:40]}-without-{len(left_out)}-rules-{known}"
