"""From a run that ended to its line in the results: its card is compiled and kept, and what it cost is told."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from clawtrace_core import PriceBook, Store, TraceCard, compile_session
from clawtrace_core.capture.guard import attempt
from clawtrace_core.tokens import Counter
from costcraft.evaluate.harness import places
from costcraft.evaluate.harness.faults import said, unrecorded
from costcraft.evaluate.harness.letters import Ended
from costcraft.evaluate.results import CARDS, Done


class Desk:
    """Where runs are reckoned up."""

    def __init__(self, out: Path, prices: PriceBook, framework: str) -> None:
        self._out = out
        self._framework = framework
        self._prices = prices
        self._counter = Counter()
        self._store = Store(out / places.STORE)

    def settled(self, ended: Ended) -> Done:
        """The line of a run; its card is written to `cards/`."""
        session = ended.session
        if session is None or not self._store.path(session).is_file():  # killed before anything was on the disk
            return _line(replace(ended, session=None), None)
        card = attempt(self._card, session)
        if isinstance(card, Exception):
            return _line(ended, None, fault=f"its recording cannot be read: {said(card)}")
        return _line(ended, card, fault=None if card is not None else unrecorded(self._framework, ended.raised))

    def _card(self, session: str) -> TraceCard | None:
        """The card, written; None where the recording holds nothing that the agent did."""
        tree = self._store.read(session)
        if not tree.spans:
            return None
        card = compile_session(tree, prices=self._prices, counter=self._counter)
        folder = self._out / CARDS
        folder.mkdir(exist_ok=True)
        (folder / f"{session}.yaml").write_text(card.to_yaml(budget=None), encoding="utf-8")
        return card


def _line(ended: Ended, card: TraceCard | None, *, fault: str | None = None) -> Done:
    job, fault = ended.job, ended.fault or fault
    told = Done(
        condition=job.condition,
        task=job.task,
        seed=job.seed,
        attempt=job.attempt,
        status="graded" if fault is None else "infrastructure",
        why=fault or ended.raised,
        seconds=round(ended.seconds, 6),
        session=ended.session,
    )
    if fault is None:
        told = told.model_copy(update={"success": ended.success, "score": ended.score, "checks": ended.checks})
    return told if card is None else told.model_copy(update=_cost(card))


def _cost(card: TraceCard) -> dict[str, object]:
    whole = card.cost.usd is not None and card.cost.priced == card.cost.calls
    return {
        "usd": card.cost.usd if whole else None,
        "usd_known": card.cost.usd or Decimal(0),
        "input_tokens": card.tokens.input or 0,
        "output_tokens": card.tokens.output or 0,
        "llm_calls": card.calls.llm,
        "tool_calls": card.calls.tool,
    }
