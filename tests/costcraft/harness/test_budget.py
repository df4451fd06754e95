"""A budget is kept unless a run is dearer than any before it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costcraft.evaluate.harness.budget import TRUSTED, Purse

usd = st.decimals(min_value="0.001", max_value=2, allow_nan=False, places=3)


def fits(purse: Purse, runs: int = 1, under_way: int = 0, *, single: bool = False, singles: int = 0) -> bool:
    return purse.fits(runs, under_way, single=single, singles_under_way=singles)


@given(limit=usd, expected=usd, costs=st.lists(usd, max_size=30), at_once=st.integers(1, 4))
def test_no_more_is_spent_than_the_budget_while_no_run_is_dearer_than_expected(limit, expected, costs, at_once) -> None:
    purse, under_way = Purse(limit, None, expected), []
    for cost in (min(cost, expected) for cost in costs):
        while under_way and (len(under_way) == at_once or not fits(purse, under_way=len(under_way))):
            purse.paid(under_way.pop(0), single=False, whole=False)
        if not fits(purse, under_way=len(under_way)):
            break
        under_way.append(cost)
    for cost in under_way:
        purse.paid(cost, single=False, whole=False)
    assert purse.spent <= limit


@given(limit=usd, costs=st.lists(usd, min_size=1, max_size=40))
def test_the_last_run_exceeds_it_by_no_more_than_it_is_dearer_than_all_before(limit, costs) -> None:
    purse = Purse(limit, None, None)
    for cost in costs:
        if not fits(purse):
            break
        before = purse.dearest
        purse.paid(cost, single=False, whole=True)
        assert purse.spent <= limit + max(Decimal(0), cost - before)


def test_without_any_knowledge_one_run_is_made_alone() -> None:
    purse = Purse(Decimal(1), None, None)
    assert fits(purse, runs=3)
    assert not fits(purse, under_way=1)
    purse.paid(Decimal("0.1"), single=False, whole=True)
    assert fits(purse, runs=3, under_way=6)
    assert not fits(purse, runs=3, under_way=7)


def test_what_was_expected_gives_way_to_what_was_seen() -> None:
    purse = Purse(Decimal(10), None, Decimal(1))
    for _ in range(TRUSTED - 1):
        purse.paid(Decimal("0.1"), single=False, whole=True)
        assert purse.reckoned == 1
    purse.paid(Decimal("0.2"), single=False, whole=True)
    assert purse.reckoned == Decimal("0.2")


def test_what_a_run_cost_that_was_cut_short_is_spent_and_the_next_may_cost_as_much() -> None:
    purse = Purse(Decimal(1), None, Decimal("0.1"))
    purse.paid(Decimal("0.4"), single=False, whole=False)
    assert (purse.spent, purse.seen, purse.reckoned) == (Decimal("0.4"), 0, Decimal("0.4"))
    assert fits(purse)
    assert not fits(purse, under_way=1)
    cheap = Purse(Decimal(1), None, Decimal("0.1"))
    cheap.paid(Decimal("0.05"), single=False, whole=False)
    assert cheap.reckoned == Decimal("0.1")


def test_no_more_is_exceeded_by_runs_that_time_out_than_by_others() -> None:
    purse = Purse(Decimal(9), None, None)
    purse.paid(Decimal("0.01"), single=False, whole=True)
    purse.paid(Decimal(5), single=False, whole=False)
    assert not fits(purse)


def test_runs_of_single_rules_have_a_budget_within_the_budget() -> None:
    purse = Purse(Decimal(10), Decimal("0.5"), Decimal("0.2"))
    purse.paid(Decimal("0.2"), single=True, whole=True)
    assert fits(purse, single=True)
    assert not fits(purse, single=True, under_way=3, singles=1)
    assert fits(purse, under_way=3, singles=1)
    purse.paid(Decimal("0.2"), single=True, whole=True)
    assert not fits(purse, single=True)
    assert fits(purse)


def test_no_limit_is_no_limit() -> None:
    assert fits(Purse(None, None, None), runs=100, under_way=100, single=True)
