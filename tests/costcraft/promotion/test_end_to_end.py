"""From a plan to a promoted skill, through real runs in processes of their own."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from costcraft.cli import app
from costcraft.evaluate.harness import evaluate
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.promotion import promote
from costcraft.pipeline import read_distillation

HERE = Path(__file__).parent


@pytest.fixture
def plan(rules: list[str], skill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The skill beside six rules, one of which does harm."""
    assert rules
    for place in (HERE / "heeding", HERE.parent / "harness" / "small"):
        monkeypatch.syspath_prepend(place)
    return Plan.model_validate(
        {
            "evaluation": 1,
            "tasks": {"set": "python:heeding:Words"},
            "agent": {"framework": "small", "factory": "python:heeding:build"},
            "conditions": {"base": {"skills": [skill]}, "full": {"distilled": tmp_path / "out"}},
            "baseline": "base",
            "primary": {"condition": "full", "margin": 0.3},
        }
    )


@pytest.mark.slow
def test_the_rule_at_fault_is_found_by_real_runs_and_the_rest_is_promoted(
    plan: Plan, skill: Path, tmp_path: Path
) -> None:
    texts = {patch.rule: patch.id for patch in read_distillation(tmp_path / "out").guarded.patches}
    harmful = next(rule for text, rule in texts.items() if text.startswith("Leave the final check out"))
    incumbent = shutil.copytree(skill, tmp_path / "production" / "sheets")
    out = tmp_path / "eval"
    assert len(evaluate(plan, out).graded) == 24
    assert not promote(out, incumbent.parent).promoted
    words = ["promote", str(out), "--to", str(incumbent.parent), "--bisect", "--budget", "9", "--take-rest", "--json"]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert [each["rule"] for each in told["bisection"]["at_fault"]] == [harmful]
    assert told["promoted"]
    assert told["judgement"]["simulated"]
    text = (incumbent / "SKILL.md").read_text(encoding="utf-8")
    assert harmful not in text
    assert all(rule in text for rule in texts.values() if rule != harmful)
    patches = {patch.id: patch for patch in read_distillation(tmp_path / "out").guarded.patches}
    assert getattr(patches[harmful], "drop", None) is not None
    further = list((out / "bisect").iterdir())
    assert all("simulated" in (place / "report.md").read_text(encoding="utf-8") for place in further)
    assert len(evaluate(plan, out).graded) == 24  # what was written back is no other plan
