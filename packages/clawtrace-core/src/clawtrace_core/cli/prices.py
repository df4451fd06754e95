"""`clawtrace prices`: what a model's tokens cost, from when on, and who says so."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from clawtrace_core.cli.options import JsonOption
from clawtrace_core.cli.output import complain, console, say_json
from clawtrace_core.model.event import Request
from clawtrace_core.model.usage import Usage
from clawtrace_core.pricing import Cost, PriceBook, Quote, Unpriced
from clawtrace_core.report import money
from clawtrace_core.report.escape import printable

_EACH = {"request": "a request", "web_search": "a web search"}


def prices(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's id, as the provider names it.")],
    *,
    provider: Annotated[str | None, typer.Option(metavar="NAME", help="Such as openai, azure, anthropic.")] = None,
    on: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day of the call; today if not told.")
    ] = None,
    overrides: Annotated[
        Path | None, typer.Option("--overrides", metavar="FILE", help="YAML with your own prices; they come first.")
    ] = None,
    read: Annotated[
        int, typer.Option("--input", min=0, help="Input tokens of a sample call, cached included.")
    ] = 10000,
    cached: Annotated[int, typer.Option("--cached", min=0, help="How many of them are read from a cache.")] = 0,
    written: Annotated[int, typer.Option("--output", min=0, help="Output tokens of the sample call.")] = 1000,
    json: JsonOption = False,
) -> None:
    """Tell what a model's tokens cost on a day, where the price comes from, and what a sample call would be charged."""
    if cached > read:
        raise typer.BadParameter(f"--cached {cached} is more than --input {read}, which includes it")
    day = _day(on)
    book = PriceBook.load(overrides)
    quote = book.quote(model, provider=provider, on=day)
    if isinstance(quote, Unpriced):
        _refuse(quote, model, day, json=json)
        raise typer.Exit(1)
    usage = Usage(input=read, output=written, cache_read=cached)
    noon = int(datetime.combine(day, time(12), UTC).timestamp()) * 10**9
    asked = Request(model=model, provider=provider)
    sample = book.price(request=asked, response=None, usage=usage, at_ns=noon)
    if json:
        say_json(_fields(quote, usage, sample))
    else:
        _print(quote, usage, sample)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(tz=UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--on: found {text!r}, expected a day such as 2026-03-01") from error


def _refuse(found: Unpriced, model: str, day: date, *, json: bool) -> None:
    if json:
        say_json({"model": model, "provider": found.provider, "on": day.isoformat(), "unpriced": found.reason})
    else:
        complain(f"no price for {model!r} on {day}: {found.reason}")


def _fields(quote: Quote, usage: Usage, sample: Cost | Unpriced) -> dict[str, Any]:
    lines = [
        {
            "bucket": line.bucket,
            "per": 1 if line.bucket in _EACH else 10**6,
            "usd": line.usd,
            "tiers": [{"above": above, "usd": usd} for above, usd in line.tiers],
        }
        for line in quote.lines
    ]
    call: dict[str, Any] = {"input": usage.input, "cached": usage.cache_read, "output": usage.output}
    if isinstance(sample, Unpriced):
        call["unpriced"] = sample.reason
    else:
        parts = ("usd", "uncached", "cache_read", "cache_write", "output", "other")
        call["cost"] = {name: getattr(sample, name) for name in parts}
    return {
        "model": quote.model,
        "provider": quote.provider,
        "on": quote.on.isoformat(),
        "since": None if quote.since is None else quote.since.isoformat(),
        "state": quote.state,
        "source": quote.source,
        "prices": lines,
        "sample": call,
    }


def _print(quote: Quote, usage: Usage, sample: Cost | Unpriced) -> None:
    out = console()
    name = "/".join(part for part in (quote.provider, quote.model) if part)
    since = f", unchanged since {quote.since}" if quote.since else ""
    out.print(Text(printable(name), style="bold").append(f" on {quote.on}{since}", "default"))
    out.print(Text(f"{quote.state}: {printable(quote.source)}", style="dim"))
    out.print(_table(quote))
    cached = f" ({money.tokens(usage.cache_read)} from cache)" if usage.cache_read else ""
    call = f"{money.tokens(usage.input)} in{cached}, {money.tokens(usage.output)} out"
    charged = sample.reason if isinstance(sample, Unpriced) else money.usd(sample.usd)
    out.print(Text(f"a call of {call}: ").append(printable(charged), "bold"))


def _table(quote: Quote) -> Table:
    table = Table(box=box.SIMPLE, padding=(0, 2, 0, 0), pad_edge=False, show_edge=True, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for line in quote.lines:
        each = _EACH.get(line.bucket, "per million tokens")
        tiers = "".join(f"; {money.usd(usd)} if the input is above {money.tokens(n)}" for n, usd in line.tiers)
        table.add_row(Text(printable(line.bucket)), Text(money.usd(line.usd)), Text(each + tiers))
    return table
