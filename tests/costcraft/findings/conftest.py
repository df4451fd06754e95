"""Results of evaluations, made of the real classes from a seed: several conditions, seeds, rules and mishaps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("scipy", reason="needs the extra costcraft[evaluate]")

from costcraft.evaluate.plan import AgentChoice, Condition, Plan, Primary, TaskChoice
from costcraft.evaluate.results import (
    RESULTS_FILE,
    CheckTold,
    Done,
    Floor,
    LeftOut,
    Opening,
    Results,
    TaskTold,
    Told,
    line_of,
)

ODD = ("<b>bold</b> & 'co'", "a|b `c` *d*", "Ünïcode ✓ 表", "line\nbreak", "[x](http://y.z)", "</script><img src=x>")


@dataclass(frozen=True)
class World:
    """How an evaluation went."""

    tasks: int = 30
    seeds: tuple[int, ...] = (0,)
    conditions: dict[str, tuple[float, float]] = field(default_factory=lambda: {"distilled": (0.75, 0.6)})
    """Beside `base`: success rate, and cost beside it."""
    rules: dict[str, tuple[str, float, float]] = field(default_factory=dict)
    """Condition -> role, and what the rule does to success and cost."""
    base: float = 0.6
    primary: Primary = field(default_factory=lambda: Primary(condition="distilled", margin=0.1))
    infrastructure: float = 0.0
    unpriced: float = 0.0
    missing: float = 0.0
    odd: bool = False
    simulated: bool = False
    spent: str | None = "0.75"
    budget: str | None = None
    draw: int = 1

    def results(self) -> Results:
        """Its lines."""
        random = Random(self.draw)  # noqa: S311 - draws, not secrets
        opening = self._opening()
        lines: list[Done] = []
        for task in opening.tasks:
            hard, dear = random.random(), Decimal(str(round(0.02 * random.lognormvariate(0, 0.8), 6)))
            for seed in self.seeds:
                for name in opening.conditions:
                    lines += self._run(random, name, task.id, seed, hard, dear)
        return Results(opening, tuple(lines))

    def _opening(self) -> Opening:
        names = [ODD[n] if self.odd and n < len(ODD) else f"task-{n:03}" for n in range(self.tasks)]
        told = {"base": Told(digest="0" * 64)}
        told |= {name: Told(rules=tuple(self._ids()), digest="1" * 64) for name in self.conditions}
        for name, (role, _, _) in self.rules.items():
            beside = "distilled" if role == "leave-one-out" else None
            told[name] = Told.model_validate(
                {"role": role, "rule": "r-" + name[-8:], "beside": beside, "digest": "2" * 64}
            )
        plan = Plan(
            evaluation=1,
            tasks=TaskChoice(set="python:tests:tasks"),
            agent=AgentChoice(framework="langchain", factory="python:tests:agent"),
            conditions={name: Condition() for name in ("base", *self.conditions)},
            baseline="base",
            seeds=self.seeds,
            primary=self.primary,
            budget=None if self.budget is None else Decimal(self.budget),
        )
        return Opening(
            fingerprint="f" * 64,
            plan=plan,
            tasks=tuple(TaskTold(id=name) for name in names),
            left_out=(LeftOut(id="broken <1>", why="fails its own gold"),) if self.odd else (),
            floor=Floor(passed=1, of=self.tasks + 1, score=Decimal("0.25")),
            conditions=told,
            versions={"python": "3.11", "costcraft": "0.1.0"},
            simulated=self.simulated,
            spent=None if self.spent is None else Decimal(self.spent),
            at="2026-01-15T10:30:00Z",
        )

    def _ids(self) -> list[str]:
        return sorted({"r-" + name[-8:] for name in self.rules})

    def _run(self, random: Random, name: str, task: str, seed: int, hard: float, dear: Decimal) -> list[Done]:
        rate, times = self._effect(name)
        draws = [random.random() for _ in range(6)]
        cost = dear * Decimal(str(round(times * (0.8 + 0.4 * draws[0]), 4)))
        won = 0.7 * hard + 0.3 * draws[1] < rate
        if draws[2] < self.missing:
            return []
        told: dict[str, Any] = {"condition": name, "task": task, "seed": seed}
        lost = Done(**told, status="infrastructure", why="timeout after 60 s", usd_known=Decimal("0.001"), session="s")
        if draws[3] < self.infrastructure:
            return (
                [lost, lost.model_copy(update={"attempt": 2})]
                if draws[4] < 0.5
                else [lost, self._done(told, won, cost, 2)]
            )
        return [self._done(told, won, None if draws[5] < self.unpriced else cost, 1)]

    def _effect(self, name: str) -> tuple[float, float]:
        if name in self.rules:
            role, success, cost = self.rules[name]
            full = self.conditions["distilled"]
            return (full[0] - success, full[1] / cost) if role == "leave-one-out" else (self.base + success, cost)
        return self.conditions.get(name, (self.base, 1.0))

    def _done(self, told: dict[str, Any], won: bool, cost: Decimal | None, attempt: int) -> Done:
        return Done(
            **told,
            attempt=attempt,
            status="graded",
            success=won,
            score=Decimal(won),
            checks=(CheckTold(name="Sheet1!A1", passed=won, expected="<7>", got="<7>" if won else None),),
            usd=cost,
            usd_known=cost or Decimal("0.0005"),
            input_tokens=4000,
            output_tokens=300,
            llm_calls=6,
            tool_calls=8,
            seconds=1.5,
            session=f"{told['condition']}-{abs(hash_of(told['task']))}-{told['seed']}",
        )


def hash_of(name: str) -> int:
    """A number for a name, the same in every process."""
    return sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 10**8


RULES = {
    "distilled-without-r-aaaaaaa1": ("leave-one-out", 0.0, 0.6),
    "distilled-without-r-bbbbbbb2": ("leave-one-out", 0.25, 1.05),
    "distilled-without-r-ccccccc3": ("leave-one-out", 0.0, 1.0),
    "base+r-ddddddd4": ("one-in", -0.35, 0.9),
    "base+r-aaaaaaa1": ("one-in", 0.0, 0.65),
}


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """An evaluation, told by what differs from the usual one."""
    return World


@pytest.fixture(scope="session")
def whole() -> World:
    """An evaluation in which everything happens."""
    return World(
        tasks=36,
        seeds=(0, 1),
        conditions={"distilled": (0.75, 0.6), "ablation.no-gate": (0.45, 0.55), "plain": (0.6, 1.1)},
        rules=RULES,
        infrastructure=0.05,
        unpriced=0.03,
        missing=0.02,
        odd=True,
        simulated=True,
        budget="5",
    )


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """An output directory that holds these results; rules' texts in skills, where they are given."""

    def write(results: Results, name: str = "out") -> Path:
        out = tmp_path / name
        out.mkdir()
        (out / RESULTS_FILE).write_bytes(b"".join(map(line_of, (results.opening, *results.lines))))
        return out

    return write
