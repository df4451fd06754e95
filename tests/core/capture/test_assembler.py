"""Signals in any order, any number of times: the same tree."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clawtrace_core.capture.assembler import PATIENCE, Assembler
from clawtrace_core.capture.scrub import Scrub
from clawtrace_core.capture.settings import Settings
from clawtrace_core.capture.signal import Draft, Ended, Remarked, Signal, Started
from clawtrace_core.model.event import Event, Failure, SessionStarted, SpanEnded, SpanStarted
from clawtrace_core.model.session import SessionTree, read_tree

OPENING = SessionStarted(session="s", at_ns=0)


def assembler() -> Assembler:
    return Assembler(Scrub(Settings()))


def tree_of(events: list[Event]) -> SessionTree:
    return read_tree(enumerate([OPENING, *events], start=1), session="s")


def assemble(signals: list[Signal]) -> SessionTree:
    made = assembler()
    events = [event for signal in signals for event in made.feed(signal)]
    return tree_of(events + made.finish())


def facts(tree: SessionTree) -> dict[str, Any]:
    """The tree without the numbers that depend on the order of arrival."""
    names = {span.id: span.name for span in tree.spans}
    lists = {span.id: list(ids) for span, ids in tree.inputs()}
    return {
        span.name: (
            names.get(span.parent) if span.parent else None,
            (span.kind, span.start_ns, span.end_ns, span.status, span.tool_call),
            (lists[span.id], span.output, span.attributes),
            sorted((note.name, note.at_ns) for note in span.notes),
        )
        for span in tree.spans
    }


DRAFTS = [Draft("user", {"role": "user", "text": f"text {number}"}) for number in range(6)]
CONTENTS = st.lists(st.sampled_from(DRAFTS), max_size=6)


@st.composite
def runs(draw: st.DrawFn) -> list[Signal]:
    """A well-formed run: every parent exists, some spans never end."""
    signals: list[Signal] = []
    for number in range(draw(st.integers(1, 8))):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        kind = draw(st.sampled_from(["agent", "llm", "tool", "chain"]))
        signals.append(Started(number, number * 10, kind, f"span {number}", parent, draw(CONTENTS)))
        if draw(st.booleans()):
            signals.append(Ended(number, number * 10 + 5, "ok", draw(CONTENTS)))
        if draw(st.booleans()):
            signals.append(Remarked("retry", number * 10 + 3, number))
    return signals


@given(run=runs(), data=st.data())
def test_permuted_and_doubled_signals_leave_the_same_tree(run: list[Signal], data: st.DataObject) -> None:
    doubled = run + data.draw(st.lists(st.sampled_from(run), max_size=10))
    mixed = data.draw(st.permutations(doubled))

    tree = assemble(mixed)

    assert facts(tree) == facts(assemble(run))
    assert not tree.problems
    assert all(span.parent is None or span.parent < span.id for span in tree.spans)


def test_a_key_used_again_after_its_end_is_a_new_span() -> None:
    tree = assemble([Started("k", 1, "llm", "a"), Ended("k", 2), Started("k", 3, "llm", "b"), Ended("k", 4)])

    assert [(span.name, span.end_ns) for span in tree.spans] == [("a", 2), ("b", 4)]


def test_a_handler_attached_twice_records_once() -> None:
    tree = assemble([Started("k", 1, "llm", "a"), Started("k", 2, "llm", "a"), Ended("k", 3), Ended("k", 4)])

    assert [(span.start_ns, span.end_ns) for span in tree.spans] == [(1, 3)]


def test_a_missing_end_is_an_interrupted_span() -> None:
    (span,) = assemble([Started("k", 1, "llm", "a")]).spans

    assert (span.status, span.end_ns) == ("interrupted", None)


def test_a_child_whose_parent_never_comes_is_kept_as_a_root_that_says_so() -> None:
    made = assembler()
    assert made.feed(Started("child", 1, "tool", "t", parent="nobody")) == []
    assert made.waits

    late: list[Event] = []
    for _ in range(PATIENCE):
        late += made.tick()

    (event,) = late
    assert isinstance(event, SpanStarted)
    assert event.parent is None
    assert event.attributes == {"orphan": True}
    assert not made.waits


def test_spans_that_name_each_other_as_parent_end_as_a_tree() -> None:
    tree = assemble([Started("a", 1, "tool", "a", parent="b"), Started("b", 2, "tool", "b", parent="a")])

    assert [(span.name, span.parent) for span in tree.spans] == [("a", None), ("b", 1)]


def test_a_span_that_names_itself_as_parent_is_a_root() -> None:
    (span,) = assemble([Started("a", 1, "tool", "a", parent="a")]).spans

    assert span.parent is None


def test_an_end_without_a_start_is_counted_as_lost() -> None:
    made = assembler()

    assert made.feed(Ended("never", 1)) == []
    assert made.finish() == []
    assert made.lost == 1


def test_a_remark_on_an_unknown_span_is_kept_on_the_session() -> None:
    tree = assemble([Remarked("retry", 1, key="never")])

    assert [note.name for note in tree.notes] == ["retry"]


def test_a_long_chain_of_children_before_parents_does_not_recurse() -> None:
    signals: list[Signal] = [Started(n, n, "chain", f"c{n}", parent=n - 1 if n else None) for n in range(3000)]

    assert len(assemble(signals[::-1]).spans) == 3000


def test_the_same_content_is_written_once_whatever_object_brings_it() -> None:
    def message() -> Draft:
        return Draft("user", {"role": "user", "text": "same"})

    tree = assemble([Started(1, 1, "llm", "a", input=[message()]), Started(2, 2, "llm", "b", input=[message()])])

    assert len(tree.contents) == 1


def test_a_growing_history_is_written_as_what_is_new() -> None:
    made = assembler()
    history: list[Draft] = []
    added = []
    for number in range(50):
        history += [Draft("user", {"text": f"question {number}"}), Draft("assistant", {"text": f"answer {number}"})]
        # Every other call brings new objects for the same texts, as a framework that copies its state does.
        sent = history if number % 2 else [Draft(draft.role, dict(draft.body)) for draft in history]
        events = made.feed(Started(number, number, "llm", "m", input=list(sent)))
        added += [len(event.input.add) for event in events if isinstance(event, SpanStarted)]

    assert added == [2] * 50


def test_sub_agents_side_by_side_each_extend_their_own_history() -> None:
    made = assembler()
    histories: list[list[Draft]] = [[Draft("system", {"text": f"agent {n}"})] for n in range(6)]
    added = []
    for turn in range(20):
        for number, history in enumerate(histories):
            history += [Draft("user", {"text": f"{number} {turn}"}), Draft("assistant", {"text": f"{number} {turn}!"})]
            events = made.feed(Started((number, turn), turn, "llm", "m", input=list(history)))
            added += [len(event.input.add) for event in events if isinstance(event, SpanStarted) and turn]

    assert set(added) == {2}


def test_a_history_that_was_cut_is_written_from_where_it_differs() -> None:
    first = [Draft("user", {"text": f"{n}"}) for n in range(10)]
    tree = assemble([Started(1, 1, "llm", "a", input=first), Started(2, 2, "llm", "b", input=first[:4] + first[8:])])

    whole = {span.name: list(ids) for span, ids in tree.inputs()}
    assert whole["b"] == whole["a"][:4] + whole["a"][8:]
    assert tree.spans[1].input.keep == 4


def test_a_failure_and_its_message_are_kept() -> None:
    made = assembler()
    made.feed(Started("k", 1, "tool", "t"))

    (event,) = made.feed(Ended("k", 2, "error", failure=Failure(type="ValueError", message="no such cell")))

    assert isinstance(event, SpanEnded)
    assert event.failure == Failure(type="ValueError", message="no such cell")
