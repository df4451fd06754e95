"""A study of one small seed, on LangChain, from end to end. Everything is simulated."""

import json
from pathlib import Path

import pytest
from examples.planted.study.arms import ARMS, CARRIED
from examples.planted.study.figures import figures
from examples.planted.study.seat import sit
from examples.planted.study.sitting import Sitting

TASKS = 10
CHOSEN = {name: ARMS[name] for name in ("full", "claimed", "interventional")}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sitting, Sitting]:
    """The same seed, run twice in different folders."""
    one, other = (sit("langchain", 3, TASKS, tmp_path_factory.mktemp("seat") / "work", CHOSEN) for _ in range(2))
    return one, other


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_same_seed_gives_the_same_line(twice: tuple[Sitting, Sitting]) -> None:
    one, other = (each.model_dump(mode="json", exclude={"cpu_seconds"}) for each in twice)
    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_arm_is_run_on_the_held_out_tasks_of_both_domains(twice: tuple[Sitting, Sitting]) -> None:
    for domain, place in twice[0].places.items():
        assert place.arms.keys() == {*CHOSEN, f"{CARRIED}both", f"{CARRIED}portable"}, domain
        held_out = {run.task for run in place.runs[place.base]}
        assert len(held_out) == twice[0].held_out == 4
        for arm in place.arms.values():
            assert {run.task for run in place.runs[arm.digest]} == held_out
        assert not held_out & {step.task for step in place.steps}, "what is held out was not learned from"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_arms_that_say_the_same_are_run_once_and_all_figures_come_out(twice: tuple[Sitting, Sitting]) -> None:
    place = twice[0].places["ledger"]
    digests = {arm.digest for arm in place.arms.values()} | {place.base}
    alone = {place.alone[rule.id] for rule in place.proposed if rule.kind != "prune"} | set(place.abroad.values())
    assert set(place.runs) == digests | alone
    told = figures([twice[0]])
    assert told["frameworks"]["langchain"]["sessions"] == 12
    assert told["arms"]["both"]["full"]["compared"]["runs"] == 8


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_work_is_cleared_away(tmp_path: Path) -> None:
    sit("langchain", 4, 8, tmp_path / "work", {"full": ARMS["full"]})
    assert not (tmp_path / "work").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_agents_did_under_the_same_words_may_be_taken_over(twice: tuple[Sitting, Sitting], tmp_path: Path) -> None:
    first = twice[0]
    again = sit("langchain", 3, TASKS, tmp_path / "work", CHOSEN, known=first)
    assert again.places == first.places
    assert (again.runs, again.taken) == (0, first.runs)
