"""From the lines of a study to its figures."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from examples.planted.study.comparing import Beside, compared
from examples.planted.study.figures import figures
from examples.planted.study.shares import share
from examples.planted.study.sitting import Sitting, add_sitting, read_sittings
from hypothesis import given
from hypothesis import strategies as st

Make = Callable[..., list[Sitting]]


def test_counts_of_flags_are_those_of_the_steps(sittings: Make) -> None:
    told = figures(sittings(8))["frameworks"]["langchain"]["flags"]
    assert (told["steps"], told["waste"]) == (48, 32)
    assert told["kinds"]["duplicate"]["precision"]["rate"] == 1
    assert told["kinds"]["unused"]["precision"]["rate"] == 0
    assert (told["precision"]["right"], told["precision"]["of"]) == (16, 22), (
        "seeds 0, 3 and 6 flag a needed call, twice"
    )
    assert (told["recall"]["right"], told["recall"]["of"]) == (16, 32)


def test_arms_are_compared_with_the_seed_as_the_unit(sittings: Make) -> None:
    arm = figures(sittings(8))["arms"]["both"]["full"]["compared"]
    assert (arm["units"], arm["runs"]) == (8, 160)
    assert arm["difference"]["value"] == pytest.approx(0.3)
    assert (arm["recoveries"], arm["regressions"]) == (48, 0)
    assert arm["total"]["value"] == pytest.approx(0.6)
    assert arm["difference"]["low"] < arm["by_task"]["low"], "tasks of one seed are no strangers"
    assert arm["verdict"] == "superior"


def test_a_worse_and_dearer_arm_is_told_as_such(sittings: Make) -> None:
    arm = figures(sittings(8, better=-3, dearer="0.2"))["arms"]["ledger"]["full"]["compared"]
    assert arm["verdict"] == "inferior"
    assert arm["total"]["value"] == pytest.approx(2)


def test_arms_that_wrote_the_same_skills_are_told_as_one(sittings: Make) -> None:
    def beside(sitting: Sitting, digest: str) -> Sitting:
        places = {
            name: place.model_copy(
                update={"arms": {**place.arms, "rules": place.arms["full"].model_copy(update={"digest": digest})}}
            )
            for name, place in sitting.places.items()
        }
        return sitting.model_copy(update={"places": places})

    first, *others = [beside(each, "new") for each in sittings(3)]
    assert figures([first, *others])["arms"]["both"]["rules"]["like_full"]
    assert not figures([beside(first, "base"), *others])["arms"]["both"]["rules"]["like_full"]


def test_needless_calls_that_are_gone_are_a_share_of_those_the_base_agent_makes(sittings: Make) -> None:
    gone = figures(sittings(8))["arms"]["both"]["full"]["waste_gone"]
    assert (gone["right"], gone["of"]) == (80, 128)


def test_rules_are_told_alone_at_home_and_abroad(sittings: Make) -> None:
    rows = {(row["domain"], row["id"]): row for row in figures(sittings(8))["rules"]}
    prune = rows["ledger", "r-00000001"]
    assert prune["home"]["recoveries"] == prune["abroad"]["recoveries"] == 24
    assert prune["named_needed"] == 4
    assert prune["written"] == {"full": 8}
    assert rows["stock", "r-00000002"]["home"] is None, "it was not run alone"


def test_replay_and_flow_are_told_with_what_each_approved_wrongly(sittings: Make) -> None:
    told = figures(sittings(8))["replays"]
    assert told["tests"]["replay"]["precision"]["rate"] == pytest.approx(4 / 6)
    assert told["tests"]["replay"]["wrong"] == {"late-use": 32}
    assert told["tests"]["both"]["precision"]["rate"] == 1


def test_figures_do_not_depend_on_the_order_of_lines(sittings: Make) -> None:
    lines = sittings(6)
    assert json.dumps(figures(lines)) == json.dumps(figures(lines[::-1]))


def test_a_file_that_was_cut_off_is_read_as_far_as_it_is_whole(sittings: Make, tmp_path: Path) -> None:
    file = tmp_path / "sittings.jsonl"
    first, second, third = sittings(3)
    add_sitting(file, second)
    add_sitting(file, first)
    file.write_bytes(file.read_bytes()[:-40])
    assert read_sittings(file) == [second]
    add_sitting(file, third)
    assert read_sittings(file) == [second, third]


def test_no_study_gives_no_lines(tmp_path: Path) -> None:
    assert read_sittings(tmp_path / "none.jsonl") == []


counts = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: (min(pair), max(pair))), max_size=12
)


@given(counts)
def test_a_share_lies_in_its_interval_and_between_none_and_all(rows: Sequence[tuple[int, int]]) -> None:
    found = share(rows)
    assert (found.right, found.of) == (sum(a for a, _ in rows), sum(b for _, b in rows))
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.high <= 1
        assert found.how in {"bootstrap", "wilson"}
    if found.how == "wilson":
        assert (found.low or 0) <= (found.rate or 0) <= (found.high or 0)


def test_where_all_seeds_agree_they_count_once_each() -> None:
    assert share([(100, 100)] * 20).low == pytest.approx(0.8389, abs=1e-4)
    assert share([(0, 100)] * 20).high == pytest.approx(0.1611, abs=1e-4)


def test_nothing_to_compare_is_no_figure() -> None:
    assert compared([]) is None
    assert compared([Beside("1", [], [])]) is None
