"""Ablations: distilled again from the same sessions, as if the switch had been given the first time."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from costcraft import Distillation, distill
from costcraft.ablations import one_scope
from costcraft.errors import PlanInvalid
from costcraft.evaluate.conditions import digest_of, materialise
from costcraft.evaluate.plan import Condition
from costcraft.models import Bill
from costcraft.options import Choices
from costcraft.patch import Prune
from costcraft.pipeline import read_distillation
from costcraft.stages import Proposals, read_stage, write_stage
from costcraft.value import Ablation

SWITCHED: dict[Ablation, Choices] = {
    "costs": Choices(costs=False),
    "prune": Choices(prune=False),
    "gate": Choices(gate=False),
    "scopes": Choices(scopes=False),
}


@pytest.mark.parametrize("ablation", list(SWITCHED))
def test_it_is_what_the_switch_would_have_made(
    ablation: Ablation, distilled: Distillation, skill: Path, tmp_path: Path
) -> None:
    assert distilled.guarded.without == []
    found = materialise(Condition(distilled=tmp_path / "out", ablation=ablation), tmp_path / "to")
    switched = distill(tmp_path / "runs", skill, tmp_path / "switched", **SWITCHED[ablation])
    names = [skill.name for skill in found.skills]
    assert found.digest == digest_of([tmp_path / "switched" / "skills" / name for name in names])
    assert set(found.rules) == {patch.id for patch in switched.guarded.patches}
    again = read_distillation(tmp_path / "to" / "_distilled")
    assert again.guarded.without == [ablation]
    assert again.guarded.patches == switched.guarded.patches


def test_the_first_distillation_and_the_skill_stay_as_they_are(
    distilled: Distillation, skill: Path, tmp_path: Path
) -> None:
    def all_files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for root in (tmp_path / "out", skill) for path in root.rglob("*.*")}

    before = all_files()
    assert distilled.guarded.patches
    materialise(Condition(distilled=tmp_path / "out", ablation="gate"), tmp_path / "to")
    assert all_files() == before


def test_one_scope_puts_every_rule_into_the_tasks_own_skill(distilled: Distillation, tmp_path: Path) -> None:
    found = materialise(Condition(distilled=tmp_path / "out", ablation="scopes"), tmp_path / "to")
    assert [skill.name for skill in found.skills] == ["sheets"]
    assert set(found.rules) == {patch.id for patch in distilled.guarded.patches}
    assert {patch.scope for patch in one_scope(distilled.guarded.patches)} == {"domain"}


def test_what_was_left_out_the_first_time_stays_out(distilled: Distillation, skill: Path, tmp_path: Path) -> None:
    assert any(isinstance(patch, Prune) for patch in distilled.guarded.patches)
    distill(tmp_path / "runs", skill, tmp_path / "out", scopes=False)
    found = materialise(Condition(distilled=tmp_path / "out", ablation="prune"), tmp_path / "to")
    assert [skill.name for skill in found.skills] == ["sheets"]
    assert read_distillation(tmp_path / "to" / "_distilled").guarded.without == ["prune", "scopes"]


def test_recordings_that_are_not_at_hand_are_told_with_the_switch_to_use(
    distilled: Distillation, tmp_path: Path
) -> None:
    assert distilled.guarded.patches
    (tmp_path / "runs").rename(tmp_path / "moved")
    with pytest.raises(PlanInvalid, match="distil it by hand with `costcraft distill --one-scope"):
        materialise(Condition(distilled=tmp_path / "out", ablation="scopes"), tmp_path / "to")
    found = materialise(
        Condition(distilled=tmp_path / "out", ablation="scopes"), tmp_path / "there", store=tmp_path / "moved"
    )
    assert found.rules


def test_a_model_is_not_asked_again(distilled: Distillation, prune_of: Callable[..., Prune], tmp_path: Path) -> None:
    assert distilled.proposals is not None
    bill = Bill(model="some:model", calls=2, usd=Decimal("0.1"), sessions=4)
    claim = prune_of(("s-0", 1), ("s-1", 1))
    asked = Proposals(patches=[*distilled.proposals.patches, claim], bill=bill)
    write_stage(tmp_path / "out", "proposals", asked)
    with pytest.raises(PlanInvalid, match=r"a model was asked in this distillation.*--no-costs"):
        materialise(Condition(distilled=tmp_path / "out", ablation="costs"), tmp_path / "to")
    found = materialise(Condition(distilled=tmp_path / "out", ablation="gate"), tmp_path / "free")
    assert claim.id in found.rules
    assert read_stage(tmp_path / "free" / "_distilled", "proposals", Proposals) == asked
