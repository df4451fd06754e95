"""How right the flags are: precision and recall per kind, by the labels.

`python -m tests.golden.labels.score` plays the labelled sessions again, raises every flag, and compares; `--write`
records it for the table in the docs. Precision is the share of flagged steps that are waste of that kind, or of one
that names the same needless step (`RIGHT`); `unsure` is left out, and counted. Recall is of the steps that are waste of
a kind: how many have such a flag, each step weighted by how many it was drawn for. Intervals are Wilson's, 95 % (Wilson
1927); for recall with the effective number of steps (Kish 1965), as the weights differ.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.golden.labels.merge import LABELS, agree, kappa
from tests.golden.labels.units import ALL_KINDS, scenes, units

Z = 1.959964
SCORES = Path(__file__).parent / "scores.json"
"""What the labels said of the flags when it was last recorded; a slow test works it out anew."""
REPEATS = frozenset({"duplicate", "near_duplicate", "loop"})
"""Kinds that name the same needless step: a call that had been answered before."""
RIGHT: Mapping[str, frozenset[str]] = {
    **{kind: frozenset({kind}) for kind in ALL_KINDS},
    **dict.fromkeys(REPEATS, REPEATS),
    "cache_break": frozenset({"cache_break", "idle_turn"}),
}
"""The labels that make a flag right. A reader names one kind, the one that weighs most: where a turn is idle, what it
paid for a lost cache was needless with it. Not the other way round."""
POPULATIONS: Mapping[str, Callable[[str], bool]] = {
    "recorded": lambda source: source.startswith("airline/"),
    "simulated": lambda source: not source.startswith("airline/"),
    "both": lambda source: True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its interval; `of` 0: nothing is known."""

    hits: float
    of: float

    @property
    def point(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        p, n = self.hits / self.of, self.of
        middle, half = p + Z * Z / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + Z * Z / n)), min(1.0, (middle + half) / (1 + Z * Z / n))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the labels say of one kind of flag."""

    kind: str
    precision: Share
    same_kind: int
    """Of the right ones, how many the readers called by the same kind."""
    unsure: int
    """Flagged steps that the readers were not sure of."""
    waste: int
    """Steps labelled as waste of this kind."""
    recall: Share
    """By weight; `of` is the effective number of steps."""

    def row(self) -> dict[str, Any]:
        """As it is recorded."""
        counts = {"flagged": int(self.precision.of), "right": int(self.precision.hits), "same_kind": self.same_kind}
        return {
            **counts,
            "unsure": self.unsure,
            "precision": _figures(self.precision),
            "waste": self.waste,
            "recall": _figures(self.recall),
        }


def _figures(share: Share) -> list[float] | None:
    return None if share.point is None else [round(one, 5) for one in (share.point, *share.interval)]


def read_file(path: Path = LABELS) -> list[Mapping[str, Any]]:
    """The lines of the label file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def flags_now(labels: Iterable[Mapping[str, Any]], home: Path) -> dict[str, tuple[str, ...]]:
    """The kinds of flags that name each labelled step today. Steps of sessions that are not there are left out."""
    wanted = {label["id"] for label in labels}
    sources = {label["source"] for label in labels}
    return {
        unit.id: unit.flags
        for source, scene, named in scenes(home, sources)
        for unit in units(source, scene, named)
        if unit.id in wanted
    }


def scores(labels: Sequence[Mapping[str, Any]], flags: Mapping[str, Sequence[str]]) -> list[Score]:
    """One score per kind, by the labelled steps whose flags are known."""
    there = [label for label in labels if label["id"] in flags]
    return [_score(kind, there, flags) for kind in ALL_KINDS]


def _score(kind: str, labels: Sequence[Mapping[str, Any]], flags: Mapping[str, Sequence[str]]) -> Score:
    flagged = [label["label"] for label in labels if kind in flags[label["id"]]]
    sure = [label for label in flagged if label["waste"] != "unsure"]
    right = [label for label in sure if label["waste"] is True and label["kind"] in RIGHT[kind]]
    waste = [label for label in labels if label["label"]["waste"] is True and label["label"]["kind"] == kind]
    weights = [float(Fraction(label["weight"])) for label in waste]
    same = REPEATS if kind in REPEATS else {kind}
    hits = sum(weight for label, weight in zip(waste, weights, strict=True) if not same.isdisjoint(flags[label["id"]]))
    size = sum(weights) ** 2 / sum(weight**2 for weight in weights) if weights else 0.0
    return Score(
        kind=kind,
        precision=Share(hits=len(right), of=len(sure)),
        same_kind=sum(label["kind"] == kind for label in right),
        unsure=len(flagged) - len(sure),
        waste=len(waste),
        recall=Share(hits=size * hits / sum(weights) if weights else 0.0, of=size),
    )


def by_population(
    labels: Sequence[Mapping[str, Any]], flags: Mapping[str, Sequence[str]], name: str
) -> dict[str, dict[str, Any]]:
    """The rows of one population as they are recorded; kinds of which nothing is labelled there are left out."""
    found = scores([label for label in labels if POPULATIONS[name](label["source"])], flags)
    return {score.kind: score.row() for score in found if score.precision.of or score.unsure or score.waste}


def record(labels: Sequence[Mapping[str, Any]], flags: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """All that the docs tell of the labels."""
    pairs = [(label["a"], label["b"]) for label in labels]
    readings = {
        "steps": len(labels),
        "recorded_steps": sum(POPULATIONS["recorded"](label["source"]) for label in labels),
        "unsure": sum(label["label"]["waste"] == "unsure" for label in labels),
        "agreed": sum(agree(a, b) for a, b in pairs),
        "agreed_on_waste": sum(a["waste"] == b["waste"] for a, b in pairs),
        "kappa": round(kappa(pairs), 3),
    }
    return {"readings": readings, **{name: by_population(labels, flags, name) for name in POPULATIONS}}


def table(found: Iterable[Score]) -> str:
    """The scores as a Markdown table."""
    lines = ["| kind | flagged | right | unsure | precision | same kind | waste | recall |", "|---|" + "---|" * 7]
    for score in found:
        one = score.precision
        cells = [f"`{score.kind}`", f"{one.of:.0f}", f"{one.hits:.0f}", str(score.unsure), _told(one)]
        lines.append(f"| {' | '.join([*cells, str(score.same_kind), str(score.waste), _told(score.recall)])} |")
    return "\n".join(lines)


def _told(share: Share) -> str:
    if share.point is None:
        return "not known"
    low, high = share.interval
    return f"{share.point:.2f} ({low:.2f} to {high:.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.labels.score", description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=Path, default=LABELS, help="a label file; this folder's")
    parser.add_argument("--write", action="store_true", help=f"record it in {SCORES.name}; wants every session")
    told = parser.parse_args(arguments)
    labels = read_file(told.labels)
    with tempfile.TemporaryDirectory() as home:
        flags = flags_now(labels, Path(home))
    for name, is_in in POPULATIONS.items():
        print(f"{name}\n\n{table(scores([label for label in labels if is_in(label['source'])], flags))}\n")
    print(f"{len(flags)} of {len(labels)} labelled steps are there.")
    if told.write and len(flags) < len(labels):
        parser.error(f"{len(labels) - len(flags)} labelled steps are not there; nothing is recorded")
    if told.write:
        SCORES.write_text(json.dumps(record(labels, flags), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
