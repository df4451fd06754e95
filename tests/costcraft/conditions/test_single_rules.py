"""The conditions that tell what a single rule does."""

from pathlib import Path
from typing import Any

import pytest

from costcraft import Distillation
from costcraft.errors import PlanInvalid
from costcraft.evaluate.conditions import materialise, rule_conditions
from costcraft.evaluate.plan import Plan


@pytest.fixture
def rules(distilled: Distillation) -> list[str]:
    return [patch.id for patch in distilled.guarded.patches]


def planned(tmp_path: Path, **rules: Any) -> Plan:
    """A plan that asks for runs of single rules."""
    out = str(tmp_path / "out")
    return Plan.model_validate(
        {
            "evaluation": 1,
            "tasks": {"set": "python:some:tasks"},
            "agent": {"framework": "langchain", "factory": "python:some:agent"},
            "conditions": {"base": {"skills": [tmp_path / "skills" / "sheets"]}, "full": {"distilled": out}},
            "baseline": "base",
            "primary": {"condition": "full", "margin": 0.1},
            "rules": {"of": "full", **rules},
        }
    )


def test_each_rule_is_left_out_beside_all_and_put_in_beside_none(rules: list[str], tmp_path: Path) -> None:
    found = rule_conditions(planned(tmp_path, one_in=True), rules)
    assert [(each.name, each.role, each.rule, each.beside) for each in found] == [
        *((f"full-without-{rule}", "leave-one-out", rule, "full") for rule in rules),
        *((f"base+{rule}", "one-in", rule, "base") for rule in rules),
    ]
    for number, each in enumerate(found):
        made = materialise(each.condition, tmp_path / str(number))
        assert (each.rule in made.rules) == (each.role == "one-in")
        assert len(made.rules) == 1


def test_only_the_rules_that_were_asked_for_are_run(rules: list[str], tmp_path: Path) -> None:
    found = rule_conditions(planned(tmp_path, only=rules[:1], leave_one_out=True), rules)
    assert [each.rule for each in found] == rules[:1]
    assert rule_conditions(planned(tmp_path).model_copy(update={"rules": None}), rules) == []


def test_a_rule_that_is_not_there_is_told(rules: list[str], tmp_path: Path) -> None:
    with pytest.raises(PlanInvalid, match="condition full has no rule r-00000000"):
        rule_conditions(planned(tmp_path, only=["r-00000000"]), rules)


@pytest.mark.parametrize(
    ("of", "words"),
    [("other", "there is no condition 'other'; the conditions there are: base, full"), ("base", "has no `distilled`")],
)
def test_rules_are_those_of_a_distillation_that_the_plan_names(
    of: str, words: str, rules: list[str], tmp_path: Path
) -> None:
    with pytest.raises(PlanInvalid, match=words):
        rule_conditions(planned(tmp_path, of=of), rules)


def test_a_rule_is_put_into_no_other_skill_than_it_was_distilled_for(rules: list[str], tmp_path: Path) -> None:
    plan = planned(tmp_path, one_in=True)
    (tmp_path / "skills" / "sheets" / "more.md").write_text("And more.", encoding="utf-8")
    assert rule_conditions(plan, rules)
    other = tmp_path / "others" / "sheets"
    other.mkdir(parents=True)
    (other / "SKILL.md").write_text('---\nname: sheets\ndescription: "Another."\n---\n', encoding="utf-8")
    base = plan.conditions["base"].model_copy(update={"skills": (other,)})
    plan = plan.model_copy(update={"conditions": {**plan.conditions, "base": base}})
    with pytest.raises(PlanInvalid, match="started from other skills than the baseline base loads"):
        rule_conditions(plan, rules)


def test_a_condition_of_the_plan_may_not_bear_the_name_of_a_rules_run(rules: list[str], tmp_path: Path) -> None:
    plan = planned(tmp_path)
    taken = {**plan.conditions, f"full-without-{rules[0]}": plan.conditions["base"]}
    with pytest.raises(PlanInvalid, match="choose another name"):
        rule_conditions(plan.model_copy(update={"conditions": taken}), rules)
