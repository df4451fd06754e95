"""Playing tasks: one traced run each, graded, with the card that its events compile to."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from clawtrace_core import PriceBook, TraceCard
from examples.sheets.frameworks import Framework
from examples.sheets.oracle import ORACLE, Grade, grade
from examples.sheets.tasks import SheetTask
from examples.sheets.tools import SheetTools

AGENT = "sheets, simulated model"
"""Every session and every card says that its model is simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One task, run once."""

    task: SheetTask
    grade: Grade
    card: TraceCard


def play(
    tasks: Iterable[SheetTask], *, framework: Framework, skills: Sequence[Path], store: Path, books: Path
) -> Iterator[Run]:
    """Run each task on the framework with these skills; sessions go to `store`, workbooks to `books`."""
    agents, prices = framework.load(), PriceBook()
    told = agents.instructions(skills)
    for task in tasks:
        given = task.prepare(books / "given")
        used = books / "done" / given.name
        used.parent.mkdir(exist_ok=True)
        shutil.copyfile(given, used)
        with agents.trace(store=store, task=task.name, agent=AGENT) as session:
            agents.ask(agents.build_agent(SheetTools(used), told), task.request)
        verdict = grade(task, used, given)
        session.record_outcome(
            success=verdict.success,
            score=round(verdict.score, 4),
            oracle=ORACLE,
            checks=[asdict(check) for check in verdict.checks],
        )
        yield Run(task=task, grade=verdict, card=session.card(prices=prices))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What some runs came to, as their cards say."""

    runs: int
    successes: int
    usd: Decimal
    """Billed, at list prices; simulated tokens."""
    tokens: int
    llm_calls: int
    tool_calls: int


def figures(runs: Sequence[Run]) -> Figures:
    """The sums over the runs' cards. Raises ValueError where a call has no price: a sum without it would lie."""
    short = [run.card for run in runs if run.card.cost.usd is None or run.card.cost.priced != run.card.calls.llm]
    if short:
        told = ", ".join(f"{card.session} ({card.cost.priced} of {card.calls.llm})" for card in short)
        raise ValueError(f"LLM calls without a price; sessions with their priced calls: {told}")
    cards = [run.card for run in runs]
    return Figures(
        runs=len(runs),
        successes=sum(run.grade.success for run in runs),
        usd=sum((card.cost.usd or Decimal(0) for card in cards), Decimal(0)),
        tokens=sum((card.tokens.input or 0) + (card.tokens.output or 0) for card in cards),
        llm_calls=sum(card.calls.llm for card in cards),
        tool_calls=sum(card.calls.tool for card in cards),
    )


def regressions(before: Sequence[Run], after: Sequence[Run]) -> list[str]:
    """Tasks that succeeded before and fail after."""
    passed = {run.task.name for run in before if run.grade.success}
    return [run.task.name for run in after if run.task.name in passed and not run.grade.success]
