import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def test_prices_name_every_kind_of_token_the_source_and_a_sample(run: Run) -> None:
    shown = run("prices", "gpt-4o", "--provider", "openai", "--on", "2025-06-01", "--cached", "4000")
    assert shown.exit_code == 0
    for part in ("openai/gpt-4o on 2025-06-01", "genai-prices", "cache_read", "per million tokens", "$10.00"):
        assert part in shown.stdout
    assert "a call of 10\u202f000 in (4\u202f000 from cache), 1\u202f000 out: $0.0300" in shown.stdout
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())


def test_prices_as_json_add_up(run: Run) -> None:
    told = json.loads(run("prices", "gpt-4o", "--json", "--input", "1000", "--output", "100").stdout)
    prices = {line["bucket"]: Decimal(line["usd"]) for line in told["prices"]}
    cost = {name: Decimal(usd) for name, usd in told["sample"]["cost"].items()}
    assert cost["usd"] == (prices["input"] * 1000 + prices["output"] * 100) / 10**6
    assert cost["usd"] == sum(part for name, part in cost.items() if name != "usd")
    assert told["source"]


def test_prices_of_one_s_own_come_first(run: Run) -> None:
    Path("own.yaml").write_text("prices:\n  - {model: gpt-4o, input: 1, output: 2}\n", encoding="utf-8")
    shown = run("prices", "gpt-4o", "--overrides", "own.yaml")
    assert shown.exit_code == 0
    assert "own.yaml" in shown.stdout
    assert "$1.00" in shown.stdout


def test_a_model_that_nobody_prices_says_what_to_do(run: Run) -> None:
    ended = run("prices", "nosuch-model\x1b")
    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert "no price is known" in ended.stderr
    assert "\x1b" not in ended.stderr
    told = run("prices", "nosuch-model", "--json")
    assert told.exit_code == 1
    assert "no price is known" in json.loads(told.stdout)["unpriced"]


@pytest.mark.parametrize("text", ["prices: 3", "prices:\n  - {model: a, input: -1}", "a: [", "\x00"])
def test_a_price_file_that_cannot_be_read_is_named(run: Run, text: str) -> None:
    Path("own.yaml").write_text(text, encoding="utf-8")
    ended = run("prices", "gpt-4o", "--overrides", "own.yaml")
    assert ended.exit_code == 1
    assert "own.yaml" in ended.stderr
