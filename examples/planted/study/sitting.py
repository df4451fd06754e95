"""What one seed of the study came to, as a line of its file holds it: facts alone, no figure worked out from them."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from costcraft.value import Value


class StepTold(Value):
    """One tool call of a session that was learned from: what the truth says of it, and what its card did."""

    task: str
    tool: str
    label: str
    trap: int | None = None
    needed: bool
    """Whether this run came out as it did because of it, as far as anybody can know afterwards."""
    flags: tuple[str, ...] = ()
    """Kinds of the flags that call it needless."""


class RuleTold(Value):
    """One rule that was written, and what obeying it alone does to the agent's calls, as the truth knows."""

    id: str
    kind: str
    scope: str
    rule: str
    analyst: str
    level: str | None = None
    """The evidence of a prune."""
    named: int = 0
    """Steps that a prune names."""
    named_needed: int = 0
    """Those of them that the truth calls needed."""
    spares: Mapping[str, int] = Field(default_factory=dict)
    """Label -> calls that are no longer made and were not needed: on the tasks that were learned from where the rule is
    a prune, else on those held out."""
    costs: Mapping[str, int] = Field(default_factory=dict)
    """Label -> needed calls that are no longer made on tasks that fail now and did not before."""


class RunTold(Value):
    """One run on a held-out task."""

    task: str
    success: bool
    usd: Decimal
    llm_calls: int
    tool_calls: int


class ArmTold(Value):
    """One way to distil, or to carry over what was distilled: what it wrote, and the skills that came of it."""

    digest: str
    """Of the words the agent reads: arms of one digest were run once."""
    rules: tuple[RuleTold, ...] = ()
    held_back: int = 0
    """Prunes that were proposed and not written."""
    spares: Mapping[str, int] = Field(default_factory=dict)
    """Label -> calls that are no longer made on held-out tasks and were not needed there."""
    costs: Mapping[str, int] = Field(default_factory=dict)
    """Label -> needed calls that are no longer made on held-out tasks that fail for it and did not before."""


class Place(Value):
    """One domain of one seed."""

    steps: tuple[StepTold, ...]
    arms: Mapping[str, ArmTold]
    runs: Mapping[str, tuple[RunTold, ...]]
    """Digest -> the held-out runs of the agent that reads it."""
    practised: Mapping[str, tuple[RunTold, ...]] = Field(default_factory=dict)
    """Digest -> its runs on the tasks that were learned from, where a prune was put in alone."""
    base: str
    """The digest of the base skill alone."""
    waste: int
    """Calls of the base agent on held-out tasks that should be made in no run."""
    alone: Mapping[str, str] = Field(default_factory=dict)
    """Rule -> digest of the base skill with that rule alone, whether or not it was written. A prune was run on the
    tasks that were learned from, any other rule on those held out."""
    abroad: Mapping[str, str] = Field(default_factory=dict)
    """Repair or preserve of the other domain -> digest of this domain's base skill with it, run on held-out tasks."""
    proposed: tuple[RuleTold, ...] = ()
    """Every rule that any arm proposed."""
    replays: Mapping[str, Any] = Field(default_factory=dict)
    """What replay and value flow say of single steps, counted against the truth."""


class Sitting(Value):
    """One seed on one framework, both domains."""

    framework: str
    seed: int
    learned: int
    """Tasks of each domain that were learned from: one session each."""
    held_out: int
    """Tasks of each domain that were held out."""
    runs: int
    """Runs of the agent beside those that were learned from."""
    taken: int = 0
    """Runs that were taken over from an earlier study of the same agents and tasks; not among `runs`."""
    places: Mapping[str, Place]
    cpu_seconds: float = 0.0


def read_sittings(path: Path) -> list[Sitting]:
    """All whole lines of the file, by framework and seed; none where there is no file yet. A torn line is left out."""
    if not path.exists():
        return []
    found = {(each.framework, each.seed): each for each in _lines(path.read_bytes().split(b"\n")[:-1])}
    return [found[key] for key in sorted(found)]


def _lines(lines: Iterable[bytes]) -> Iterator[Sitting]:
    for line in lines:
        try:
            yield Sitting.model_validate_json(line)
        except ValidationError:
            continue


def add_sitting(path: Path, sitting: Sitting) -> None:
    """One more line. A torn line before it is ended first."""
    with path.open("ab+") as file:
        file.seek(max(0, file.tell() - 1))
        torn = file.tell() > 0 and file.read(1) not in {b"\n", b""}
        file.write((b"\n" if torn else b"") + sitting.model_dump_json().encode() + b"\n")
