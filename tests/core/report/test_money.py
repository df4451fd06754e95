from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.report import money


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("0.0214", "$0.0214"),
        ("0.02144", "$0.0214"),
        ("0.5", "$0.5000"),
        ("12.345", "$12.34"),
        ("12.355", "$12.36"),
        ("1234567.891", "$1\u202f234\u202f567.89"),
        ("0.00001234", "$0.000012"),
        ("0.000000999", "$0.0000010"),
        ("0.99999", "$1.00"),
        ("-0.0021", "-$0.0021"),
        ("1e-30", "$1.0e-30"),
        ("1e30", "$1.0e+30"),
        ("NaN", "$?"),
    ],
)
def test_usd_is_rounded_for_the_eye(amount: str, shown: str) -> None:
    assert money.usd(Decimal(amount)) == shown


def test_an_amount_that_is_not_known_is_not_zero() -> None:
    assert money.usd(None) == "unpriced"


@given(st.decimals(min_value="1e-40", max_value="1e20", allow_nan=False, allow_infinity=False))
def test_a_positive_amount_is_never_shown_as_nothing(amount: Decimal) -> None:
    shown = money.usd(amount)
    assert any(digit in shown for digit in "123456789"), shown


@given(st.decimals(min_value="1e-9", max_value="1e9", allow_nan=False, allow_infinity=False))
def test_what_is_shown_is_within_five_percent_of_the_amount(amount: Decimal) -> None:
    shown = Decimal(money.usd(amount).lstrip("$").replace(money.THIN, ""))
    assert abs(shown - amount) <= amount / 20


@pytest.mark.parametrize(
    ("count", "short"),
    [(None, "-"), (0, "0"), (812, "812"), (1000, "1.0k"), (48_211, "48.2k"), (99_949, "99.9k"), (99_950, "100k"),
     (999_600, "1.0M"), (3_100_000, "3.1M"), (10**12, "1000G")],
)  # fmt: skip
def test_tokens_have_a_short_form(count: int | None, short: str) -> None:
    assert money.tokens_short(count) == short


def test_tokens_have_thin_thousands() -> None:
    assert money.tokens(48_211) == "48\u202f211"
    assert money.tokens(None) == "-"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (-1.0, "-"), (0.0, "0 ms"), (0.038, "38 ms"), (0.9996, "1.0 s"), (41.2, "41.2 s"), (59.97, "1m 00s"),
     (187.0, "3m 07s"), (3599.7, "1h 00m"), (7500.0, "2h 05m"), (86_390.0, "1d 00h"), (273_600.0, "3d 04h")],
)  # fmt: skip
def test_a_duration_reads_as_one(value: float | None, shown: str) -> None:
    assert money.seconds(value) == shown


@pytest.mark.parametrize(
    ("part", "shown"), [(None, "-"), ("0", "0 %"), ("0.0004", "< 0.1 %"), ("0.004", "0.4 %"), ("0.356", "36 %")]
)
def test_a_share_is_a_percentage(part: str | None, shown: str) -> None:
    assert money.share(None if part is None else Decimal(part)) == shown


def test_a_moment_beyond_any_calendar_is_a_question_mark() -> None:
    assert money.moment(10**30, UTC) == "?"
    assert money.iso(10**30) is None


def test_a_moment_is_told_in_the_zone_asked_for() -> None:
    assert money.moment(1_772_373_600 * 10**9, UTC) == "2026-03-01 14:00:00"
    assert money.moment(1_772_373_600 * 10**9, UTC, short=True) == "03-01 14:00"
    assert money.iso(1_772_373_600 * 10**9 + 1_500) == "2026-03-01T14:00:00.000001+00:00"
