"""Ablations: what a distillation is made without is left out, and said in every stage's file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawtrace_core import Session, record_outcome
from costcraft import distill
from costcraft.ablations import without_costs
from costcraft.evidence import Evidence
from costcraft.patch import Prune
from costcraft.pipeline import Distillation
from costcraft.stages import FILES, Proposals, write_stage

ROWS = "row | A | B\n" + "\n".join(f"{n} | item {n} | {n * 7}" for n in range(40))
READ = ("read_sheet", {"sheet": "Ledger"}, ROWS)


@pytest.fixture
def run(recorded: Callable[..., Session], skill: Path, tmp_path: Path) -> Callable[..., Distillation]:
    """A distillation of three sessions that read twice."""
    for n in range(3):
        recorded(f"s-{n}", f"sheet-{n}", [READ, READ])
        record_outcome(tmp_path / "runs", f"s-{n}", success=True)
    return lambda **options: distill(tmp_path / "runs", skill, tmp_path / "out", **options)


def test_without_costs_nobody_sees_a_dollar_or_a_token(run: Callable[..., Distillation], tmp_path: Path) -> None:
    found = run(costs=False)
    assert found.evidence is not None
    for session in found.evidence.sessions:
        card = session.card.to_yaml(budget=None)
        assert "usd: 0" not in card
        assert [step.n for step in session.card.steps] == sorted(step.n for step in session.card.steps)
        assert all(action.usd is None and action.tokens is None for action in session.actions)
    prune = found.guarded.patches[0]
    assert isinstance(prune, Prune)
    assert (prune.usd_spent, prune.usd_saved, prune.tokens) == (None, None, None)
    assert "costs" in found.guarded.without
    assert any("without costs" in warning for warning in found.warnings)


def test_without_prunes_none_is_proposed_and_that_is_said(run: Callable[..., Distillation]) -> None:
    found = run(prune=False)
    assert found.proposals is not None
    assert [patch for patch in found.proposals.patches if patch.kind == "prune"] == []
    assert any("on request" in each.why for each in found.proposals.declined)


def test_without_the_gate_a_mere_claim_is_written(
    prune_of: Callable[..., Prune], three_kinds: Evidence, skill: Path, tmp_path: Path
) -> None:
    claim = prune_of(("sheet-1.bad", 1), ("sheet-2.bad", 1), level="claimed", rule="Do not look at it twice.")
    write_stage(tmp_path / "out", "evidence", three_kinds)
    write_stage(tmp_path / "out", "proposals", Proposals(patches=[claim]))
    gated = distill(None, skill, tmp_path / "out", start="proposals")
    assert claim.id not in {patch.id for patch in gated.guarded.patches}
    free = distill(None, skill, tmp_path / "out", start="proposals", gate=False)
    assert claim.id in {patch.id for patch in free.guarded.patches}
    assert free.guarded.without == ["gate"]


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"costs": False}, "evidence"),
        ({"prune": False}, "proposals"),
        ({"gate": False}, "counterfactual"),
        ({"scopes": False}, "merged"),
    ],
)
def test_every_later_stage_says_what_it_was_made_without(
    options: dict[str, Any], first: str, run: Callable[..., Distillation], tmp_path: Path
) -> None:
    run(**options)
    name = next(iter(options))
    told = {stage: (tmp_path / "out" / file).read_text("utf-8") for stage, file in FILES.items()}
    said = [stage for stage, text in told.items() if f"without:\n- {name}\n" in text]
    assert said == list(FILES)[list(FILES).index(first) :]
    run()
    assert all("without: []" in (tmp_path / "out" / file).read_text("utf-8") for file in FILES.values())


def test_taking_costs_away_twice_is_taking_them_away_once(three_kinds: Evidence) -> None:
    once = without_costs(three_kinds)
    assert once != three_kinds
    assert without_costs(once) == once
