"""Figures as every report writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcraft.evaluate.findings.words import counted, percent, places_of, usd, usd_change, usd_to
from costcraft.evaluate.statistics.interval import Estimate


def test_a_change_in_usd_has_a_sign_and_as_many_places_as_its_largest_figure_needs() -> None:
    assert usd_change(Estimate(value=-0.0118, low=-0.0206, high=-0.009)) == "-$0.0118 (-$0.0206 to -$0.0090)"
    assert usd_change(Estimate(value=1e-7, low=-2e-6, high=3e-6)) == "+$0.00000010 (-$0.00000200 to +$0.00000300)"
    assert usd_change(Estimate(value=12.5, low=None, high=None)) == "+$12.50 (no interval)"
    assert usd_change(Estimate(value=0.0, low=0.0, high=0.0)) == "$0.00 ($0.00 to $0.00)"
    assert usd_change(None) == "not known"


def test_what_is_not_known_is_never_a_0() -> None:
    assert usd(None) == "unpriced"
    assert percent(0, 0) == "-"


def test_what_is_there_is_not_written_as_0() -> None:
    assert usd_to(Decimal("0.000002"), 5) == "< $0.00001"
    assert usd_to(Decimal(0), 5) == "$0.00000"
    assert usd_to(Decimal("0.12"), 2) == "$0.12"


def test_counts_agree_with_their_noun() -> None:
    assert [counted(1, "run"), counted(2_000, "run"), counted(0, "run")] == ["1 run", "2,000 runs", "0 runs"]


@given(st.floats(1e-9, 1e6))
def test_three_figures_of_the_largest_amount_are_shown(amount: float) -> None:
    assert float(f"{amount:.{places_of(amount, -amount / 7)}f}") == pytest.approx(amount, rel=0.0051)
