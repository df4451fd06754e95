"""The demo's agents under `costcraft eval`: the plan that is shown, single rules, and all three frameworks."""

import json
import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from examples.sheets.demo import BASE_SKILL
from examples.sheets.frameworks import LANGCHAIN
from examples.sheets.play import play
from examples.sheets.tasks import make_tasks
from typer.testing import CliRunner

from costcraft import distill
from costcraft.cli import app
from costcraft.evaluate.harness import evaluate, read_plan
from costcraft.evaluate.plan import Plan

ROOT = Path(__file__).parents[2]
SHOWN = ROOT / "examples" / "sheets" / "evaluation.yaml"


@pytest.fixture(scope="module")
def distilled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demo distils from twelve sessions on LangChain."""
    place = tmp_path_factory.mktemp("demo")
    skill = Path(shutil.copytree(BASE_SKILL, place / "skills" / BASE_SKILL.name))
    store, out = place / "runs", place / "distilled"
    for _ in play(make_tasks(12), framework=LANGCHAIN, skills=(skill,), store=store, books=place / "books"):
        pass
    distill(store=store, skill=skill, out=out)
    return out


@pytest.fixture
def plan(distilled: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan that is shown, of that distillation."""
    monkeypatch.chdir(ROOT)
    shown = read_plan(SHOWN)
    assert shown.conditions["distilled"].distilled == ROOT / "out" / "demo" / "distilled" / "langchain"
    condition = shown.conditions["distilled"].model_copy(update={"distilled": distilled})
    return shown.model_copy(update={"conditions": {**shown.conditions, "distilled": condition}})


def changed(plan: Plan, **changes: Any) -> Plan:
    return Plan.model_validate({**plan.model_dump(), **changes})


def limited(plan: Plan, tasks: int) -> Mapping[str, Any]:
    return {**plan.tasks.model_dump(), "limit": tasks}


def test_the_plan_that_is_shown_runs_and_every_rule_is_left_out_once(plan: Plan, tmp_path: Path) -> None:
    rules = {"of": "distilled", "one_in": False}
    found = evaluate(changed(plan, tasks=limited(plan, 2), rules=rules, concurrency=1), tmp_path / "out")
    told = found.opening
    assert found.stopped is None
    assert len(found.graded) == len(found.wanted) == 2 * len(told.conditions)
    assert told.simulated
    assert told.spent == 0
    singles = {name: each for name, each in told.conditions.items() if each.role != "plan"}
    assert {each.rule for each in singles.values()} == set(told.conditions["distilled"].rules)
    assert len(singles) > 1
    for name, each in singles.items():
        [skill, *_] = each.skills
        assert (each.role, each.beside) == ("leave-one-out", "distilled")
        assert each.rule not in (tmp_path / "out" / skill / "SKILL.md").read_text(), name
    order = [done.condition in singles for done in found.lines]
    assert order == sorted(order), "what a single rule does comes after the plan's own conditions"
    assert (tmp_path / "out" / "report.md").read_text().count("simulated") > 3


def test_the_budget_of_single_rules_leaves_the_plan_s_own_conditions_whole(plan: Plan, tmp_path: Path) -> None:
    rules = {"of": "distilled", "budget": Decimal("0.0001")}
    told = changed(plan, tasks=limited(plan, 1), rules=rules, usd_per_run=Decimal("0.02"))
    found = evaluate(told, tmp_path / "out")
    assert {condition for condition, _, _ in found.graded} == {"base", "distilled"}
    assert found.stopped == "the budget of 0.0001 USD for single rules is used up; raise rules.budget"


def test_a_session_of_the_distillation_tells_what_a_run_will_cost(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"budget: found 0\.001 USD.*what a session of its distillation cost"):
        evaluate(changed(plan, budget=Decimal("0.001")), tmp_path / "out")


@pytest.mark.parametrize("framework", ["llamaindex", pytest.param("crewai", marks=pytest.mark.slow)])
def test_the_other_frameworks_are_evaluated_alike(plan: Plan, tmp_path: Path, framework: str) -> None:
    agent = {"framework": framework, "factory": f"python:examples.sheets.evaluated:{framework}"}
    found = evaluate(changed(plan, tasks=limited(plan, 1), agent=agent), tmp_path / "out")
    assert {done.status for done in found.lines} == {"graded"}
    assert all(done.llm_calls > 2 and done.tool_calls > 1 and done.usd for done in found.lines)
    assert f"clawtrace-{framework}" in found.opening.versions


def test_the_command_runs_a_plan_tells_it_and_writes_the_report_anew(distilled: Path, tmp_path: Path) -> None:
    text = SHOWN.read_text().replace("../../out/demo/distilled/langchain", str(distilled))
    text = text.replace("[skill/", f"[{ROOT / 'examples' / 'sheets' / 'skill'}/").replace(
        "seed: 7", "seed: 7\n  limit: 1"
    )
    (tmp_path / "plan.yaml").write_text(text)
    out = str(tmp_path / "out")
    told = CliRunner().invoke(app, ["eval", str(tmp_path / "plan.yaml"), "--out", out], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0] == "simulated: the model is scripted, and so is every figure"
    assert lines[1] == "1 task, 0 left out, 1 seed"
    assert lines[2].startswith("  base: ")
    assert lines[-1] == f"report: {out}/report.md"
    (tmp_path / "out" / "report.md").unlink()
    again = CliRunner().invoke(app, ["eval", "--report-only", "--out", out, "--json"], catch_exceptions=False)
    plain = json.loads(again.output)
    assert (plain["wanted"], plain["graded"], plain["stopped"], plain["simulated"]) == (2, 2, None, True)
    assert (tmp_path / "out" / "report.md").is_file()
    stopped = CliRunner().invoke(app, ["eval", str(tmp_path / "plan.yaml"), "--out", out, "--report-only"])
    assert stopped.exit_code == 2
    refused = CliRunner().invoke(app, ["eval", str(tmp_path / "plan.yaml"), "--out", out, "--budget", "0"])
    assert "found 0, expected more than 0 USD" in str(refused.exception)
