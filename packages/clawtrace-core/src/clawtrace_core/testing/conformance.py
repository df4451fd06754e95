"""The checker: plays a scenario with an adapter's player, and compares what it left with what it must leave."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from itertools import chain
from pathlib import Path

from clawtrace_core.model.session import SessionTree
from clawtrace_core.model.usage import Usage
from clawtrace_core.store import Store
from clawtrace_core.testing.performance import Performance, Player, perform
from clawtrace_core.testing.scenario import Scenario
from clawtrace_core.testing.scenarios import SCENARIOS
from clawtrace_core.testing.shape import Forest, fits, forest_of, outline, unnamed, whole, without
from clawtrace_core.testing.stage import Watch
from clawtrace_core.testing.sums import Sum, miscounted, recorded, sum_of

FEWEST_WORDS = 5
"""A reason shorter than this says nothing."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NotConforming(AssertionError):
    """A player left something else than its scenario says; the message tells all of it."""


def check(scenario: Scenario, player: Player, *, watch: Watch, folder: Path) -> None:
    """Play a scenario alone and watched, below `folder`, which holds no store yet.

    Raises NotConforming where the watched run's sessions, sums or silence are not as the scenario says.
    """
    alone = perform(scenario, player, folder / "alone", None)
    watched = perform(scenario, player, folder / "watched", watch)
    trees = _sessions(watched.stage.store)
    found = [
        *_left_alone(alone),
        *_misplayed(scenario, watched),
        *_misshapen(scenario, trees),
        *_badly_closed(scenario, trees),
        *_unpaused(scenario, trees),
        *_missummed(scenario, watched, trees),
        *_loud(alone, watched),
    ]
    if found:
        raise NotConforming("\n".join([f"{scenario.name}: {scenario.words}", *found, watched.raised]).rstrip())


def gaps(players: Collection[str], excused: Mapping[str, str], scenarios: Sequence[Scenario] = SCENARIOS) -> list[str]:
    """What is wrong with an adapter's list of players and excuses (scenario -> reason); empty when nothing is."""
    known = [scenario.name for scenario in scenarios]
    found = [f"{name}: neither played nor excused" for name in known if name not in players and name not in excused]
    found += [f"{name}: excused, and played all the same" for name in excused if name in players]
    found += [f"{name}: is no scenario" for name in sorted({*players, *excused} - set(known))]
    found += [
        f"{name}: {reason!r} is no reason; say in at least {FEWEST_WORDS} words what the framework lacks"
        for name, reason in excused.items()
        if len(reason.split()) < FEWEST_WORDS
    ]
    return found


def _sessions(root: Path) -> list[SessionTree]:
    """What was recorded, oldest first: to the nanosecond, where ids tell milliseconds."""
    store = Store(root)
    names = store.session_ids() if store.folder.is_dir() else []
    return sorted([store.read(name) for name in names], key=lambda tree: tree.started.at_ns)


def _left_alone(alone: Performance) -> Iterator[str]:
    if _sessions(alone.stage.store):
        yield "the run that nobody was to watch left sessions: the player records outside of stage.watching()"


def _misplayed(scenario: Scenario, played: Performance) -> Iterator[str]:
    """Where the program was not the scenario's: fewer calls than its script, or another end."""
    if bool(played.raised) != scenario.fails:
        yield "an error was to reach whoever runs it, and none did" if scenario.fails else f"{played.result}"
    for index, (given, script) in enumerate(zip(played.stage.given, scenario.bills, strict=True)):
        if len(given) < len(script):
            yield f"session {index}: {len(given)} of the {len(script)} calls that the provider answers were made"


def _misshapen(scenario: Scenario, trees: Sequence[SessionTree]) -> Iterator[str]:
    found = [without(forest_of(tree), scenario.around) for tree in trees]
    choices = [
        [without(forest, scenario.around) for forest in choice] for choice in (scenario.leaves, *scenario.or_leaves)
    ]
    if any(len(choice) == len(found) and all(map(fits, choice, found)) for choice in choices):
        return
    yield f"expected{' (or another form of it)' * (len(choices) > 1)} (-), and found (+):"
    named = {shape.kind for forest in choices[0] for shape in whole(forest) if shape.name is not None}
    lines = unified_diff(_outlines(choices[0]), _outlines([unnamed(forest, named) for forest in found]), lineterm="")
    yield from (f"  {line}" for line in lines if not line.startswith(("---", "+++")))


def _outlines(forests: Sequence[Forest]) -> list[str]:
    return [line for index, forest in enumerate(forests) for line in (f"session {index}", *outline(forest, 1))]


def _badly_closed(scenario: Scenario, trees: Sequence[SessionTree]) -> Iterator[str]:
    for index, tree in enumerate(trees):
        yield from (f"session {index}: line {problem.line}: {problem.what}" for problem in tree.problems)
        if (tree.ended is not None) != scenario.ends:
            yield f"session {index} {'has no end' if scenario.ends else 'has an end, and must not'}"
        if tree.ended is not None and tree.ended.lost:
            yield f"session {index}: {tree.ended.lost} signals were lost"
        open_spans = [span for span in tree.spans if span.end_ns is None]
        if scenario.ends and open_spans:
            yield f"session {index}: no end of " + ", ".join(f"{span.kind} {span.name}" for span in open_spans)


def _unpaused(scenario: Scenario, trees: Sequence[SessionTree]) -> Iterator[str]:
    spans = [span for tree in trees for span in tree.spans]
    if scenario.pauses and not any(
        span.status == "paused" or any(note.name == "paused" for note in span.notes) for span in spans
    ):
        yield "something was to pause, and nothing is told to have"


def _missummed(scenario: Scenario, played: Performance, trees: Sequence[SessionTree]) -> Iterator[str]:
    due = [_calls(scenario, given) for given in played.stage.given[: len(scenario.leaves)]]
    kept = [_calls(scenario, recorded(tree)) for tree in trees]
    if len(kept) != len(due):  # another form of the scenario: the same calls, in other sessions
        due, kept = [[*chain(*due)]], [[*chain(*kept)]]
    for told, found in zip(sorted(due, key=_sum), sorted(kept, key=_sum), strict=True):
        if _sum(told) != _sum(found):
            yield f"the provider told of {_sum(told)}; recorded were {_sum(found)}"
        elif told != found:
            pairs = enumerate(zip(told, found, strict=True), 1)
            yield from (f"call {n} told of {one}; recorded was {other}" for n, (one, other) in pairs if one != other)
    for index, tree in enumerate(trees):
        yield from (f"session {index}: {what}" for what in miscounted(tree, sum_of(recorded(tree))))


def _calls(scenario: Scenario, usages: Iterable[Usage | None]) -> list[Sum]:
    """What each call told, as the scenario compares it."""
    calls = [sum_of([usage]) for usage in usages]
    calls = [call.merged() for call in calls] if scenario.lifetimes_may_merge else calls
    return calls if scenario.in_order else sorted(calls)


def _sum(calls: list[Sum]) -> Sum:
    return sum(calls, sum_of(()))


def _loud(alone: Performance, watched: Performance) -> Iterator[str]:
    if alone.result != watched.result:
        yield f"the agent's own result is {watched.result!r}, and {alone.result!r} without us"
    for what in ("printed", "warned"):
        # How often a framework says the same is left to chance, and ids are new each time.
        known = {_ID.sub("<id>", line) for line in getattr(alone, what)}
        more = dict.fromkeys(line for line in getattr(watched, what) if _ID.sub("<id>", line) not in known)
        yield from (f"{what} because of us: {line}" for line in more)
    yield from (f"our own logger said: {line}" for line in watched.logged)
