"""What is labelled: one step of one session, known by a hash that holds no text."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clawtrace_core import PriceBook
from clawtrace_core.card.flags.finding import Scene
from clawtrace_core.card.flags.registry import FLAGS, find_all
from clawtrace_core.card.ledger import build_ledger
from clawtrace_core.model.session import SessionTree, Span
from clawtrace_core.tokens import Counter
from tests.golden.labels.populations import Wanted, sessions

ALL_KINDS = tuple(FLAGS)
LABELLED = ("tool", "agent", "llm", "retriever")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One step, and the kinds of flags that name it."""

    id: str
    source: str
    step: int
    """Its number in its session."""
    kind: str
    """What it is: a tool call, an LLM call, a sub-agent."""
    flags: tuple[str, ...]

    @property
    def population(self) -> str:
        return self.source.partition("/")[0]


def look(tree: SessionTree, prices: PriceBook, counter: Counter) -> tuple[Scene, dict[int, tuple[str, ...]]]:
    """A session as the flags see it, and the kinds that name each span; all kinds, also those that are off."""
    scene = Scene(tree, build_ledger(tree, price=prices, count=counter))
    named: dict[int, set[str]] = {}
    for finding in find_all(scene, ALL_KINDS):
        for span in finding.steps:
            named.setdefault(span, set()).add(finding.kind)
    return scene, {span: tuple(kind for kind in ALL_KINDS if kind in kinds) for span, kinds in named.items()}


def units(source: str, scene: Scene, named: dict[int, tuple[str, ...]]) -> list[Unit]:
    """Every step of a session that can be labelled, in order."""
    counts: dict[str, int] = {}
    found = []
    for span_id, place in scene.ledger.places.items():
        span = scene.spans[span_id]
        if span.kind in LABELLED:
            index = counts[span.kind] = counts.get(span.kind, -1) + 1
            key = f"{source}|{span.kind}|{span.name}|{index}|{_digest(scene, span)}"
            name = hashlib.sha256(key.encode()).hexdigest()[:20]
            flags = named.get(span_id, ())
            found.append(Unit(id=name, source=source, step=place.n, kind=span.kind, flags=flags))
    return found


def _digest(scene: Scene, span: Span) -> str:
    """Of the arguments; of an LLM call or a sub-agent, of what it said."""
    ids = span.input.add if span.kind in {"tool", "retriever"} else span.output
    told = [
        scene.contents[one].body if span.kind == "tool" else scene.text(one) for one in ids if one in scene.contents
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def scenes(home: Path, wanted: Wanted = None) -> Iterator[tuple[str, Scene, dict[int, tuple[str, ...]]]]:
    """The sessions of these names, looked at."""
    prices, counter = PriceBook.load(), Counter()
    for source, tree in sessions(home, wanted):
        scene, named = look(tree, prices, counter)
        yield source, scene, named
