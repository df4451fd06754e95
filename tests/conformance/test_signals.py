"""Laws of the assembler, on the signals of every scenario: permuted, doubled, late, missing."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core import Settings
from clawtrace_core.capture.assembler import PATIENCE, Assembler
from clawtrace_core.capture.scrub import Scrub
from clawtrace_core.capture.signal import Ended, Signal, Started
from clawtrace_core.model.event import Event, SessionStarted
from clawtrace_core.model.session import SessionTree, Span, read_tree
from clawtrace_core.testing import SCENARIOS
from clawtrace_core.testing.reference import signals_of
from clawtrace_core.testing.sums import miscounted, recorded, sum_of

STREAMS = {
    f"{scenario.name}/{session}": (scenario, session)
    for scenario in SCENARIOS
    for session in range(len(scenario.leaves))
}
MOST = 80


def assembled(signals: Iterable[Signal], ticks: dict[int, int] | None = None) -> tuple[SessionTree, int]:
    """The session that follows from some signals, and how many of them were lost."""
    assembler = Assembler(Scrub(Settings()))
    events: list[Event] = [SessionStarted(session="s", at_ns=0)]
    for at, signal in enumerate(signals):
        for _ in range((ticks or {}).get(at, 0)):
            events += assembler.tick()
        events += assembler.feed(signal)
    events += assembler.finish()
    return read_tree(enumerate(events, 1), session="s"), assembler.lost


def fresh(name: str) -> list[Signal]:
    """The signals of one session, made anew: drafts remember their id."""
    return signals_of(*STREAMS[name])[:MOST]


def by_key(tree: SessionTree) -> dict[int, Any]:
    """A session without the numbers of its spans: what each is, and below which; spans are told apart by times."""
    starts = {span.id: span.start_ns for span in tree.spans}
    inputs = {span.id: tuple(ids) for span, ids in tree.inputs()}

    def plain(span: Span) -> tuple[Any, ...]:
        above = starts.get(span.parent) if span.parent is not None else None
        facts = (span.kind, span.name, span.status, span.end_ns, above, inputs[span.id], span.output)
        return (*facts, span.response, span.request, span.failure, dict(span.attributes))

    return {span.start_ns: plain(span) for span in tree.spans}


@st.composite
def _shuffled(draw: st.DrawFn) -> tuple[str, list[Signal]]:
    name = draw(st.sampled_from(sorted(STREAMS)))
    return name, draw(st.permutations(fresh(name)))


@given(_shuffled())
def test_signals_in_any_order_leave_the_same_tree(played: tuple[str, list[Signal]]) -> None:
    name, signals = played
    expected, _ = assembled(fresh(name))
    tree, lost = assembled(signals)
    assert (tree.problems, lost) == ((), 0)
    assert by_key(tree) == by_key(expected)
    assert dict(tree.contents) == dict(expected.contents)


@st.composite
def _doubled(draw: st.DrawFn) -> tuple[str, list[Signal]]:
    name = draw(st.sampled_from(sorted(STREAMS)))
    signals = fresh(name)
    again = draw(st.lists(st.tuples(st.sampled_from(signals), st.integers(0, len(signals))), max_size=12))
    for signal, at in again:
        signals.insert(at, signal)
    return name, signals


@given(_doubled())
def test_signals_that_come_twice_count_once(played: tuple[str, list[Signal]]) -> None:
    name, signals = played
    expected, _ = assembled(fresh(name))
    tree, lost = assembled(signals)
    assert (tree.problems, lost) == ((), 0)
    assert by_key(tree) == by_key(expected)


@st.composite
def _late(draw: st.DrawFn) -> tuple[str, list[Signal], dict[int, int]]:
    """Signals that come some places after their own, with the writer's clock ticking in between, but not too often."""
    name = draw(st.sampled_from(sorted(STREAMS)))
    signals = fresh(name)
    delays = draw(st.lists(st.integers(0, 6), min_size=len(signals), max_size=len(signals)))
    order = sorted(range(len(signals)), key=lambda at: (at + delays[at], at))
    moments = draw(st.sets(st.integers(0, len(signals) - 1), max_size=PATIENCE - 1))
    return name, [signals[at] for at in order], dict.fromkeys(moments, 1)


@given(_late())
def test_signals_that_come_late_leave_the_same_tree(played: tuple[str, list[Signal], dict[int, int]]) -> None:
    name, signals, ticks = played
    expected, _ = assembled(fresh(name))
    tree, lost = assembled(signals, ticks)
    assert (tree.problems, lost) == ((), 0)
    assert by_key(tree) == by_key(expected)


@st.composite
def _lossy(draw: st.DrawFn) -> tuple[str, list[Signal], set[int]]:
    name = draw(st.sampled_from(sorted(STREAMS)))
    signals = fresh(name)
    gone = draw(st.sets(st.integers(0, len(signals) - 1), max_size=4))
    return name, [signal for at, signal in enumerate(signals) if at not in gone], gone


@given(_lossy(), st.dictionaries(st.integers(0, 80), st.integers(0, 2 * PATIENCE), max_size=3))
def test_of_signals_that_never_come_the_rest_is_well_formed_and_the_loss_is_told(
    played: tuple[str, list[Signal], set[int]], ticks: dict[int, int]
) -> None:
    _, signals, _ = played
    starts = {signal.key: signal for signal in signals if isinstance(signal, Started)}
    ends = {signal.key for signal in signals if isinstance(signal, Ended)}
    tree, lost = assembled(signals, ticks)
    spans = {span.start_ns: span for span in tree.spans}
    assert tree.problems == ()
    assert spans.keys() == {start.at_ns for start in starts.values()}  # whatever was told to begin is there, once
    assert lost == len(ends - starts.keys())  # an end without its start is counted
    for key, start in starts.items():
        span = spans[start.at_ns]
        assert (span.status == "interrupted") == (key not in ends)  # a start without its end stays open
        orphan = start.parent is not None and start.parent not in starts
        assert span.attributes.get("orphan", False) == orphan  # a child without its parent says so
        if start.parent in starts:
            assert span.parent == spans[starts[start.parent].at_ns].id


@given(_lossy())
def test_the_ledger_and_the_card_hold_whatever_was_lost(played: tuple[str, list[Signal], set[int]]) -> None:
    _, signals, _ = played
    tree, _ = assembled(signals)
    assert [what for what in miscounted(tree, sum_of(recorded(tree))) if "estimated;" not in what] == []
