"""Where the money went, by the cards of the runs."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clawtrace_core.card import Step, TraceCard
from clawtrace_core.card.card import CardBase, CardCalls, CardCost, CardTokens, Rest, Waste
from costcraft.evaluate.findings import find, write_reports
from costcraft.evaluate.results import Results

Make = Callable[..., Any]


def card_of(session: str, usd: Decimal, reads: int, *, unpriced: bool = False) -> TraceCard:
    """A run that reads so many times; reading costs half of it, prompts a quarter, words the rest."""
    steps = [Step(n=n, span=n, kind="tool", name="read_sheet", usd=usd / 2 / reads) for n in range(1, reads + 1)]
    steps.append(Step(n=reads + 1, span=reads + 1, kind="llm", name="answer", usd=None if unpriced else usd / 8))
    return TraceCard(
        session=session,
        cost=CardCost(usd=usd, priced=1, calls=1, estimated=0),
        tokens=CardTokens(input=10, output=5),
        calls=CardCalls(llm=1, tool=reads),
        base=CardBase(usd=usd / 4),
        steps=steps,
        rest=Rest(steps=2, usd=usd / 8),
        waste=Waste(usd=usd / 10),
    )


@pytest.fixture
def carded(world: Make) -> tuple[Results, dict[str, TraceCard]]:
    """An evaluation with a card for every run: four reads before, one now."""
    results = world(tasks=8).results()
    cards = {
        done.session: card_of(done.session, done.usd, 4 if done.condition == "base" else 1)
        for done in results.graded.values()
    }
    return results, cards


def means(results: Results) -> Sequence[Decimal]:
    sides = [[run.usd or Decimal(0) for run in results.runs(name)] for name in ("base", "distilled")]
    return [sum(side, Decimal(0)) / len(side) for side in sides]


def test_the_causes_sum_to_what_a_run_costs(carded: tuple[Results, dict[str, TraceCard]]) -> None:
    results, cards = carded
    told = find(results, cards=cards).spending
    assert told is not None
    before, now = means(results)
    assert told.pairs == 8
    assert float(told.base_usd) == pytest.approx(float(before), rel=1e-20)
    assert float(told.new_usd) == pytest.approx(float(now), rel=1e-20)
    assert float(told.base_waste) == pytest.approx(float(before) / 10)


def test_every_cause_is_told_with_its_calls(carded: tuple[Results, dict[str, TraceCard]]) -> None:
    results, cards = carded
    told = find(results, cards=cards).spending
    assert told is not None
    by_name = {each.called: each for each in told.causes}
    assert set(by_name) == {
        "read_sheet",
        "prompts and schemas",
        "what the model wrote",
        "steps that a compact card leaves out",
    }
    assert (by_name["read_sheet"].base_calls, by_name["read_sheet"].new_calls) == (4, 1)
    assert told.causes[0].called == "read_sheet"  # the largest change first


def test_a_pair_without_both_cards_priced_in_full_is_left_out_and_counted(
    carded: tuple[Results, dict[str, TraceCard]],
) -> None:
    results, cards = carded
    of_base = [done for done in results.graded.values() if done.condition == "base"]
    missing, unpriced = of_base[0].session or "", of_base[1].session or ""
    fewer = {name: card for name, card in cards.items() if name != missing}
    fewer[unpriced] = card_of(unpriced, Decimal(1), 4, unpriced=True)
    told = find(results, cards=fewer).spending
    assert told is not None
    assert (told.pairs, told.untold) == (6, 2)
    assert find(results).spending is None


def test_the_report_draws_it_from_the_cards_in_the_output_directory(
    carded: tuple[Results, dict[str, TraceCard]], written: Callable[..., Path]
) -> None:
    results, cards = carded
    out = written(results)
    (out / "cards").mkdir()
    for name, card in cards.items():
        (out / "cards" / f"{name}.yaml").write_text(card.to_yaml(budget=None), encoding="utf-8")
    (out / "cards" / f"{next(iter(cards))}.yaml").write_text("no card", encoding="utf-8")
    found = write_reports(out)
    assert found.findings.spending is not None
    assert found.findings.spending.untold == 1
    assert (out / "plots" / "spending.svg").is_file()
    assert "## Where the money went" in found.report.read_text(encoding="utf-8")
