"""Draws the steps to label and writes what the readers read.

`python -m tests.golden.labels.draw --out DIR` writes the sheets (in one file, and in batches with the rubric on top)
and, for nobody who reads them, the key: which kinds of flags name each step. The same seed draws the same steps.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from clawtrace_core.card.flags.finding import Scene
from tests.golden.labels.reading import sheet
from tests.golden.labels.rubric import RUBRIC
from tests.golden.labels.units import ALL_KINDS, Unit, scenes, units

SEED = 411
FLAGGED = UNFLAGGED = 200
BATCH = 50
MOST_OF_ONE = 2
"""Steps of one kind from one session, as long as there are others: those of one session resemble each other."""
SHARES = {"airline": 0.3, "sheets": 0.15, "clerk": 0.55}
"""Of the unflagged steps, by population."""
LLM_SHARE = 0.3
"""Of the unflagged steps, how many are LLM calls; the rest are tool calls and sub-agents."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A step that was drawn."""

    unit: Unit
    stratum: str
    """What it was drawn as: a kind of flag or `none`, and where from."""
    weight: Fraction
    """How many steps of its stratum it stands for."""


def draw_flagged(found: Sequence[Unit], draw: random.Random, wanted: int = FLAGGED) -> list[Drawn]:
    """Flagged steps, each kind as far as there are and the rarest first; real sessions before simulated ones."""
    pools = {kind: [unit for unit in found if kind in unit.flags] for kind in ALL_KINDS}
    chosen: dict[str, Drawn] = {}
    kinds = sorted((kind for kind in ALL_KINDS if pools[kind]), key=lambda kind: len(pools[kind]))
    for place, kind in enumerate(kinds):
        quota = -(-(wanted - len(chosen)) // (len(kinds) - place))
        pool = [unit for unit in pools[kind] if unit.id not in chosen]
        some = _spread(pool, draw)[: min(quota, wanted - len(chosen))]
        for population in SHARES:
            here = [unit for unit in some if unit.population == population]
            there = sum(unit.population == population for unit in pool)
            chosen |= {unit.id: Drawn(unit, f"{kind}/{population}", Fraction(there, len(here))) for unit in here}
    return list(chosen.values())


def _spread(pool: Sequence[Unit], draw: random.Random) -> list[Unit]:
    """A pool in random order, few of one session first, those of real sessions before all."""
    mixed = draw.sample(list(pool), len(pool))
    seen: Counter[str] = Counter()
    rank = {}
    for unit in mixed:
        rank[unit.id] = (unit.population != "airline", seen[unit.source] // MOST_OF_ONE)
        seen[unit.source] += 1
    return sorted(mixed, key=lambda unit: rank[unit.id])


def draw_unflagged(found: Sequence[Unit], flagged: Sequence[Drawn], draw: random.Random) -> list[Drawn]:
    """Steps without a flag, from the sessions that flagged ones were drawn from; of the airline, from all: few of its
    sessions have a flag. They stand for all steps without a flag."""
    sources = {drawn.unit.source for drawn in flagged}
    chosen: list[Drawn] = []
    for population, share in SHARES.items():
        bare = [unit for unit in found if not unit.flags and unit.population == population]
        total = round(UNFLAGGED * share)
        for name, wanted in (("llm", round(total * LLM_SHARE)), ("call", total - round(total * LLM_SHARE))):
            every = [unit for unit in bare if (unit.kind == "llm") == (name == "llm")]
            near = [unit for unit in every if unit.source in sources or population == "airline"]
            some = draw.sample(near, min(len(near), wanted))
            chosen += [Drawn(unit, f"none/{population}/{name}", Fraction(len(every), len(some))) for unit in some]
    return chosen


def write(out: Path, chosen: Sequence[Drawn], sheets: dict[str, str], draw: random.Random) -> None:
    """The sheets in random order, and the key."""
    out.mkdir(parents=True, exist_ok=True)
    order = draw.sample(list(chosen), len(chosen))
    texts = [(drawn.unit.id, sheets[drawn.unit.id]) for drawn in order]
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in texts]
    (out / "sheets.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for batch, start in enumerate(range(0, len(texts), BATCH), start=1):
        some = [text for _, text in texts[start : start + BATCH]]
        (out / f"batch-{batch}.md").write_text("\n".join([RUBRIC, *some]), encoding="utf-8")
    keys = [json.dumps(_key(drawn)) for drawn in order]
    (out / "key.jsonl").write_text("\n".join(keys) + "\n", encoding="utf-8")


def _key(drawn: Drawn) -> dict[str, object]:
    unit = drawn.unit
    told = {"id": unit.id, "source": unit.source, "step": unit.step, "unit": unit.kind, "flags": list(unit.flags)}
    return {**told, "stratum": drawn.stratum, "weight": str(drawn.weight)}


def summary(found: Sequence[Unit], flagged: Sequence[Drawn]) -> str:
    """How many steps there are of each kind and how many were drawn."""
    lines = []
    for kind in ALL_KINDS:
        there = Counter(unit.population for unit in found if kind in unit.flags)
        drawn = Counter(each.unit.population for each in flagged if kind in each.unit.flags)
        told = ", ".join(f"{name} {drawn[name]} of {there[name]}" for name in SHARES if there[name])
        lines.append(f"{kind}: {drawn.total()} of {there.total()} ({told or 'none'})")
    bare = Counter(unit.population for unit in found if not unit.flags)
    lines.append("not flagged: " + ", ".join(f"{name} {bare[name]}" for name in SHARES))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.labels.draw", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="where the sheets go; they hold text, so not here")
    told = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        seen: dict[str, Scene] = {}
        found: list[Unit] = []
        for source, scene, named in scenes(Path(home)):
            seen[source] = scene
            found += units(source, scene, named)
        draw = random.Random(SEED)
        flagged = draw_flagged(found, draw)
        chosen = [*flagged, *draw_unflagged(found, flagged, draw)]
        sheets = {one.unit.id: sheet(one.unit, seen[one.unit.source]) for one in chosen}
        write(told.out, chosen, sheets, draw)
        print(summary(found, flagged))
        (told.out / "counts.txt").write_text(summary(found, flagged) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
