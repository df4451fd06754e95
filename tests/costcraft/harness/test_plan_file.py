"""A plan's file: what is wrong in it is told by file and field, with what was found and what is meant."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.capture.guard import attempt
from costcraft.errors import PlanInvalid
from costcraft.evaluate.harness import read_plan
from costcraft.evaluate.harness.plan_file import EXAMPLE
from costcraft.evaluate.plan import Plan


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"skils": []}, r"plan\.yaml: skils: no such field; expected one of evaluation, tasks"),
        ({"seed": [1]}, r"plan\.yaml: seed: no such field; did you mean 'seeds'\?"),
        ({"agent": {"framwork": "x"}}, r"agent\.framwork: no such field; did you mean 'framework'\?"),
        ({"conditions": {"plain": {"skill": []}}}, r"conditions\.plain\.skill: no such field; did you mean 'skills'\?"),
        ({"rules": {"off": "better"}}, r"rules\.off: no such field; did you mean 'of'\?"),
        ({"seeds": 3}, r"seeds: found 3, expected a valid tuple"),
        ({"seeds": ["one"]}, r"seeds\.0: found 'one', expected a valid integer"),
        ({"primary": {"margin": 5}}, r"primary\.margin: found 5, expected less than 1"),
        ({"budget": "much"}, r"budget: found 'much', expected a valid decimal"),
        ({"concurrency": 0}, r"concurrency: found 0, expected greater than or equal to 1"),
        ({"conditions": {"My Skill": {}}}, r"conditions\.My Skill: found the name 'My Skill'; expected small letters"),
        ({"primary": None}, r"primary: is not told; expected as in:\nevaluation: 1"),
        ({"draws": -1}, r"draws: found -1, expected greater than or equal to 0"),
        ({"primary": {"dearer": float("inf")}}, r"primary\.dearer: found inf, expected a finite number"),
        ({"pause": float("inf")}, r"pause: found inf, expected a finite number"),
        ({"timeout": float("inf")}, r"timeout: found inf, expected a finite number"),
        ({"evaluation": 2}, r"evaluation: found 2, expected 1"),
    ],
)
def test_a_slip_is_told_with_its_field_and_what_is_meant(project, changes, told) -> None:
    with pytest.raises(PlanInvalid, match=told):
        read_plan(project.file(**changes))


def test_several_slips_are_told_at_once(project) -> None:
    with pytest.raises(PlanInvalid) as raised:
        read_plan(project.file(seeds=[], budget=-1, concurrency=0, attempts=0, timeout=-1, draws="x", confidence=2))
    assert str(raised.value).count("\n") == 5
    assert str(raised.value).endswith("and 2 more like these")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "is not YAML"),
        ("- a\n", "expected a plan such as"),
        ("", "holds nothing; expected a plan such as"),
        ("conditions:\n  a: {}\n  a: {}\n", r"line 3: conditions\.a stands there twice"),
        ("seeds: [2026-99-99]", "is not YAML"),
        ("tasks: &a\n  tasks: *a\n", "holds itself"),
    ],
)
def test_a_file_that_holds_no_plan_says_what_one_looks_like(project, text, told) -> None:
    with pytest.raises(PlanInvalid, match=told):
        read_plan(project.file(text))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PlanInvalid, match=r"none\.yaml: cannot be read"):
        read_plan(tmp_path / "none.yaml")


def test_relative_paths_are_relative_to_the_file(project) -> None:
    conditions = {"plain": {"skills": ["skills/a"]}, "better": {"skills": None, "distilled": "../out"}}
    plan = read_plan(project.file(conditions=conditions, tasks={"data": "bench"}, prices="prices.yaml"))
    assert plan.conditions["plain"].skills == (project.root / "skills" / "a",)
    assert plan.conditions["better"].distilled == project.root.parent / "out"
    assert plan.tasks.data == project.root / "bench"
    assert plan.prices == project.root / "prices.yaml"


def test_the_plans_that_are_shown_are_plans(tmp_path: Path, repo: Path) -> None:
    page = (repo / "docs" / "evaluating.md").read_text()
    shown = [block.partition("\n```")[0] for block in page.split("```yaml\n")[1:] if block.startswith("evaluation:")]
    assert shown
    for text in (EXAMPLE, *shown):
        path = tmp_path / "plan.yaml"
        path.write_text(text)
        assert read_plan(path).evaluation == 1
    assert read_plan(repo / "examples" / "sheets" / "evaluation.yaml").tasks.set == "sheets"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@given(field=st.sampled_from(["tasks", "agent", "conditions", "primary", "rules", "seeds", "budget", "x"]), value=plain)
def test_whatever_stands_in_a_field_the_answer_is_a_plan_or_a_sentence(tmp_path_factory, field, value) -> None:
    told = {**yaml.safe_load(EXAMPLE), field: value}
    path = tmp_path_factory.mktemp("plan") / "plan.yaml"
    path.write_text(yaml.safe_dump(told))
    found = attempt(read_plan, path)
    assert isinstance(found, Plan | PlanInvalid), repr(found)
    assert isinstance(found, Plan) or str(found).startswith(str(path))


def test_the_home_of_nobody_is_a_folder_like_any_other(project) -> None:
    plan = read_plan(project.file(conditions={"plain": {"skills": ["~nobody-of-this-name/skill"]}}))
    assert plan.conditions["plain"].skills == (project.root / "~nobody-of-this-name" / "skill",)
