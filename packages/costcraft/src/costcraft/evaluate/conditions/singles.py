"""The conditions that tell what a single rule does."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from costcraft.errors import PlanInvalid
from costcraft.evaluate.conditions.materialising import Materialised, materialise
from costcraft.evaluate.plan import Condition, Plan, RuleRuns


class Single(NamedTuple):
    """A condition that differs from another by one rule."""

    name: str
    condition: Condition
    role: Literal["leave-one-out", "one-in"]
    rule: str
    beside: str
    """The condition it is compared with."""


def rule_conditions(plan: Plan, rules: Sequence[str]) -> list[Single]:
    """The conditions of single rules that a plan asks for; none where it asks for none.

    Left out, a rule is taken from the condition whose rules they are, beside which it is run. Put in, it joins the
    baseline, beside which it is run; a rule that stands in the baseline already is not put in.

    Args:
        plan: whose `rules` say what to run.
        rules: those that stand in the condition it names, as `materialise` found them.

    Raises:
        PlanInvalid: that condition is not there, is no distillation, has no such rule, or did not start from the skill
            of the baseline.
    """
    if plan.rules is None:
        return []
    of = _named(plan, plan.rules)
    wanted = [rule for rule in rules if not plan.rules.only or rule in plan.rules.only]
    unknown = sorted(set(plan.rules.only) - set(rules))
    if unknown:
        raise PlanInvalid(
            f"rules.only: condition {plan.rules.of} has no rule {', '.join(unknown)}; the rules there are: "
            f"{', '.join(rules) or 'none'}"
        )
    found = [*_left_out(plan.rules, of, wanted), *_put_in(plan, plan.rules, of, wanted)]
    taken = next((each.name for each in found if each.name in plan.conditions), None)
    if taken is not None:
        raise PlanInvalid(f"conditions.{taken}: is what a run of a single rule would be called; choose another name")
    return found


def _named(plan: Plan, asked: RuleRuns) -> Condition:
    of = plan.conditions.get(asked.of)
    if of is None:
        there = ", ".join(plan.conditions)
        raise PlanInvalid(f"rules.of: there is no condition {asked.of!r}; the conditions there are: {there}")
    if of.distilled is None:
        raise PlanInvalid(f"rules.of: condition {asked.of} has no `distilled`, so it has no rules to run singly")
    return of


def _left_out(asked: RuleRuns, of: Condition, rules: Sequence[str]) -> Iterator[Single]:
    for rule in rules if asked.leave_one_out else ():
        condition = of.model_copy(update={"without": (*of.without, rule)})
        yield Single(f"{asked.of}-without-{rule}", condition, "leave-one-out", rule, asked.of)


def _put_in(plan: Plan, asked: RuleRuns, of: Condition, rules: Sequence[str]) -> Iterator[Single]:
    if not asked.one_in or not rules:
        return
    standing = _shared(plan, asked.of, of).rules
    for rule in rules:
        if rule not in standing:
            condition = of.model_copy(update={"only": (rule,), "without": ()})
            yield Single(f"{plan.baseline}+{rule}", condition, "one-in", rule, plan.baseline)


def _shared(plan: Plan, name: str, of: Condition) -> Materialised:
    """The baseline, where the condition started from the same skills."""
    start = of.model_copy(update={"only": (), "without": (), "ablation": None})
    with TemporaryDirectory() as place:
        ours = materialise(start, Path(place) / "of")
        base = materialise(plan.conditions[plan.baseline], Path(place) / "baseline")
    if ours.digest != base.digest:
        raise PlanInvalid(
            f"rules.one_in: condition {name} started from other skills than the baseline {plan.baseline} loads, so a "
            "rule put into one says nothing of the other; make the baseline "
            f"{{distilled: {of.distilled}, only: []}} or set one_in: false"
        )
    return base
