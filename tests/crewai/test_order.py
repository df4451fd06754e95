"""In whatever order CrewAI's pool tells the events, and however often, the tree is the same."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from clawtrace_core import open_session
from clawtrace_crewai._book import Book
from clawtrace_crewai._bus import event_classes
from clawtrace_crewai._events import Heard


def recorded(make: Any) -> list[Heard]:
    """The events of a run, in the order they were emitted."""
    from crewai.events import crewai_event_bus

    found: list[Heard] = []

    def hear(source: Any, event: Any) -> None:
        found.append(Heard(source, event))

    with crewai_event_bus.scoped_handlers():
        for kind in event_classes():
            crewai_event_bus.on(kind)(hear)
        make()
        crewai_event_bus.flush()
    return sorted(found, key=lambda heard: heard.at_ns)


def taken(events: list[Heard]) -> list[int]:
    """How long each LLM call took."""
    began = {heard.event.call_id: heard.at_ns for heard in events if heard.event.type == "llm_call_started"}
    return [h.at_ns - began[h.event.call_id] for h in events if h.event.type == "llm_call_completed"]


def test_permuted_and_repeated_events_make_the_same_tree(
    provider: Any, agent: Any, crew: Any, llm: Any, search: Any, outline: Any, tokens: Any, tmp_path: Any
) -> None:
    from crewai import Process, Task

    turns: dict[str, list[Any]] = {
        "Crew Manager": [
            [("delegate_work_to_coworker", {"task": "a", "context": "b", "coworker": "Researcher"})],
            "managed",
        ],
        "Researcher": [[("search", {"q": "a"}), ("search", {"q": "b"})], [("search", "{bad")], "found"],
    }

    def script(asked: Any, _number: int) -> Any:
        role = "Crew Manager" if "Crew Manager" in asked["messages"][0]["content"] else "Researcher"
        return turns[role].pop(0)

    provider.script = script
    task = Task(description="top", expected_output="x", name="Top")
    team = crew(agent("Researcher", tools=[search]), tasks=[task], process=Process.hierarchical, manager_llm=llm())
    events = recorded(team.kickoff)
    assert len(events) >= 20

    def told(some: list[Heard]) -> tuple[Any, Any, Any]:
        session = open_session(tmp_path)
        book = Book(session, single=False)
        for heard in some:
            book.tell(heard)
        book.close(wait=True)
        calls = {span.tool_call: (span.name, span.status) for span in session.tree().spans if span.kind == "tool"}
        return sorted(outline(session.tree())), tokens(session.tree()), calls

    expected = told(events)
    assert expected[1] == provider.total
    assert set(expected[2]) == {"call_1_0", "call_2_0", "call_2_1", "call_3_0"}

    @settings(max_examples=60)
    @given(st.integers(0, 10**6), st.booleans())
    def in_any_order_the_tree_and_the_sums_hold(seed: int, repeat: bool) -> None:
        shuffled = events * 2 if repeat else list(events)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, no secret
        tree, sums, _ = told(shuffled)
        assert (known(tree), sums) == (known(expected[0]), expected[1])

    @settings(max_examples=60)
    @given(st.integers(0, 10**6))
    def told_late_by_less_than_a_call_takes_everything_holds(seed: int) -> None:
        late = random.Random(seed)  # noqa: S311
        skew = 0.9 * min(taken(events))
        assert told(sorted(events, key=lambda heard: heard.at_ns + late.uniform(0, skew))) == expected

    def known(tree: list[str]) -> list[str]:
        """Without refused calls, of which no event tells: only the order of the answers shows them."""
        return [line for line in tree if not line.endswith(" error")]

    in_any_order_the_tree_and_the_sums_hold()
    told_late_by_less_than_a_call_takes_everything_holds()
