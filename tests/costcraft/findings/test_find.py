"""What the runs of an evaluation show."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costcraft.evaluate.findings import find
from costcraft.evaluate.plan import Primary
from costcraft.evaluate.results import Results
from costcraft.evaluate.statistics import NotComparable, cost, non_inferiority, paired, quality
from costcraft.evaluate.statistics.cost import Cost
from costcraft.evaluate.statistics.power import Needed
from costcraft.evaluate.statistics.quality import Quality

Make = Callable[..., Any]


def test_the_primary_endpoint_is_answered_by_the_statistics_of_its_pairs(world: Make) -> None:
    results = world().results()
    pairs = paired(results.runs("base"), results.runs("distilled"))
    found = find(results)
    rates = quality(pairs)
    assert isinstance(rates, Quality)
    assert found.main is not None
    assert found.main.quality == rates
    assert found.main.cost == cost(pairs, seed=0)
    assert found.main.margin == non_inferiority(rates, 0.1)
    assert found.primary.answer == "yes"
    assert found.primary.why == non_inferiority(rates, 0.1).says()


def test_a_skill_that_fails_more_often_gets_a_no(world: Make) -> None:
    found = find(world(tasks=80, base=0.9, conditions={"distilled": (0.3, 0.5)}).results())
    assert found.primary.answer == "no"
    assert found.primary.why.startswith("Inferior")


def test_few_tasks_show_nothing_and_say_how_many_would(world: Make) -> None:
    found = find(world(tasks=8, conditions={"distilled": (0.6, 0.9)}).results())
    assert found.primary.answer == "not shown"
    assert not isinstance(found.outlook, NotComparable)
    assert isinstance(found.outlook.margin, Needed)
    assert found.outlook.margin.tasks is not None
    assert found.outlook.margin.tasks > 8


def test_a_primary_endpoint_of_cost_is_answered_by_the_bill(world: Make) -> None:
    asked = Primary(endpoint="cost", condition="distilled", margin=0.1)
    assert find(world(primary=asked).results()).primary.answer == "yes"
    dearer = world(primary=asked, conditions={"distilled": (0.6, 1.5)})
    assert find(dearer.results()).primary.answer == "no"
    slightly = Primary(endpoint="cost", condition="distilled", margin=0.1, dearer=0.9)
    assert find(world(primary=slightly, conditions={"distilled": (0.6, 1.5)}).results()).primary.answer == "yes"
    same = world(tasks=10, primary=asked, conditions={"distilled": (0.6, 1.0)})
    assert find(same.results()).primary.answer == "not shown"


def test_only_the_declared_p_value_stands_unadjusted(world: Make) -> None:
    found = find(
        world(conditions={"distilled": (0.7, 0.9), "a": (0.5, 0.9), "b": (0.5, 1.0), "c": (0.4, 0.8)}).results()
    )
    for each in found.comparisons:
        assert isinstance(each.quality, Quality)
        assert isinstance(each.cost, Cost)
        assert each.quality_p is not None
        assert each.cost_p is not None
        assert (each.quality_p == each.quality.p) or each.condition != "distilled"
        assert each.quality_p >= each.quality.p
        assert each.cost_p >= each.cost.p
    least = min(found.comparisons, key=lambda each: each.cost_p or 0)
    assert least.cost_p is not None
    assert isinstance(least.cost, Cost)
    assert least.cost_p == min(1.0, 4 * least.cost.p)  # all four costs are asked beside the primary endpoint


def test_a_rule_is_judged_with_it_beside_without_it(world: Make, whole: Any) -> None:
    results = whole.results()
    found = find(results, {"r-ddddddd4": "Never look twice."})
    by_condition = {each.condition: each for each in found.rules}
    left = by_condition["distilled-without-r-bbbbbbb2"]
    assert left.quality == quality(paired(results.runs("distilled-without-r-bbbbbbb2"), results.runs("distilled")))
    assert left.beside == "distilled"
    assert left.verdict == "earns"
    assert left.shown == ("more success",)
    put = by_condition["base+r-ddddddd4"]
    assert put.cost == cost(paired(results.runs("base"), results.runs("base+r-ddddddd4")), seed=0)
    assert put.beside == "base"
    assert put.verdict == "harms"
    assert put.text == "Never look twice."
    assert found.harmful == [put]
    assert by_condition["distilled-without-r-ccccccc3"].verdict == "not told"
    assert by_condition["distilled-without-r-aaaaaaa1"].shown == ("cheaper",)


def test_a_dear_rule_harms_where_a_gain_is_excluded_and_earns_where_one_is_shown(world: Make) -> None:
    rules = {"base+r-00000001": ("one-in", 0.0, 1.5), "base+r-00000002": ("one-in", 0.4, 1.5)}
    found = find(world(tasks=60, base=0.5, rules=rules, primary=Primary(condition="distilled", margin=0.3)).results())
    assert [each.verdict for each in found.rules] == ["harms", "earns"]
    assert found.rules[1].shown == ("more success", "dearer")


def test_a_dear_rule_that_may_be_worth_it_is_not_called_harmful(world: Make) -> None:
    told = find(world(tasks=9, base=0.4, rules={"base+r-00000002": ("one-in", 0.2, 1.6)}).results()).rules[0]
    assert isinstance(told.quality, Quality)
    assert told.quality.recoveries > told.quality.regressions
    assert told.shown == ("dearer",)
    assert told.verdict == "not told"


def test_a_cheap_rule_that_may_cost_success_is_not_said_to_earn(world: Make) -> None:
    told = find(world(tasks=9, base=0.6, rules={"base+r-00000002": ("one-in", -0.2, 0.6)}).results()).rules[0]
    assert isinstance(told.quality, Quality)
    assert told.quality.regressions > told.quality.recoveries
    assert told.shown == ("cheaper",)
    assert told.verdict == "not told"


def test_a_cheap_rule_earns_where_a_drop_is_excluded(world: Make) -> None:
    primary = Primary(condition="distilled", margin=0.3)
    told = find(world(tasks=60, rules={"base+r-00000002": ("one-in", 0.0, 0.6)}, primary=primary).results()).rules[0]
    assert (told.shown, told.verdict) == (("cheaper",), "earns")


def test_a_bill_of_which_a_price_is_not_known_is_not_shown_to_be_no_dearer(world: Make) -> None:
    primary = Primary(condition="distilled", margin=0.1, endpoint="cost")
    assert find(world(primary=primary).results()).primary.answer == "yes"
    found = find(world(primary=primary, unpriced=0.3).results())
    assert isinstance(found.comparisons[0].cost, Cost)
    left = found.comparisons[0].cost.unpriced
    assert found.primary.answer == "not shown"
    assert found.primary.why.startswith(f"For {left} of 30 pairs no price is known. The bill is ")


def test_where_every_run_is_known_to_cost_nothing_no_bill_has_grown(world: Make) -> None:
    primary = Primary(condition="distilled", margin=0.1, endpoint="cost")
    results = world(primary=primary).results()
    free = [done.model_copy(update={"usd": Decimal(0), "usd_known": Decimal(0)}) for done in results.lines]
    assert find(Results(results.opening, tuple(free))).primary.answer == "yes"
    free[0] = free[0].model_copy(update={"usd": None})
    assert find(Results(results.opening, tuple(free))).primary.answer == "not shown"


def test_infrastructure_is_its_own_category_and_never_a_failure(world: Make) -> None:
    results = world(infrastructure=0.3).results()
    found = find(results)
    lost = {each.name: each.cut_short for each in found.conditions}
    assert lost["base"] > 0
    for each in found.conditions:
        assert each.graded + each.cut_short == each.wanted == 30
        assert each.successes == sum(run.success is True for run in results.runs(each.name))
        assert each.troubled >= each.cut_short
    assert sum(each.lost for each in found.cut_short) == sum(lost.values())
    assert found.unfinished is None
    assert found.main is not None
    assert isinstance(found.main.quality, Quality)
    assert found.main.quality.pairs < 30


def test_what_is_missing_is_counted_and_said_first(world: Make) -> None:
    found = find(world(missing=0.2, budget="1").results())
    assert found.unfinished is not None
    there = sum(each.graded for each in found.conditions)
    assert found.unfinished.missing == 60 - there
    assert found.unfinished.says().startswith(f"Not finished: {60 - there} of 60 runs are missing.")
    assert "budget of $1.0000" in found.unfinished.says()


def test_unpriced_is_counted_and_in_no_mean(world: Make) -> None:
    found = find(world(unpriced=1.0).results())
    assert isinstance(found.comparisons[0].cost, NotComparable)
    assert all(each.usd_per_run.value is None and each.unpriced == 30 for each in found.conditions)
    assert found.money.unpriced == 60
    assert found.comparisons[0].per_run is None
    assert all(each.base_usd is None for each in found.comparisons[0].tasks)


def test_without_any_run_there_is_no_answer_and_no_error(world: Make) -> None:
    found = find(world(missing=1.0).results())
    assert found.primary.answer == "no answer"
    assert isinstance(found.outlook, NotComparable)
    assert found.unfinished is not None
    assert found.unfinished.missing == found.unfinished.wanted


def test_all_money_is_told_where_it_went(whole: Any) -> None:
    results = whole.results()
    money = find(results).money
    assert money.usd == sum((done.usd_known for done in results.lines), Decimal(0))
    assert money.usd == money.runs + money.rule_runs
    assert 0 < money.cut_short < money.usd


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 50))
def test_findings_do_not_depend_on_the_order_of_lines(world: Make, seed: int, draw: int) -> None:
    results = world(tasks=9, seeds=(0, 1), infrastructure=0.2, unpriced=0.1, missing=0.1, draw=draw).results()
    lines = list(results.lines)
    Random(seed).shuffle(lines)  # noqa: S311 - an order, no secret
    assert find(Results(results.opening, tuple(lines))) == find(results)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 50))
def test_swapping_the_conditions_mirrors_what_is_found(world: Make, draw: int) -> None:
    results = world(tasks=12, missing=0.1, draw=draw).results()
    names = {"base": "distilled", "distilled": "base"}
    mirrored = tuple(done.model_copy(update={"condition": names[done.condition]}) for done in results.lines)
    one, other = find(results).comparisons[0], find(Results(results.opening, mirrored)).comparisons[0]
    assert isinstance(one.quality, Quality)
    assert isinstance(other.quality, Quality)
    assert (one.quality.recoveries, one.quality.regressions) == (other.quality.regressions, other.quality.recoveries)
    assert one.quality.p == other.quality.p
    opposite = {"recovered": "regressed", "regressed": "recovered"}
    assert [each.regime for each in other.tasks] == [opposite.get(each.regime, each.regime) for each in one.tasks]
    assert [each.new_usd for each in other.tasks] == [each.base_usd for each in one.tasks]
