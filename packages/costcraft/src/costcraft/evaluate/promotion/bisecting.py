"""Which rules are at fault when a skill does not pass the gate, found with as few further runs as can be."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.conditions import materialise
from costcraft.evaluate.promotion.evaluated import condition_of, made_again
from costcraft.evaluate.promotion.grading import Trial, own_trials
from costcraft.evaluate.promotion.halving import least
from costcraft.evaluate.promotion.judging import Judgement, judge, judged
from costcraft.evaluate.promotion.probing import Evaluate, Looked, Prober
from costcraft.evaluate.promotion.promoting import Promotion, attached, put
from costcraft.evaluate.results import Results, read_results
from costcraft.evaluate.statistics import NotComparable, cost, paired, quality


class Fault(NamedTuple):
    """One rule that has to be left out, and what the skill is with it and without it."""

    rule: str
    figures: tuple[str, ...]
    """The comparison of the two, as sentences; none where it was not run."""


class Bisection(NamedTuple):
    """Which rules of a skill that does not pass are at fault."""

    judgement: Judgement
    """Of the whole skill."""
    at_fault: tuple[Fault, ...]
    rest: Judgement | None
    """Of the skill without them, which passes. None: it was not found, or no rule is left."""
    kept: tuple[str, ...]
    """The rules of the rest."""
    looks: int
    """Sets of rules that were held against the gate, each a chance to pass by luck."""
    runs: int
    """Further evaluations that were made, here or in an earlier call."""
    usd: Decimal
    """What those cost."""
    stopped: str | None
    """Why the search was cut short; fewer rules may do then. None: it was not."""
    promotion: Promotion | None = None
    """What became of the rest, where it was to be taken."""

    def says(self) -> str:
        """What was found, line by line."""
        return "\n".join(_told(self))


def bisect(
    out: Path,
    evaluate: Evaluate,
    *,
    budget: Decimal | None,
    condition: str | None = None,
    take_rest: Path | None = None,
    watch: Callable[[str], object] = lambda _: None,
) -> Bisection:
    """Find the fewest rules of an evaluated skill to leave out so that the rest passes the gate.

    The runs of single rules that the evaluation holds are looked at first. Where they do not tell, the skill is run
    without halves of its rules, then without smaller parts, on the same tasks and seeds. Rules at fault are graded
    in their distillation as their own runs say.

    Args:
        out: the output directory of the evaluation; further ones are kept under `bisect/` in it.
        evaluate: runs a plan.
        budget: USD that further runs may cost. None: no limit.
        condition: which one. None: that of the plan's primary endpoint.
        take_rest: a directory of skills into which the rest is promoted, if it passes.
        watch: told which rules are left out, before each further evaluation.

    Raises:
        ResultsInvalid: as `promote`; or the evaluation is not complete, compares a skill that was not distilled, or
            has too few tasks for any skill to pass.
    """
    results = read_results(out)
    judgement = judge(results, condition)
    with TemporaryDirectory() as folder:
        made_again(results.opening, judgement.condition, Path(folder) / "whole")
    rules = _rules(results, judgement)
    prober = Prober(out, results, judgement.condition, evaluate, budget)
    found = None if judgement.passes else _searched(results, prober, rules, watch)
    trials = [] if found is None else list(_trials(results, prober, judgement.condition, found))
    graded = attached(results, judgement.condition, trials)
    told = Bisection(
        judgement=judgement,
        at_fault=() if found is None else tuple(_fault(results, trials, rule) for rule in found.left_out),
        rest=None if found is None else found.judgement,
        kept=() if found is None else tuple(rule for rule in rules if rule not in found.left_out),
        looks=len(prober.looked),
        runs=len(prober.spent),
        usd=prober.usd,
        stopped=prober.stopped,
    )
    if found is None or take_rest is None:
        return told
    return told._replace(promotion=_taken(results, prober, found, take_rest, graded))


def _taken(results: Results, prober: Prober, found: Looked, to: Path, graded: Sequence[str]) -> Promotion:
    """The rest in the incumbent's place."""
    with TemporaryDirectory() as folder:
        made = materialise(prober.without(found.left_out), Path(folder) / "rest")
        if made.digest != found.results.opening.conditions[found.name].digest:
            raise ResultsInvalid(f"condition {found.name}: was changed since it was evaluated; nothing was written")
        changed = put(made, to, results.opening)
    return Promotion(found.judgement, promoted=True, changed=changed, graded=graded)


def _rules(results: Results, judgement: Judgement) -> list[str]:
    """The rules that can be at fault: those that the baseline has not. Raises ResultsInvalid."""
    told, name = results.opening, judgement.condition
    if judgement.missing:
        raise ResultsInvalid(f"condition {name}: {judgement.missing[0]}; which rules are at fault is asked after that")
    if condition_of(told, name).distilled is None:
        raise ResultsInvalid(f"condition {name}: comes of no distillation, so it has no rules to leave out")
    runs = results.runs(told.plan.baseline)
    ideal = judged(told.plan, name, (runs, runs), wanted=judgement.wanted)
    if not ideal.passes:
        raise ResultsInvalid(
            f"condition {name}: no skill could pass on these tasks, the baseline itself could not: "
            f"{'; '.join(ideal.failed)}. Evaluate on more tasks, or with a larger margin"
        )
    standing = told.conditions[told.plan.baseline].rules
    return [rule for rule in told.conditions[name].rules if rule not in standing]


def _searched(results: Results, prober: Prober, rules: Sequence[str], watch: Callable[[str], object]) -> Looked | None:
    """The fewest rules to leave out that were found; None where only the baseline passes."""

    def passes(left_out: Sequence[str]) -> bool | None:
        if len(left_out) == len(rules):
            return True  # the baseline itself
        if frozenset(left_out) not in prober.looked:
            watch(f"without {', '.join(left_out)}")
        found = prober.look(left_out)
        return None if found is None else found.judgement.passes

    if len(rules) < 2:
        return None  # without its one rule it is the baseline
    single = _single(results, prober, rules)
    if single is not None:
        return single
    suspects = _suspects(results, rules)
    start = [*suspects, *(rule for rule in rules if rule not in suspects)]
    if 0 < len(suspects) < len(rules):
        said = passes(suspects)
        if said is None:
            return None
        start = suspects if said else start
    found = least(start, passes)
    return prober.looked.get(frozenset(found.left_out))


def _single(results: Results, prober: Prober, rules: Sequence[str]) -> Looked | None:
    """The one rule without which the skill passes, where the evaluation left single rules out; the best of several."""
    names = {told.rule for told in results.opening.conditions.values() if told.role == "leave-one-out"}
    run = [prober.known([rule]) for rule in rules if rule in names]
    passing = [each for each in run if each is not None and each.judgement.passes]
    return min(passing, key=_dearness, default=None)


def _dearness(looked: Looked) -> tuple[float, float]:
    """Worse last: by quality, then by the bill."""
    told = looked.judgement
    lost = 0.0 if isinstance(told.quality, NotComparable) else -(told.quality.difference.value or 0)
    return lost, 0.0 if isinstance(told.cost, NotComparable) else told.cost.total.value or 0


def _suspects(results: Results, rules: Sequence[str]) -> list[str]:
    """The rules that do harm by their own runs: less success is shown, or a larger bill."""
    shown = {trial.rule for trial in own_trials(results) if _harms(results, trial)}
    return [rule for rule in rules if rule in shown]


def _harms(results: Results, trial: Trial) -> bool:
    pairs, plan = paired(*trial.runs), results.opening.plan
    found, bill = quality(pairs, plan.confidence), cost(pairs, seed=plan.draws, confidence=plan.confidence)
    worse = not isinstance(found, NotComparable) and found.difference.high is not None and found.difference.high < 0
    dearer = not isinstance(bill, NotComparable) and bill.total.low is not None and bill.total.low > 1
    return worse or dearer


def _trials(results: Results, prober: Prober, name: str, found: Looked) -> Iterator[Trial]:
    """For each rule at fault the runs with it beside those without it, where both were made."""
    without = found.results.runs(found.name)
    for rule in found.left_out:
        others = frozenset(found.left_out) - {rule}
        back = prober.looked.get(others)
        if not others:
            yield Trial(rule, name, found.name, (without, results.runs(name)))
        elif back is not None:
            yield Trial(rule, back.name, found.name, (without, back.results.runs(back.name)))


def _fault(results: Results, trials: Sequence[Trial], rule: str) -> Fault:
    plan = results.opening.plan
    trial = next((each for each in trials if each.rule == rule), None)
    if trial is None:
        return Fault(rule, ())
    pairs = paired(*trial.runs)
    bill = cost(pairs, seed=plan.draws, confidence=plan.confidence)
    beside = f"with it ({trial.with_it}) beside without it ({trial.without_it})"
    simulated = " (simulated)" if results.opening.simulated else ""
    found = quality(pairs, plan.confidence)
    return Fault(rule, (beside, f"quality{simulated}: {found.says()}", f"cost{simulated}: {bill.says()}"))


def _told(found: Bisection) -> Iterator[str]:
    simulated = " (simulated)" if found.judgement.simulated else ""
    if found.judgement.passes:
        yield f"{found.judgement.condition} passes as it is: no rule is at fault{simulated}"
        return
    spent = f"{found.looks} sets of rules looked at, {found.runs} further evaluations, {found.usd.normalize():f} USD"
    if found.rest is None:
        yield f"no part of {found.judgement.condition} was found that passes{simulated}: {spent}"
    word = "at fault" if found.stopped is None else "left out, and fewer may do"
    for fault in found.at_fault:
        yield f"{word}{simulated}: {fault.rule}"
        yield from (f"  {line}" for line in fault.figures)
    if found.rest is not None:
        left = "one rule is" if len(found.kept) == 1 else f"{len(found.kept)} rules are"
        yield f"without that, {left} left ({', '.join(found.kept)}): {spent}"
        yield from (f"  {line}" for line in found.rest.says().split("\n"))
        yield (
            f"  the gate was asked {found.looks} times, and each is a chance to pass by luck: evaluate the rest once "
            "more on other tasks before much depends on it"
        )
    if found.stopped is not None:
        yield f"stopped: {found.stopped}"
