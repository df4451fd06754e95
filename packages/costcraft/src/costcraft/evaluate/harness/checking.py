"""What can be wrong with a plan before anything is loaded, and what a run is expected to cost."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path, PurePath
from statistics import median

from clawtrace_core.capture.guard import attempt
from clawtrace_core.capture.redact import is_secret_name, redact_secrets
from costcraft.errors import ExtraMissing, PlanInvalid
from costcraft.evaluate.harness.plan_file import nearest
from costcraft.evaluate.plan import Plan
from costcraft.evidence import Evidence
from costcraft.stages import Proposals, read_stage


def check_plan(plan: Plan) -> None:
    """Whether a plan speaks of what it holds, and compares what differs. Raises PlanInvalid."""
    names = list(plan.conditions)
    for field, name in (("baseline", plan.baseline), ("primary.condition", plan.primary.condition)):
        if name not in names:
            raise PlanInvalid(f"{field}: there is no condition {name!r}; {nearest(name, names)}")
    if plan.primary.condition == plan.baseline:
        raise PlanInvalid(f"primary.condition: {plan.baseline!r} is the baseline; name a condition to compare with it")
    if plan.rules is not None and plan.rules.of not in names:
        raise PlanInvalid(f"rules.of: there is no condition {plan.rules.of!r}; {nearest(plan.rules.of, names)}")
    twice = next((seed for seed in plan.seeds if plan.seeds.count(seed) > 1), None)
    if twice is not None:
        raise PlanInvalid(f"seeds: {twice} stands there twice; the second run would be no new one. Give another number")
    _check_options(plan)
    for one, other in combinations(names, 2):
        if plan.conditions[one] == plan.conditions[other]:
            raise PlanInvalid(
                f"conditions.{one} and conditions.{other} are equal; a comparison of them says nothing. Leave one out"
            )


def _check_options(plan: Plan) -> None:
    """They stand in the results, so they have to be plain data, and no secret."""
    for name, value in plan.agent.options.items():
        text = attempt(_as_json, value)
        if isinstance(text, Exception):
            raise PlanInvalid(
                f"agent.options.{name}: found {ascii(value)[:80]}; expected plain data: texts, numbers, lists and "
                "mappings of them, so that the results can tell it"
            )
        if (is_secret_name(name) and isinstance(value, str) and value) or redact_secrets(text) != text:
            raise PlanInvalid(
                f"agent.options.{name}: looks like a secret, and the plan stands in the results; have the factory read "
                "it from the environment"
            )


def _as_json(value: object) -> str:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, default=_day_or_money)
    return text.encode().decode()  # no half of a sign, which no file can hold


def _day_or_money(value: object) -> str:
    if isinstance(value, date | Decimal | PurePath):
        return str(value)
    raise TypeError


def check_libraries() -> None:
    """Whether the report can be written once all is paid for. Raises ExtraMissing."""
    missing = [name for name in ("numpy", "scipy", "jinja2", "matplotlib") if find_spec(name) is None]
    if missing:
        raise ExtraMissing(
            f"{', '.join(missing)}: not installed, and the report needs it; install it with: "
            "pip install 'costcraft[evaluate]'"
        )


def check_budget(plan: Plan, expected: Decimal | None) -> None:
    """Whether the budget pays for one task under every condition. Raises PlanInvalid."""
    if plan.budget is None or expected is None:
        return
    least = expected * len(plan.conditions)
    if plan.budget < least:
        told = "usd_per_run" if plan.usd_per_run is not None else "what a session of its distillation cost"
        raise PlanInvalid(
            f"budget: found {plan.budget} USD, but one task under {len(plan.conditions)} conditions is expected to "
            f"cost {least.normalize():f} USD ({told}: {expected.normalize():f}); raise it, or set usd_per_run"
        )


def expected_usd(plan: Plan) -> Decimal | None:
    """What a run is expected to cost: as the plan says, else the median of a distillation's sessions; None: not known.

    Raises:
        StageInvalid: a distillation's evidence is missing or damaged.
    """
    if plan.budget is None or plan.usd_per_run is not None:
        return plan.usd_per_run
    medians = [usd for out in distillations(plan) if (usd := _median(out)) is not None]
    return max(medians, default=None)


def spent_usd(plan: Plan) -> Decimal | None:
    """What the distillation of the primary condition cost: as the plan says, else its own files; None: not known."""
    out = plan.conditions[plan.primary.condition].distilled
    if plan.spent is not None or out is None:
        return plan.spent
    bill = read_stage(out, "proposals", Proposals).bill
    if bill is None:  # rules alone: no model was asked
        return Decimal(0)
    return None if bill.unpriced else bill.usd


def distillations(plan: Plan) -> Sequence[Path]:
    """The output directories of distillations that the conditions name, each once."""
    return list(dict.fromkeys(each.distilled for each in plan.conditions.values() if each.distilled is not None))


def _median(out: Path) -> Decimal | None:
    sessions = read_stage(out, "evidence", Evidence).sessions
    known = [each.card.cost.usd for each in sessions if each.card.cost.usd is not None]
    return median(known) if known else None
