"""The promotion gate: what passes, what does not, and with which figures it says so."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.promotion import Judgement, judge
from costcraft.evaluate.promotion.judging import judged
from costcraft.evaluate.results import Results, read_results
from costcraft.evaluate.statistics import Run

Evaluated = Callable[..., Path]
CHEAPER = {"base": "0.02", "full": "0.01"}


def judgement(out: Path, condition: str | None = None) -> Judgement:
    return judge(read_results(out), condition)


def test_as_good_and_cheaper_passes(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "+", "full": "+"}, CHEAPER))
    assert (found.passes, found.failed, found.wanted) == (True, (), 15)
    assert found.says().startswith("full beside base: passes\n")
    assert "Not inferior" in found.says()


def test_as_good_and_as_dear_passes_for_it_is_not_dearer(evaluated: Evaluated) -> None:
    assert judgement(evaluated({"base": "+", "full": "+"})).passes


def test_worse_does_not_pass_however_cheap_it_is(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "+", "full": "----------+"}, {"base": "1", "full": "0.01"}))
    assert not found.passes
    assert [each.partition(":")[0] for each in found.failed] == ["quality"]
    assert "Inferior" in found.failed[0]


def test_what_is_not_shown_does_not_pass(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "+", "full": "--+"}, CHEAPER))
    assert "Not shown" in found.failed[0]


def test_dearer_does_not_pass_however_good_it_is(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "-", "full": "+"}, {"base": "0.01", "full": "0.02"}))
    assert found.failed[0].startswith("cost: not shown: the whole bill is 2")
    assert len(found.failed) == 1


def test_the_plan_says_how_much_dearer_is_accepted(evaluated: Evaluated) -> None:
    dear = {"base": "0.0100", "full": "0.0104"}
    primary = {"condition": "full", "margin": 0.3, "dearer": 0.05}
    assert not judgement(evaluated({"base": "+", "full": "+"}, dear)).passes
    assert judgement(evaluated({"base": "+", "full": "+"}, dear, primary=primary)).passes


@pytest.mark.parametrize(
    ("marks", "count", "why", "named"),
    [
        ("  +", 2, "not run yet; run the same `costcraft eval` again", "t-0, seed 0, t-1, seed 0"),
        ("!!!!+", 4, "cut short by infrastructure", "t-0, seed 0, t-1, seed 0, t-2, seed 0 and 1 more"),
    ],
)
def test_runs_that_are_missing_are_told_and_nothing_passes_without_them(
    marks: str, count: int, why: str, named: str, evaluated: Evaluated
) -> None:
    found = judgement(evaluated({"base": "+", "full": marks}, CHEAPER))
    (words,) = found.missing
    assert words.startswith(f"{count} of 15 runs of full {why}")
    assert words.endswith(f"({named})")
    assert found.failed == (f"the evaluation is not complete: {words}",)


def test_an_evaluation_of_one_side_alone_compares_nothing(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "+"}))
    assert not found.passes
    assert any("no pair of runs" in each for each in found.failed)


def test_where_every_run_is_known_to_cost_nothing_the_bill_is_no_dearer(evaluated: Evaluated) -> None:
    runs = {"base": "+", "full": "+"}
    assert judge(read_results(evaluated(runs, {"base": "0", "full": "0"}))).passes
    assert not judge(read_results(evaluated(runs, {"base": "0", "full": "0.01"}))).passes


def test_a_bill_that_is_not_known_is_not_shown_to_be_no_dearer(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "+", "full": "+"}, {"base": "0.01", "full": None}))
    assert found.failed == ("Cost cannot be compared: no pair of runs is priced on both sides (15 unpriced).",)


def test_one_unpriced_pair_is_enough_for_the_bill_not_to_be_known(planned: Callable[..., Plan]) -> None:
    runs = [Run(task=f"{n}", success=True, usd=Decimal("0.01")) for n in range(15)]
    some = [*runs[:-1], Run(task="14", success=True, usd=None)]
    assert judged(planned(), "full", (runs, runs), wanted=15).passes
    found = judged(planned(), "full", (runs, some), wanted=15)
    assert found.failed == ("cost: no price is known for 1 of 15 pairs of runs; name prices in the plan (`prices`)",)


def test_of_a_scripted_model_every_verdict_says_simulated(evaluated: Evaluated) -> None:
    found = judgement(evaluated({"base": "+", "full": "+"}, simulated=True))
    assert found.says().startswith("full beside base (simulated): passes")


def test_there_must_be_such_a_condition_beside_the_baseline(evaluated: Evaluated) -> None:
    out = evaluated({"base": "+", "full": "+"})
    for name in ("base", "other"):
        with pytest.raises(ResultsInvalid, match=f"no condition '{name}' to promote; beside the baseline there are: f"):
            judgement(out, name)


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_in_which_runs_ended_changes_nothing(data: st.DataObject, evaluated: Evaluated) -> None:
    marks = st.text("+- !", min_size=15, max_size=15)
    runs = {"base": data.draw(marks), "full": data.draw(marks)}
    results = read_results(evaluated(runs, CHEAPER))
    shuffled = Results(results.opening, tuple(data.draw(st.permutations(results.lines))))
    assert judge(results) == judge(shuffled)
