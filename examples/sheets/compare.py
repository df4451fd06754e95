"""What the frameworks made of the same tasks: where their cards agree, and where not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from costcraft import Distillation
from examples.sheets.frameworks import Framework
from examples.sheets.play import Figures, Run, figures
from examples.sheets.tasks import SPLITS, Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One framework's part of the demo: both runs of every task, and what was learned in between."""

    framework: Framework
    skills: tuple[Path, ...]
    before: Sequence[Run]
    after: Sequence[Run] = ()
    distilled: Distillation | None = None

    def of(self, split: Split) -> tuple[list[Run], list[Run]]:
        """The runs of a split, before and after."""
        return _of(self.before, split), _of(self.after, split)

    def rows(self) -> list[tuple[Split, Figures, Figures]]:
        """(split, before, after) for each split."""
        return [(split, figures(_of(self.before, split)), figures(_of(self.after, split))) for split in SPLITS]


def _of(runs: Sequence[Run], split: Split) -> list[Run]:
    return [run for run in runs if run.task.split == split]


def notes(parts: Sequence[Part]) -> list[str]:
    """For each framework but the first: how far its cards agree with the first one's."""
    return [_note(parts[0], other) for other in parts[1:]]


def _note(first: Part, other: Part) -> str:
    pairs = list(zip((*first.before, *first.after), (*other.before, *other.after), strict=True))
    ways = [pair for pair in pairs if way_of(pair[0]) != way_of(pair[1])]
    title, model = other.framework.title, first.framework.title
    if ways:
        told = ", ".join(sorted({other.task.name for _, other in ways}))
        return f"{title}: calls, output or flags differ from {model}'s in {told}."
    more = sum((run.card.tokens.input or 0) - (old.card.tokens.input or 0) for old, run in pairs)
    if not more:
        return f"{title}: the same calls, tokens and flags as {model}, task by task."
    calls = sum(run.card.calls.llm for _, run in pairs)
    why = f": {other.framework.wording}" if other.framework.wording else ""
    return (
        f"{title}: the same calls, output tokens and flags as {model}, task by task; "
        f"{more / calls:+.0f} input tokens a call{why}."
    )


def way_of(run: Run) -> tuple[object, ...]:
    """What a run's card tells of its way, whatever the framework: outcome, calls, output, and what was waste."""
    card = run.card
    flags = [(flag.kind, len(flag.steps)) for flag in card.flags]
    return run.grade.success, card.calls, card.tokens.output, flags


def same_rules(first: Part, other: Part) -> str:
    """Whether both frameworks' sessions taught the same."""
    title = f"{other.framework.title}, from its own sessions"
    old, new = rules_of(first), rules_of(other)
    if old == new:
        return f"{title}: the same {len(new)} rules."
    return f"{title}: {len(old & new)} of these {len(old)} rules, {len(new - old)} others."


def rules_of(part: Part) -> set[tuple[str, str, str]]:
    """The rules that were learned: kind, scope and text."""
    patches = part.distilled.guarded.patches if part.distilled is not None else []
    return {(patch.kind, patch.scope, patch.rule) for patch in patches}
