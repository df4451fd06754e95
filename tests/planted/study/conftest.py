"""Sittings that nobody played: what the study's arithmetic is held against."""

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from examples.planted.study.sitting import ArmTold, Place, RuleTold, RunTold, Sitting, StepTold  # noqa: E402


def a_run(task: str, success: bool, usd: str) -> RunTold:
    return RunTold(task=task, success=success, usd=Decimal(usd), llm_calls=3, tool_calls=4)


def a_place(seed: int, better: int, dearer: str) -> Place:
    """Ten held-out tasks of which four succeed; with the distilled skill `better` more do, at `dearer` USD a run."""
    rule = RuleTold(
        id="r-00000001",
        kind="prune",
        scope="portable",
        rule="Do not read a sheet again.",
        analyst="rules",
        level="structural",
        named=3,
        named_needed=seed % 2,
        spares={"removable": 5},
    )
    repair = RuleTold(id="r-00000002", kind="repair", scope="domain", rule="Write numbers.", analyst="rules")
    return Place(
        steps=(
            StepTold(task="t-1", tool="read_sheet", label="removable", needed=False, flags=("duplicate",)),
            StepTold(task="t-1", tool="read_sheet", label="needed", needed=True, flags=("unused",) * (seed % 3 == 0)),
            StepTold(task="t-2", tool="list_sheets", label="removable", trap=2, needed=False),
        ),
        arms={"full": ArmTold(digest="new", rules=(rule, repair), held_back=1, spares={"removable": 5})},
        runs={
            "base": tuple(a_run(f"h-{n}", n < 4, "0.10") for n in range(10)),
            "new": tuple(a_run(f"h-{n}", n < 4 + better, dearer) for n in range(10)),
        },
        base="base",
        practised={
            "base": tuple(a_run(f"e-{n}", n < 4, "0.10") for n in range(10)),
            "new": tuple(a_run(f"e-{n}", n < 4 + better, dearer) for n in range(10)),
        },
        waste=8,
        alone={"r-00000001": "new"},
        abroad={"r-00000001": "new"},
        proposed=(rule, repair),
        replays={
            "told": 9,
            "untold": 1,
            "needless": 4,
            "replay": {"approved": 6, "right": 4, "wrong": {"late-use": 2}},
            "flow": {"approved": 5, "right": 4, "wrong": {"recheck": 1}},
            "both": {"approved": 4, "right": 4, "wrong": {}},
        },
    )


@pytest.fixture
def sittings() -> Callable[..., list[Sitting]]:
    """Some seeds on LangChain, both domains."""

    def make(seeds: int = 8, *, better: int = 3, dearer: str = "0.06") -> list[Sitting]:
        return [
            Sitting(
                framework="langchain",
                seed=seed,
                learned=10,
                held_out=10,
                runs=20,
                places={domain: a_place(seed, better, dearer) for domain in ("ledger", "stock")},
            )
            for seed in range(seeds)
        ]

    return make
