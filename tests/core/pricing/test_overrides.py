"""A user's own prices: what they do, and how a faulty file is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from clawtrace_core.errors import SettingsInvalid
from clawtrace_core.model.event import Request
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing import Cost, PriceBook, Quote, Unpriced

USAGE = Usage(input=1_000_000, output=1_000_000, cache_read=200_000, cache_write_5m=100_000, cache_write_1h=100_000)


def write(folder: Path, text: str) -> Path:
    file = folder / "prices.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def price(
    book: PriceBook, model: str, *, provider: str | None = None, day: str = "2026-11-20", usage: Usage = USAGE
) -> Cost | Unpriced:
    at_ns = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 10**9
    return book.price(request=Request(model=model, provider=provider), response=None, usage=usage, at_ns=at_ns)


FULL = """
prices:
  - {model: my-model, input: 1, output: 2}
  - model: my-model
    provider: openai
    input: 1.25
    cache_read: 0.125
    cache_write_5m: 1.5
    cache_write_1h: 2.5
    output: 10
    from: 2026-06-01
  - {model: "house-*", local: true}
  - {model: gpt-4o, input: 2, output: 8}
"""


def test_an_override_is_applied_bucket_by_bucket(tmp_path: Path) -> None:
    found = price(PriceBook.load(write(tmp_path, FULL)), "my-model", provider="openai")
    assert isinstance(found, Cost)
    parts = (found.uncached, found.cache_read, found.cache_write, found.output)
    assert parts == (Decimal("0.75"), Decimal("0.025"), Decimal("0.4"), Decimal(10))
    assert (found.state, found.source) == ("override", "override prices.yaml")


def test_the_last_entry_that_holds_on_the_day_counts(tmp_path: Path) -> None:
    book = PriceBook.load(write(tmp_path, FULL))
    dollars = [price(book, "my-model", provider="openai", day=day) for day in ("2026-05-31", "2026-06-01")]
    assert [found.usd for found in dollars if isinstance(found, Cost)] == [Decimal(3), Decimal("11.175")]
    elsewhere = price(book, "my-model", provider="groq")
    assert isinstance(elsewhere, Cost)
    assert elsewhere.usd == 3


def test_missing_cache_prices_fall_back_to_input(tmp_path: Path) -> None:
    found = price(PriceBook.load(write(tmp_path, "prices: [{model: m, input: 1, output: 0}]")), "m")
    assert isinstance(found, Cost)
    assert found.usd == 1


def test_an_override_stands_before_the_price_list_and_a_report_before_both(tmp_path: Path) -> None:
    book = PriceBook.load(write(tmp_path, FULL))
    found = price(book, "gpt-4o", provider="openai")
    assert isinstance(found, Cost)
    assert found.state == "override"
    told = Usage(input=1_000, output=10, reported_usd=Decimal("0.5"))
    reported = price(book, "gpt-4o", provider="openai", usage=told)
    assert isinstance(reported, Cost)
    assert (reported.state, reported.usd) == ("reported", Decimal("0.5"))


def test_a_glob_can_say_that_models_run_on_ones_own_machine(tmp_path: Path) -> None:
    found = price(PriceBook.load(write(tmp_path, FULL)), "House-7B")
    assert isinstance(found, Cost)
    assert (found.state, found.usd) == ("local", 0)
    assert "prices.yaml" in found.source


def test_an_override_without_an_output_price_does_not_give_output_away(tmp_path: Path) -> None:
    found = price(PriceBook.load(write(tmp_path, "prices: [{model: m, input: 1}]")), "m")
    assert isinstance(found, Unpriced)


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAWTRACE_PRICES", str(write(tmp_path, FULL)))
    quote = PriceBook.load().quote("gpt-4o", provider="openai", on=date(2026, 11, 1))
    assert isinstance(quote, Quote)
    assert (quote.state, quote.lines[0].usd) == ("override", Decimal(2))


def test_without_a_file_there_are_no_overrides() -> None:
    found = price(PriceBook.load(), "gpt-4o", provider="openai")
    assert isinstance(found, Cost)
    assert found.state == "computed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prices: [{model: m, input: -1, output: 1}]", ("entry 1 (model 'm'), field 'input'", "-1", "0 or more")),
        ("prices: [{model: m, input: 1, outptu: 1}]", ("field 'outptu'", "known keys are model")),
        ("prices: [{model: ok, input: 1}, {input: 1}]", ("entry 2", "field 'model'", "add it")),
        ("prices: [{model: m, input: cheap}]", ("field 'input'", "'cheap'")),
        ("prices: [{model: m, input: true}]", ("field 'input'", "True", "USD per million tokens")),
        ("prices: [{model: m, input: .nan}]", ("field 'input'", "nan")),
        ("prices: [{model: m, input: .inf}]", ("field 'input'", "inf")),
        ("prices: [{model: m}]", ("entry 1", "needs `input`")),
        ("prices: [{model: m, input: 1, local: true}]", ("local: true stands instead of prices",)),
        ("prices: [{model: m, input: 1, from: someday}]", ("field 'from'", "'someday'")),
        ("prices: [nonsense]", ("entry 1",)),
        ("prices:\n  - {model: m\n  - x", ("line 3", "not YAML")),
        ("prices: {model: m}", ("expected one key `prices` with a list",)),
        ("models: []", ("expected one key `prices`", "models")),
        ("", ("NoneType", "expected one key `prices`")),
    ],
)
def test_a_faulty_file_is_refused_with_place_and_remedy(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsInvalid) as caught:
        PriceBook.load(file)
    for words in (str(file), *said):
        assert words in str(caught.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        PriceBook.load(write(tmp_path, "prices: [{model: a, input: -1}, {model: b, input: x}]"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_missing_or_binary_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        PriceBook.load(tmp_path / "none.yaml")
    binary = tmp_path / "b.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        PriceBook.load(binary)
