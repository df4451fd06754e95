"""The lines of an evaluation: what is written is read back, and what is damaged is told."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.plan import RUNNING, Plan, fingerprint
from costcraft.evaluate.results import RESULTS_FILE, CheckTold, Done, Opening, TaskTold, Told, line_of, read_results

PLAN = Plan.model_validate(
    {
        "evaluation": 1,
        "tasks": {"set": "sheets"},
        "agent": {"framework": "langchain", "factory": "python:a:b"},
        "conditions": {"base": {"skills": ["a"]}, "new": {"distilled": "patches"}},
        "baseline": "base",
        "seeds": [1, 2],
        "primary": {"condition": "new", "margin": 0.05},
    }
)
OPENING = Opening(
    fingerprint=fingerprint(PLAN, {"base": "x", "new": "y"}),
    plan=PLAN,
    tasks=(TaskTold(id="t-1"), TaskTold(id="t-2")),
    conditions={"base": Told(digest="x"), "new": Told(digest="y", beside="base")},
    at="2026-01-01T00:00:00Z",
)

amounts = st.decimals(min_value=0, max_value=1000, allow_nan=False, places=9)
dones = st.builds(
    Done,
    condition=st.sampled_from(["base", "new"]),
    task=st.text(min_size=1),
    seed=st.integers(0, 5),
    status=st.sampled_from(["graded", "infrastructure"]),
    why=st.none() | st.text(),
    success=st.none() | st.booleans(),
    score=st.none() | amounts,
    usd=st.none() | amounts,
    usd_known=amounts,
    seconds=st.floats(0, 1e6),
    checks=st.lists(st.builds(CheckTold, name=st.text(), passed=st.booleans(), got=st.none() | st.text())).map(tuple),
)


def _done(condition: str, task: str = "t-1", seed: int = 1, **told: object) -> Done:
    return Done.model_validate({"condition": condition, "task": task, "seed": seed, "status": "graded", **told})


@settings(max_examples=50)
@given(lines=st.lists(dones, max_size=5))
def test_what_is_written_is_read_back_to_the_last_digit(
    lines: list[Done], tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("out")
    (out / RESULTS_FILE).write_bytes(b"".join(map(line_of, [OPENING, *lines])))
    read = read_results(out)
    assert read.opening == OPENING
    assert list(read.lines) == lines
    assert read.usd == sum((line.usd_known for line in lines), Decimal(0))


def test_what_a_check_expected_and_got_keeps_its_kind(tmp_path: Path) -> None:
    check = CheckTold(name="B5", passed=False, expected=77.2, got="77.2")
    (tmp_path / RESULTS_FILE).write_bytes(line_of(OPENING) + line_of(_done("base", checks=[check.model_dump()])))
    read = read_results(tmp_path).lines[0].checks[0]
    assert (type(read.expected), read.expected, read.got) == (float, 77.2, "77.2")


def test_every_torn_last_line_is_left_out_and_nothing_before_it(tmp_path: Path) -> None:
    whole, last = line_of(OPENING) + line_of(_done("base")), line_of(_done("new"))
    for kept in range(len(last)):
        (tmp_path / RESULTS_FILE).write_bytes(whole + last[:kept])
        assert [done.condition for done in read_results(tmp_path).lines] == ["base"]


def test_a_run_that_infrastructure_cut_short_is_no_run_of_the_statistics(tmp_path: Path) -> None:
    cut = _done("base", status="infrastructure", why="429")
    again = _done("base", attempt=2, success=True, usd=Decimal("0.01"))
    other = _done("new", status="infrastructure", why="refused")
    (tmp_path / RESULTS_FILE).write_bytes(b"".join(map(line_of, [OPENING, cut, again, other])))
    read = read_results(tmp_path)
    assert [(run.task, run.success) for run in read.runs("base")] == [("t-1", True)]
    assert read.runs("new") == []
    assert [done.key for done in read.cut_short] == [("new", "t-1", 1)]
    assert len(read.wanted) == 8


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is not the line that opens an evaluation"),
        (line_of(_done("base")), "1: is not the line that opens an evaluation"),
        (line_of(OPENING) * 2, "is opened twice"),
        (line_of(OPENING) + b"{]\n", "2: is no JSON"),
        (line_of(OPENING) + line_of(_done("base")).replace(b"graded", b"gone"), "run.status"),
        (line_of(OPENING) + b'{"kind":"other"}\n', "2: "),
    ],
)
def test_a_damaged_line_is_told_with_its_number(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / RESULTS_FILE).write_bytes(content)
    with pytest.raises(ResultsInvalid) as caught:
        read_results(tmp_path)
    assert expected in str(caught.value)
    assert RESULTS_FILE in str(caught.value)


def test_an_amount_below_zero_is_damage(tmp_path: Path) -> None:
    done = Done(condition="base", task="t-1", seed=1, status="graded", success=True, usd=Decimal("0.1"))
    line = line_of(done).replace(b'"usd":"0.1"', b'"usd":"-0.1"')
    (tmp_path / RESULTS_FILE).write_bytes(line_of(OPENING) + line)
    with pytest.raises(ResultsInvalid, match=r"results\.jsonl:2: run\.usd: Input should be greater than or equal to 0"):
        read_results(tmp_path)


def test_results_that_are_not_there_say_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(ResultsInvalid, match="name the --out directory"):
        read_results(tmp_path)


def test_a_plan_is_known_by_what_is_run_not_by_how() -> None:
    digests = {"base": "x", "new": "y"}
    known = fingerprint(PLAN, digests)
    how = {"budget": Decimal(5), "usd_per_run": Decimal(1), "concurrency": 8, "attempts": 1, "timeout": 9.0}
    how |= {"pause": 9.0}
    assert how.keys() == RUNNING
    assert fingerprint(PLAN.model_copy(update=how), digests) == known
    assert fingerprint(PLAN, {**digests, "new": "z"}) != known
    for name, value in {"seeds": (1,), "draws": 7, "confidence": 0.9}.items():
        assert fingerprint(PLAN.model_copy(update={name: value}), digests) != known
