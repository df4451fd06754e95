"""Which calls are no longer made, and what the truth says of them."""

from pathlib import Path

import pytest
from examples.planted.study.labelling import Calls
from examples.planted.study.sitting import RunTold
from examples.planted.study.stand import Stand

SEED, TASKS = 3, 20


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand("langchain", "stock", SEED, TASKS, tmp_path)


def told(stand: Stand, rule: str) -> tuple[Path, ...]:
    """The base skill with one more line."""
    skill = stand.base[0] / "SKILL.md"
    skill.write_text(f"{skill.read_text(encoding='utf-8')}\n- {rule}\n", encoding="utf-8")
    return stand.base


def runs(stand: Stand, *, success: bool) -> list[RunTold]:
    return [RunTold(task=task.name, success=success, usd=0, llm_calls=1, tool_calls=1) for task in stand.of("evolve")]


def test_a_rule_against_reading_again_spares_only_what_should_be_done_in_no_run(stand: Stand) -> None:
    calls = Calls(stand, "evolve")
    skills = told(stand, "Never call a reading tool again with the same arguments when nothing was changed in between.")
    spared = calls.spared(skills)
    assert spared.keys() == {"removable"}
    assert 0 < spared["removable"] <= calls.waste()
    assert calls.lost(skills, runs(stand, success=True), runs(stand, success=False)) == {}


def test_a_rule_against_calls_that_are_almost_alike_loses_what_is_different_work(stand: Stand) -> None:
    calls = Calls(stand, "evolve")
    skills = told(stand, "Do not look up a second name or part that is almost alike: one call is enough.")
    lost = calls.lost(skills, runs(stand, success=True), runs(stand, success=False))
    assert lost["different-work"] > 0
    assert calls.lost(skills, runs(stand, success=True), runs(stand, success=True)) == {}, "no task fails for it"


def test_a_value_that_is_written_in_another_form_is_no_call_that_is_lost(stand: Stand) -> None:
    calls = Calls(stand, "evolve")
    skills = told(stand, "Write numbers as numbers, not as text.")
    assert calls.spared(skills) == {}
    assert calls.lost(skills, runs(stand, success=True), runs(stand, success=False)) == {}
