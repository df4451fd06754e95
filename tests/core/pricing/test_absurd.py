"""Amounts and files that make no sense."""

from decimal import Decimal
from pathlib import Path

import pytest

from clawtrace_core.errors import SettingsInvalid
from clawtrace_core.model.event import Request
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing import Cost, PriceBook

NOON_NS = 1_790_000_000 * 10**9


@pytest.mark.parametrize("told", ["-1", "1e9", "1e308"])
def test_a_reported_cost_that_is_no_amount_is_said_and_not_charged(told: str) -> None:
    usage = Usage(input=1000, output=10)
    request = Request(model="gpt-5", provider="openai")
    plain = PriceBook().price(request=request, response=None, usage=usage, at_ns=NOON_NS)
    odd = Usage(input=1000, output=10, reported_usd=Decimal(told))
    cost = PriceBook().price(request=request, response=None, usage=odd, at_ns=NOON_NS)

    assert isinstance(plain, Cost)
    assert isinstance(cost, Cost)
    assert (cost.usd, cost.state) == (plain.usd, "computed")
    assert "no amount of USD" in cost.source


def test_a_reported_cost_of_nothing_is_nothing() -> None:
    usage = Usage(input=1000, output=10, reported_usd=Decimal(0))
    cost = PriceBook().price(request=Request(model="gpt-5"), response=None, usage=usage, at_ns=NOON_NS)

    assert isinstance(cost, Cost)
    assert (cost.usd, cost.state) == (Decimal(0), "reported")


def test_fewer_searches_than_none_do_not_make_a_call_cheaper() -> None:
    request = Request(model="gpt-5", provider="openai")
    costs = [
        PriceBook().price(
            request=request,
            response=None,
            usage=Usage(input=10, output=5, extra={"web_searches": searches}),
            at_ns=NOON_NS,
        )
        for searches in (0, -5)
    ]

    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    "text",
    [
        "prices:\n- {model: m, input: 1, from: 2026-99-99}",
        "prices:\n- {model: m, input: 1" + "0" * 5000 + "}",
        "prices: !!timestamp soon",
        "prices: !!int many",
        "[" * 5000,
    ],
)
def test_an_override_file_that_yaml_itself_stumbles_over_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsInvalid, match=r"prices\.yaml"):
        PriceBook.load(file)
