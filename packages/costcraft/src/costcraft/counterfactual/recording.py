"""What of a session can run again: its tool calls, with their arguments and what they answered. Pure."""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from clawtrace_core.card import TraceCard
from clawtrace_core.card.weigh import text_of
from clawtrace_core.model.session import SessionTree, Span


class Call(NamedTuple):
    """One recorded tool call."""

    steps: frozenset[int]
    """Its step number, and those of the calls it ran inside of."""
    n: int
    tool: str
    arguments: Mapping[str, Any]
    result: str | None
    """What it answered, as text; None where that was not kept."""
    failed: bool


class Unplayable(NamedTuple):
    """Why a session's calls cannot run again."""

    why: str


def recorded_calls(tree: SessionTree, card: TraceCard) -> list[Call] | Unplayable:
    """The session's tool calls, in the order in which they started.

    A call with steps of its own inside (one that spawns a sub-agent) is not called: the steps inside it are.
    """
    numbers = {step.span: step.n for step in card.steps}
    parents = {span.id: span.parent for span in tree.spans}
    around = {span: _around(span, parents, numbers) for span in numbers}
    containers = {n for steps in around.values() for n in steps}
    failed = {step.span: step.failed for step in card.steps}
    calls = []
    for span in tree.spans:
        n = numbers.get(span.id)
        if span.kind != "tool" or n is None or n in containers:
            continue
        arguments = _arguments(tree, span)
        if isinstance(arguments, Unplayable) or span.status not in ("ok", "error"):
            why = arguments.why if isinstance(arguments, Unplayable) else f"it ended as {span.status}"
            return Unplayable(f"step {n} ({span.name}) cannot be called again: {why}")
        steps = frozenset({n, *around[span.id]})
        calls.append(Call(steps, n, span.name, arguments, _result(tree, span), failed[span.id] or span.failed))
    return calls


def _around(span: int, parents: Mapping[int, int | None], numbers: Mapping[int, int]) -> list[int]:
    found = []
    parent = parents.get(span)
    while parent is not None:
        if parent in numbers:
            found.append(numbers[parent])
        parent = parents.get(parent)
    return found


def _arguments(tree: SessionTree, span: Span) -> Mapping[str, Any] | Unplayable:
    if not span.input:
        return {}
    known = [tree.contents[each] for each in span.input.add if each in tree.contents]
    if span.input.base is not None or len(known) != 1 or known[0].clipped or not isinstance(known[0].body, Mapping):
        return Unplayable("its arguments were not kept whole")
    return known[0].body


def _result(tree: SessionTree, span: Span) -> str | None:
    known = [tree.contents.get(each) for each in span.output]
    if not known or any(each is None or each.clipped or each.body is None for each in known):
        return None
    return "\n".join(text_of(each) for each in known)


def same_answer(told: object, recorded: str | None) -> bool:
    """Whether a call answered as it did when it was recorded; what was not kept is taken to agree.

    Frameworks write what is no text in ways of their own, so JSON and Python's own writing count as the value.
    """
    if recorded is None:
        return True
    text = told if isinstance(told, str) else str(told)
    return text.strip() == recorded.strip() or _value(told) == _value(recorded)


def _value(told: object) -> object:
    if not isinstance(told, str):
        return _plain(told)
    for read in (json.loads, ast.literal_eval):
        try:
            return _plain(read(told))
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return told.strip()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return (
        [_plain(each) for each in value]
        if isinstance(value, Sequence) and not isinstance(value, str | bytes)
        else value
    )
