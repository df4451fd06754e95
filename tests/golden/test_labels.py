"""The machinery behind the labels: what is drawn, what a reader sees, how two readings become one."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.card.flags.registry import DEFAULT
from tests.golden.labels.draw import draw_flagged, draw_unflagged
from tests.golden.labels.merge import LabelInvalid, merge
from tests.golden.labels.populations import EPISODES
from tests.golden.labels.reading import sheet
from tests.golden.labels.score import (
    POPULATIONS,
    SCORES,
    Share,
    by_population,
    flags_now,
    read_file,
    record,
    scores,
)
from tests.golden.labels.units import ALL_KINDS, Unit, scenes, units

SEED = 58
"""A session of the clerk with a colleague, polls, and steps of several kinds of flags."""


def made(kind: str, count: int, population: str = "clerk") -> list[Unit]:
    return [
        Unit(id=f"{kind}-{population}-{n}", source=f"{population}/{n % 5}", step=n + 1, kind="tool", flags=(kind,))
        for n in range(count)
    ]


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Path]:
    """A folder as `draw` leaves it, with what two readers (and a third) said of each step."""

    def write(a: list[Any], b: list[Any], settled: list[Any] | None = None) -> Path:
        keys = [
            {
                "id": f"s{n}",
                "source": "clerk/1",
                "step": n,
                "unit": "tool",
                "stratum": "x",
                "weight": "3/2",
                "flags": [],
            }
            for n in range(len(a))
        ]
        sheets = [{"id": key["id"], "text": f"## {key['id']}\nthe secret text of the session"} for key in keys]
        files = {"key": keys, "sheets": sheets, "reader-A": a, "reader-B": b, "settled": settled}
        for name, lines in files.items():
            if lines is not None:
                (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return tmp_path

    return write


def said(n: int, waste: Any, kind: str | None = None, why: str = "for a reason") -> dict[str, Any]:
    return {"id": f"s{n}", "waste": waste, "kind": kind, "why": why}


def test_the_same_seed_gives_the_same_session_and_the_same_ids(tmp_path: Path) -> None:
    source = f"clerk/{SEED}"
    first, again = (
        [units(name, scene, named) for name, scene, named in scenes(tmp_path / place, {source})] for place in "ab"
    )
    assert first == again
    assert len({unit.id for unit in first[0]}) == len(first[0]) > 20
    assert {flag for unit in first[0] for flag in unit.flags} >= {"unused_subagent"}


def test_a_sheet_shows_the_step_and_nothing_of_what_the_flags_said(tmp_path: Path) -> None:
    for source, scene, named in scenes(tmp_path, {f"clerk/{SEED}"}):
        for unit in units(source, scene, named):
            text = sheet(unit, scene)
            assert text == sheet(replace(unit, flags=ALL_KINDS), scene)
            assert sum(line.startswith(">>") for line in text.splitlines()) == 1
            assert not any(word in text for word in (source, *ALL_KINDS))


def test_a_rare_kind_is_drawn_whole_and_real_sessions_come_first() -> None:
    found = [*made("bloat", 3), *made("duplicate", 90), *made("duplicate", 4, "airline"), *made("loop", 50)]
    chosen = draw_flagged(found, random.Random(1), wanted=60)
    assert chosen == draw_flagged(found, random.Random(1), wanted=60)
    kinds = [each.stratum for each in chosen]
    assert len(chosen) == 60
    assert kinds.count("bloat/clerk") == 3
    assert kinds.count("duplicate/airline") == 4
    assert {each.weight for each in chosen if each.stratum.endswith("airline")} == {1}


def test_unflagged_steps_come_from_the_sessions_of_the_flagged_ones() -> None:
    bare = [replace(unit, flags=()) for unit in made("x", 300)]
    flagged = draw_flagged(made("loop", 1), random.Random(1))
    chosen = draw_unflagged([*bare, *made("loop", 1)], flagged, random.Random(1))
    assert chosen
    assert {each.unit.source for each in chosen} == {"clerk/0"}
    assert sum(each.weight for each in chosen) == 300


def test_what_two_readers_agree_on_is_the_label(drawn: Callable[..., Path], tmp_path: Path) -> None:
    folder = drawn([said(0, True, "loop"), said(1, False)], [said(0, True, "loop", "otherwise said"), said(1, False)])
    told = merge(folder, tmp_path / "labels.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [row["label"]["waste"] for row in rows] == [True, False]
    assert "2 labels, 0 of them settled; kappa 1.00" in told
    assert "secret" not in (tmp_path / "labels.jsonl").read_text()


def test_what_they_differ_on_waits_for_a_third_reading(drawn: Callable[..., Path], tmp_path: Path) -> None:
    a, b = [said(0, True, "loop"), said(1, True, "unused")], [said(0, True, "duplicate"), said(1, True, "unused")]
    folder = drawn(a, b)
    assert "1 of 2" in merge(folder, tmp_path / "labels.jsonl")
    assert not (tmp_path / "labels.jsonl").exists()
    asked = (tmp_path / "settle.md").read_text()
    assert "## s0" in asked
    assert "## s1" not in asked
    drawn(a, b, [said(0, False, why="it was a check"), said(1, False, why="nobody asked")])
    merge(folder, tmp_path / "labels.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [row["label"]["waste"] for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (said(0, 1, "loop"), "waste: found 1"),
        (said(0, True, "slow"), "kind: found 'slow'"),
        (said(0, False, "loop"), "expected null"),
        (said(0, True, "loop", ""), "why: expected one line"),
        (said(0, True, "loop", "x" * 300), "at most 240"),
        ({"id": "s0"}, "expected an object"),
    ],
)
def test_a_reading_that_cannot_be_used_is_named_by_file_and_line(
    drawn: Callable[..., Path], tmp_path: Path, line: dict[str, Any], told: str
) -> None:
    with pytest.raises(LabelInvalid, match=rf"reader-B.jsonl:1: .*{told}"):
        merge(drawn([said(0, True, "loop")], [line]), tmp_path / "labels.jsonl")


def row(name: str, waste: Any, kind: str | None, weight: str = "1") -> dict[str, Any]:
    label = {"waste": waste, "kind": kind}
    return {"id": name, "source": "clerk/1", "weight": weight, "a": label, "b": label, "label": label}


def test_precision_leaves_out_the_unsure_and_recall_weighs_steps() -> None:
    labels = [row("a", True, "loop"), row("b", "unsure", None), row("c", True, "loop", "3"), row("d", False, None)]
    flags = {"a": ("loop",), "b": ("loop",), "c": (), "d": ("loop",), "gone": ()}
    found = {score.kind: score for score in scores(labels, flags)}["loop"]
    assert (found.precision.point, found.unsure, found.same_kind, found.waste) == (0.5, 1, 1, 2)
    assert found.recall.point == pytest.approx(0.25)
    assert {score.kind: score for score in scores(labels, flags)}["bloat"].precision.point is None


@pytest.mark.parametrize(
    ("flag", "label", "right", "recalled"),
    [
        ("duplicate", "loop", 1, 1),
        ("loop", "near_duplicate", 1, 1),
        ("cache_break", "idle_turn", 1, 0),
        ("idle_turn", "cache_break", 0, 0),
        ("unused", "duplicate", 0, 0),
    ],
)
def test_a_flag_is_right_where_the_label_names_the_same_needless_step(
    flag: str, label: str, right: int, recalled: int
) -> None:
    found = {score.kind: score for score in scores([row("a", True, label)], {"a": (flag,)})}
    assert found[flag].precision.hits == right
    assert found[label].recall.point == recalled


@given(of=st.integers(1, 500), part=st.floats(0, 1))
def test_an_interval_holds_its_share_and_stays_between_nothing_and_all(of: int, part: float) -> None:
    share = Share(hits=round(of * part), of=of)
    low, high = share.interval
    assert 0 <= low <= (share.point or 0) + 1e-9
    assert (share.point or 0) - 1e-9 <= high <= 1
    assert high - low < 1


def test_every_kind_that_is_on_is_right_nine_times_in_ten() -> None:
    both = json.loads(SCORES.read_text())["both"]
    assert both.keys() <= set(ALL_KINDS)
    assert not [
        (kind, told) for kind, told in both.items() if kind in DEFAULT and told["right"] < 0.9 * told["flagged"]
    ]


def test_the_scores_are_of_the_labels() -> None:
    told, labels = json.loads(SCORES.read_text()), read_file()
    assert told["readings"] == record(labels, {})["readings"]
    for kind in told["both"]:
        parts = [told[name][kind] for name in ("recorded", "simulated") if kind in told[name]]
        for count in ("flagged", "right", "same_kind", "unsure", "waste"):
            assert sum(part[count] for part in parts) == told["both"][kind][count]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["recorded", "simulated"])
def test_the_scores_are_what_the_flags_say_now(name: str, tmp_path: Path) -> None:
    if name == "recorded" and not EPISODES.is_file():
        pytest.skip(f"{EPISODES} is not there")
    labels = [label for label in read_file() if POPULATIONS[name](label["source"])]
    flags = flags_now(labels, tmp_path)
    assert len(flags) == len(labels)
    found = by_population(labels, flags, name)
    assert found == json.loads(SCORES.read_text())[name], "run `python -m tests.golden.labels.score --write`"
