"""The page on planted truth shows what its study found, and says of every figure that it is simulated."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

LEAST_SEEDS = 20
LEAST_ELSEWHERE = 5


@pytest.fixture
def told(build: ModuleType) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(build.planted.FIGURES.read_text(encoding="utf-8"))
    return found


def test_the_study_has_the_seeds_that_the_page_speaks_of(told: dict[str, Any]) -> None:
    seeds = {name: len(each["seeds"]) for name, each in told["frameworks"].items()}
    assert seeds["langchain"] >= LEAST_SEEDS
    assert seeds.keys() == {"langchain", "llamaindex", "crewai"}
    assert min(seeds.values()) >= LEAST_ELSEWHERE


def test_every_table_and_picture_says_that_it_is_simulated(repo: Path) -> None:
    page = (repo / "docs" / "planted.md").read_text(encoding="utf-8")
    assert "**Every figure on this page is simulated.**" in page
    heads = re.findall(r"^(\|.*\|)\n\| ---", page, re.MULTILINE)
    assert len(heads) >= 8
    assert not [head for head in heads if "simulated" not in head]
    assert all("simulated" in label for label in re.findall(r"!\[(.*?)\]", page))


def test_the_page_shows_the_reading_of_every_arm(told: dict[str, Any], repo: Path) -> None:
    page = (repo / "docs" / "planted.md").read_text(encoding="utf-8")
    shown = [title for title in told["titles"].values() if f"| {title} |" in page]
    assert shown == list(told["titles"].values())


def test_no_load_bearing_step_was_pruned_by_the_rules_analyst(told: dict[str, Any]) -> None:
    arm = told["arms"]["both"]["rules"]
    assert arm["needed_lost"] == {}
    assert arm["rules"]["prune"]["harmful"] == 0
