"""The scripted analyst: its claims become prunes with steps that were made, and gates tell them apart."""

from pathlib import Path

import pytest
from examples.planted import Domain, skill_dirs
from examples.planted.agents import play
from examples.planted.claims import CLAIMS, Claimant
from examples.planted.world import make_tasks

from clawtrace_core import PriceBook
from costcraft import distill
from costcraft.patch import Prune

RIGHT = {claim.rule for claim in CLAIMS.values() if claim.right}
WRONG = {claim.rule for claim in CLAIMS.values() if not claim.right}
SEED = 2

pytestmark = [
    pytest.mark.xdist_group("demo-frameworks"),
    *(pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("DeprecationWarning", "ResourceWarning")),
]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[Domain, Path]:
    out, prices = tmp_path_factory.mktemp("runs"), PriceBook()
    found: dict[Domain, Path] = {"ledger": out / "ledger", "stock": out / "stock"}
    for domain, store in found.items():
        for task in make_tasks(domain, 40, SEED):
            if task.part == "evolve":
                play("langchain", task, skill_dirs(domain), store, seed=SEED, prices=prices)
    return found


def claimed(store: Path, domain: Domain, out: Path) -> list[Prune]:
    found = distill(store=store, skill=skill_dirs(domain)[0], out=out, model=Claimant(), admit="claimed")
    assert found.merged is not None
    return [each for each in found.guarded.patches if isinstance(each, Prune) and each.rule in RIGHT | WRONG]


def test_the_claims_of_both_domains_hold_right_ones_and_wrong_ones(stores: dict[Domain, Path], tmp_path: Path) -> None:
    rules = {each.rule for domain, store in stores.items() for each in claimed(store, domain, tmp_path / domain)}
    assert rules & RIGHT
    assert len(rules & WRONG) >= 3


@pytest.mark.parametrize("domain", ["ledger", "stock"])
def test_the_gate_at_structural_admits_no_claim_whose_steps_were_needed(
    domain: Domain, stores: dict[Domain, Path], tmp_path: Path
) -> None:
    found = distill(store=stores[domain], skill=skill_dirs(domain)[0], out=tmp_path, model=Claimant())
    admitted = {each.rule for each in found.guarded.patches}
    assert not admitted & (WRONG - {CLAIMS["once"].rule})


def test_asked_twice_it_says_the_same(stores: dict[Domain, Path], tmp_path: Path) -> None:
    first, again = (claimed(stores["stock"], "stock", tmp_path / name) for name in ("first", "again"))
    assert [(each.rule, each.steps) for each in first] == [(each.rule, each.steps) for each in again]
