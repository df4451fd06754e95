"""A project of a few lines: a framework with its adapter, tasks, agents and skills."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from costcraft.evaluate.harness import evaluate, read_plan
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.results import Results

SMALL = Path(__file__).parent / "small"


class Project:
    """Plans over the small project, and where their results go."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out = root / "out"
        self.notes = root / "notes.txt"
        self.small = SMALL

    def told(self, **changes: Any) -> dict[str, Any]:
        """The plan as plain data; a mapping is laid over the one that is there, None takes a field out."""
        plan: dict[str, Any] = {
            "evaluation": 1,
            "tasks": {"set": "python:small_tasks:Words", "limit": 2},
            "agent": {
                "framework": "small",
                "factory": "python:small_agents:build",
                "options": {"notes": str(self.notes)},
            },
            "conditions": {
                "plain": {"skills": [str(SMALL / "skills" / "plain")]},
                "better": {"skills": [str(SMALL / "skills" / "better")]},
            },
            "baseline": "plain",
            "primary": {"condition": "better", "margin": 0.1},
            "pause": 0,
        }
        return _laid_over(plan, changes)

    def plan(self, **changes: Any) -> Plan:
        """The plan."""
        return Plan.model_validate(self.told(**changes))

    def file(self, text: str | None = None, **changes: Any) -> Path:
        """A plan's file: that text, or the plan with these changes."""
        path = self.root / "plan.yaml"
        path.write_text(text if text is not None else yaml.safe_dump(self.told(**changes), sort_keys=False))
        return path

    def evaluate(self, **changes: Any) -> Results:
        """Run it."""
        return evaluate(self.plan(**changes), self.out)

    def agents(self, does: Mapping[str, str] | None = None, **options: Any) -> dict[str, Any]:
        """The `agent` section, with these options."""
        return {"options": {"notes": str(self.notes), "does": dict(does or {}), **options}}

    @property
    def ran(self) -> list[str]:
        """What agents wrote down: condition, task, seed."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []


def _laid_over(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(under)
    for name, value in over.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = _laid_over(found[name], value)
        else:
            found[name] = value
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The small project, importable."""
    monkeypatch.syspath_prepend(SMALL)
    return Project(tmp_path)


@pytest.fixture
def read() -> Callable[[Path], Plan]:
    """Reads a plan's file."""
    return read_plan
