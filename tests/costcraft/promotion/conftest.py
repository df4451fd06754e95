"""Evaluations as their files hold them: made of the real classes, their skills by the real `materialise`."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from costcraft import Distillation, distill
from costcraft.evaluate.conditions import materialise, rule_conditions
from costcraft.evaluate.plan import Condition, Plan, fingerprint
from costcraft.evaluate.results import RESULTS_FILE, Done, Opening, TaskTold, Told, line_of
from costcraft.patch import Patch
from costcraft.stages import Merged, write_stage

TASKS = 15
GOOD, BAD = "+", "-"
"""A run that succeeds, one that fails; `!` is one that infrastructure cut short, a space one that was not run."""

Evaluated = Callable[..., Path]
SENTENCES = {
    "prune": ["Do not look twice at one sheet.", "Do not count rows by hand.", "Leave the final check out."],
    "repair": ["Name the cell that was filled in.", "Write the total last.", "Round at the end only."],
}


@pytest.fixture
def planned(distilled: Distillation, skill: Path, tmp_path: Path) -> Callable[..., Plan]:
    """The plan that compares a skill with what was distilled of it."""
    assert distilled.guarded.patches

    def make(**more: Any) -> Plan:
        return Plan.model_validate(
            {
                "evaluation": 1,
                "tasks": {"set": "python:some:tasks"},
                "agent": {"framework": "langchain", "factory": "python:some:agent"},
                "conditions": {"base": {"skills": [skill]}, "full": {"distilled": tmp_path / "out"}},
                "baseline": "base",
                "primary": {"condition": "full", "margin": 0.3},
                **more,
            }
        )

    return make


@pytest.fixture
def evaluated(planned: Callable[..., Plan], tmp_path: Path) -> Evaluated:
    """Write an evaluation whose runs came out as told: condition -> a mark for each task, and USD for each run."""

    def make(
        runs: Mapping[str, str], usd: Mapping[str, str | None] | None = None, *, simulated: bool = False, **more: Any
    ) -> Path:
        plan = planned(**more)
        out = tmp_path / "eval"
        told = _told(plan, out)
        opening = Opening(
            fingerprint=fingerprint(plan, {name: each.digest for name, each in told.items()}),
            plan=plan,
            tasks=tuple(TaskTold(id=f"t-{n}") for n in range(TASKS)),
            conditions=told,
            simulated=simulated,
            at="2026-01-01T00:00:00Z",
        )
        lines = [
            _done(name, n, mark, (usd or {}).get(name, "0.01"))
            for name, marks in runs.items()
            for n, mark in enumerate(marks.ljust(TASKS, marks[-1:]))
            if mark != " "
        ]
        (out / RESULTS_FILE).write_bytes(b"".join(line_of(each) for each in (opening, *lines)))
        return out

    return make


@pytest.fixture
def rules(distilled: Distillation, rule_of: Callable[..., Patch], skill: Path, tmp_path: Path) -> list[str]:
    """Six rules in place of those that were distilled."""
    assert distilled.guarded.patches
    patches = [rule_of(kind, text) for kind, texts in SENTENCES.items() for text in texts]
    write_stage(tmp_path / "out", "merged", Merged(patches=patches))
    found = distill(None, skill, tmp_path / "out", start="merged").guarded.patches
    assert len(found) == 6
    return [patch.id for patch in found]


def _told(plan: Plan, out: Path) -> dict[str, Told]:
    shutil.rmtree(out, ignore_errors=True)
    found = {name: _one(name, each, out) for name, each in plan.conditions.items()}
    of = () if plan.rules is None else found[plan.rules.of].rules
    for single in rule_conditions(plan, of):
        made = _one(single.name, single.condition, out)
        update = {"role": single.role, "rule": single.rule, "beside": single.beside}
        found[single.name] = made.model_copy(update=update)
    return found


def _one(name: str, condition: Condition, out: Path) -> Told:
    made = materialise(condition, out / "conditions" / name)
    skills: Sequence[str] = [skill.relative_to(out).as_posix() for skill in made.skills]
    return Told(skills=tuple(skills), rules=made.rules, digest=made.digest)


def _done(condition: str, task: int, mark: str, usd: str | None) -> Done:
    graded = mark != "!"
    return Done(
        condition=condition,
        task=f"t-{task}",
        seed=0,
        status="graded" if graded else "infrastructure",
        why=None if graded else "the provider was overloaded",
        success=mark == GOOD if graded else None,
        usd=None if usd is None else Decimal(usd),
        usd_known=Decimal(usd or 0),
    )
