"""Evidence: what each session did, cost and achieved, in the form the analysts read.

Actions hold the *shape* of their arguments. The values are kept apart (`distinctive`), for one use: to prove
that no rule repeats one of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from pydantic import Field

from clawtrace_core import ClawTraceError, PriceBook, Store, compile_session
from clawtrace_core.card import Step, TraceCard
from clawtrace_core.model.session import SessionTree, Span
from clawtrace_core.parallel import each_in_turn
from clawtrace_core.tokens import Counter
from costcraft.distinctive import distinctive_strings
from costcraft.errors import EvidenceThin
from costcraft.listed_calls import names_in
from costcraft.shape import Effect, effect_of, shape_of
from costcraft.value import StageFile, Value

_EFFECTS: Mapping[str, Effect] = {"read": "reads", "write": "writes", "unknown": "unknown"}
_INDEX = re.compile(r"[\s._:/#-]*\d+[a-z]?$")


class Action(Value):
    """One tool call, in the order in which the session made them."""

    n: int
    """Step number, as in the card."""
    tool: str
    args: dict[str, str] = Field(default_factory=dict)
    """Argument name -> shape of its value."""
    failed: bool = False
    effect: Effect | None = None
    """What the tool does, where its adapter or user told; None: its name tells."""
    usd: Decimal | None = None
    """Caused view, USD. None: unpriced."""
    tokens: int | None = None

    @property
    def does(self) -> Effect:
        """What the tool does: as told, else by its name."""
        return self.effect or effect_of(self.tool)


class CheckSeen(Value):
    """One thing the oracle looked at."""

    name: str
    passed: bool
    expected: Any = None
    got: Any = None


class Retry(Value):
    """What differs between a failed call and the one that replaced it: names of arguments, never values."""

    step: int
    winner: int
    tool: str
    added: list[str] = Field(default_factory=list)
    removed: list[str] = Field(default_factory=list)
    changed: list[str] = Field(default_factory=list)


class SessionEvidence(Value):
    """One session."""

    session: str
    task: str | None
    task_kind: str
    success: bool | None
    """None: no outcome was recorded."""
    overruled: int = 0
    """Outcomes that were recorded before the last one and say the opposite; the last counts."""
    checks: list[CheckSeen] = Field(default_factory=list)
    actions: list[Action] = Field(default_factory=list)
    retries: list[Retry] = Field(default_factory=list)
    card: TraceCard
    distinctive: list[str] = Field(default_factory=list)
    """Strings of this session's data that no rule may repeat."""


class Skipped(Value):
    """A session that could not be read, and why."""

    session: str
    why: str


class Evidence(StageFile):
    """Everything the analysts see."""

    stage: Literal["evidence"] = "evidence"
    sessions: list[SessionEvidence] = Field(default_factory=list)
    skipped: list[Skipped] = Field(default_factory=list)

    def kinds(self) -> dict[str, list[SessionEvidence]]:
        """Sessions by their kind of task."""
        found: dict[str, list[SessionEvidence]] = {}
        for session in self.sessions:
            found.setdefault(session.task_kind, []).append(session)
        return dict(sorted(found.items()))


def task_kind(task: str | None, attributes: Mapping[str, Any] | None = None) -> str:
    """The kind of a task: the attribute `task_kind`, else the task's name without its index (`sheet-12`: `sheet`)."""
    told = (attributes or {}).get("task_kind")
    if isinstance(told, str) and told:
        return told
    return _INDEX.sub("", task or "") or "any"


def gather(
    store: Store, *, prices: PriceBook | None = None, kinds: Sequence[str] = (), workers: int | None = 1
) -> Evidence:
    """Read and compile every session of a store (only those of `kinds`, when given).

    `workers`: as many processes (None: as many as cores, once some seconds show that they pay); the evidence is the
    same. A script that asks for them does its work under `if __name__ == "__main__":`.

    Raises:
        EvidenceThin: no session is left to learn from.
        SettingsInvalid: the price file of the environment cannot be used, or `workers` is below 1.
    """
    prices = PriceBook.load() if prices is None else prices
    work = partial(_seen, store=store, prices=prices, counter=Counter())
    chosen: list[SessionEvidence] = []
    skipped: list[Skipped] = []
    others: set[str] = set()
    for found in each_in_turn(work, store.session_ids(), workers=workers):
        if isinstance(found, Skipped):
            skipped.append(found)
        elif kinds and found.task_kind not in kinds:
            others.add(found.task_kind)
        else:
            chosen.append(found)
    if not chosen:
        raise EvidenceThin(_nothing(store, others, skipped, kinds))
    return Evidence(sessions=chosen, skipped=skipped)


def _seen(session: str, *, store: Store, prices: PriceBook, counter: Counter) -> SessionEvidence | Skipped:
    try:
        tree = store.read(session)
        return look_at(tree, compile_session(tree, prices=prices, counter=counter))
    except ClawTraceError as error:
        return Skipped(session=session, why=str(error))


def _nothing(store: Store, others: set[str], skipped: list[Skipped], kinds: Sequence[str]) -> str:
    if others:
        there = ", ".join(sorted(others))
        return f"{store.root}: no session of the kind {', '.join(kinds)}; the kinds there are: {there}"
    if skipped:
        return f"{store.root}: none of its {len(skipped)} sessions can be read; the first: {skipped[0].why}"
    return f"{store.root}: the store holds no session; trace some runs of the agent into it first"


def look_at(tree: SessionTree, card: TraceCard) -> SessionEvidence:
    """One session's evidence. Pure."""
    spans = {span.id: span for span in tree.spans}
    arguments = {span.id: _arguments(tree, span) for span in tree.spans if span.kind == "tool"}
    steps = sorted((step for step in card.steps if step.kind == "tool"), key=lambda step: step.n)
    actions = [
        Action(
            n=step.n,
            tool=step.name,
            args={name: shape_of(value) for name, value in arguments.get(step.span, {}).items()},
            failed=step.failed or (step.span in spans and spans[step.span].failed),
            effect=_told_effect(step),
            usd=step.usd,
            tokens=step.tokens,
        )
        for step in steps
    ]
    by_n = {step.n: arguments.get(step.span, {}) for step in steps}
    outcome = tree.outcome
    checks = [
        CheckSeen(name=check.name, passed=check.passed, expected=plain(check.expected), got=plain(check.got))
        for check in (outcome.checks if outcome else ())
    ]
    return SessionEvidence(
        session=tree.id,
        task=tree.started.task,
        task_kind=task_kind(tree.started.task, tree.started.attributes),
        success=outcome.success if outcome else None,
        overruled=sum(each.success != outcome.success for each in tree.overruled) if outcome else 0,
        checks=checks,
        actions=actions,
        retries=_retries(card, actions, by_n),
        card=card,
        distinctive=_data_of(tree, arguments.values(), checks, actions),
    )


def _told_effect(step: Step) -> Effect | None:
    return _EFFECTS.get(step.effect or "")


def _arguments(tree: SessionTree, span: Span) -> dict[str, Any]:
    for content_id in span.input.add:
        content = tree.contents.get(content_id)
        if content is not None and content.role == "arguments" and isinstance(content.body, Mapping):
            return {str(name): value for name, value in content.body.items()}
    return {}


def _retries(card: TraceCard, actions: list[Action], by_n: Mapping[int, dict[str, Any]]) -> list[Retry]:
    tools = {action.n: action.tool for action in actions}
    found = []
    for flag in card.flags:
        if flag.kind != "superseded" or flag.of is None or flag.of not in tools:
            continue
        winner = by_n[flag.of]
        for n in flag.steps:
            if n not in tools:
                continue
            lost = by_n[n]
            found.append(
                Retry(
                    step=n,
                    winner=flag.of,
                    tool=tools[flag.of],
                    added=sorted(winner.keys() - lost.keys()),
                    removed=sorted(lost.keys() - winner.keys()),
                    changed=sorted(name for name in winner.keys() & lost.keys() if winner[name] != lost[name]),
                )
            )
    return found


def _data_of(
    tree: SessionTree, arguments: Iterable[Mapping[str, Any]], checks: list[CheckSeen], actions: list[Action]
) -> list[str]:
    spoken = {action.tool for action in actions} | {name for action in actions for name in action.args}
    spoken |= set(names_in(side for check in checks for side in (check.expected, check.got)))
    values: list[Any] = [tree.id, tree.started.task, tree.started.user]
    values += [list(each.values()) for each in arguments]
    values += [[check.name, check.expected, check.got] for check in checks]
    return distinctive_strings(values, spoken=spoken)


def plain(value: Any) -> Any:
    """A value as plain JSON data; what JSON has no word for becomes its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value)
