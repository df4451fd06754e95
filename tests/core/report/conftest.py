"""Sessions and cards as values, for the drawings."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console, RenderableType

from clawtrace_core.card.card import (
    AgentLine,
    CardBase,
    CardCalls,
    CardCost,
    CardOutcome,
    CardTokens,
    Flag,
    Step,
    TraceCard,
    Waste,
)
from clawtrace_core.model.event import Failure, SessionEnded, SessionStarted
from clawtrace_core.model.session import SessionTree, Span

SECOND = 10**9
START = 1_772_373_600 * SECOND


@pytest.fixture
def draw() -> Callable[..., str]:
    """What a terminal of that width would show, without colours."""

    def drawn(*things: RenderableType, width: int = 80) -> str:
        console = Console(width=width, markup=False, highlight=False, emoji=False, color_system=None)
        with console.capture() as captured:
            for thing in things:
                console.print(thing)
        return captured.get()

    return drawn


@pytest.fixture
def make_span() -> Callable[..., Span]:
    def span(number: int, parent: int | None, kind: str, name: str, **fields: Any) -> Span:
        start = START + number * SECOND
        told: dict[str, Any] = {"start_ns": start, "end_ns": start + SECOND, "status": "ok", **fields}
        return Span(id=number, parent=parent, kind=kind, name=name, **told)

    return span


@pytest.fixture
def make_tree() -> Callable[..., SessionTree]:
    def tree(spans: Sequence[Span], *, session: str = "01JD8ZK3Q2V4T6Y8B0C1D2E3F4", **fields: Any) -> SessionTree:
        started = SessionStarted(session=session, at_ns=START, task="sheet-12", framework="langchain", agent="analyst")
        ended = SessionEnded(at_ns=START + 41 * SECOND)
        return SessionTree(
            **{"started": started, "ended": ended, "contents": {}, **fields}, id=session, spans=tuple(spans)
        )

    return tree


@pytest.fixture
def make_card() -> Callable[..., TraceCard]:
    def card(**fields: Any) -> TraceCard:
        told: dict[str, Any] = {
            "session": "01JD8ZK3Q2V4T6Y8B0C1D2E3F4",
            "task": "sheet-12",
            "agent": "analyst",
            "models": ["openai/gpt-5.4"],
            "outcome": CardOutcome(success=True, score=Decimal("1.0"), oracle="cell-match"),
            "cost": CardCost(usd=Decimal("0.0873"), priced=14, calls=14, estimated=0),
            "tokens": CardTokens(input=48211, output=2711, cache_read=30120, reasoning=960),
            "calls": CardCalls(llm=14, tool=22, agent=2, failed=1),
            "seconds": 41.2,
            "base": CardBase(usd=Decimal("0.0102"), prompt_tokens=1830),
            "waste": Waste(usd=Decimal("0.0311"), share=Decimal("0.356")),
        }
        return TraceCard(**(told | fields))

    return card


@pytest.fixture
def sheet(make_span: Any, make_tree: Any, make_card: Any) -> tuple[SessionTree, TraceCard]:
    """An agent that reads a file twice and spawns a researcher, wrapped in chains as LangGraph does."""
    spans = [
        make_span(1, None, "agent", "analyst"),
        make_span(2, 1, "chain", "model"),
        make_span(3, 2, "llm", "gpt-5.4"),
        make_span(4, 1, "chain", "tools"),
        make_span(5, 4, "tool", "read_file"),
        make_span(6, 4, "tool", "read_file"),
        make_span(7, 1, "agent", "researcher"),
        make_span(8, 7, "llm", "gpt-5.4"),
        make_span(9, 7, "tool", "search", status="error", failure=Failure(type="ValueError", message="no such sheet")),
        make_span(10, 1, "llm", "gpt-5.4", end_ns=None, status="interrupted"),
    ]
    steps = [
        Step(n=2, span=5, kind="tool", name="read_file", args="path=sales.xlsx", usd=Decimal("0.0214"), tokens=9120),
        Step(n=1, span=3, kind="llm", name="gpt-5.4", usd=Decimal("0.0119"), billed=Decimal("0.0088"), out=812),
        Step(
            n=3,
            span=6,
            kind="tool",
            name="read_file",
            args="path=sales.xlsx",
            usd=Decimal("0.0188"),
            tokens=9120,
            flags=["f1"],
        ),
        Step(n=4, span=7, kind="agent", name="researcher", usd=Decimal("0.0003"), tokens=120),
        Step(n=5, span=8, kind="llm", name="gpt-5.4", usd=Decimal("0.0153"), billed=Decimal("0.0150"), out=96),
        Step(
            n=6, span=9, kind="tool", name="search", args="query=Q3", usd=Decimal("0.0000021"), tokens=14, failed=True
        ),
        Step(n=7, span=10, kind="llm", name="gpt-5.4", usd=None, billed=None),
    ]
    flag = Flag(id="f1", kind="duplicate", of=2, steps=[3], saves=Decimal("0.0188"), why="same args and result")
    agents = [AgentLine(n=4, name="researcher", usd=Decimal("0.0150"), used=True)]
    return make_tree(spans), make_card(steps=steps, flags=[flag], agents=agents)
