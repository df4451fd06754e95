"""`unused`: a read whose result left no trace in anything that was said afterwards.

Evidence: some of the `values` that were looked for, out of how many (`of`), the step of the call that read the result
(`read_by`), and how many LLM calls were looked into from there on (`looked_in`).

That a value does not come back proves little: a result may decide ("basic economy: no refund"), rule out ("none of
these"), or go into a sum. So the flag fires only where such a use left no trace either. Not unused: a result of which
any value comes back, rounded or reformatted too; one whose words nobody had said before and somebody said after; one
whose words come back in what its reader said next; one whose subject (the id or path asked for) is taken up again;
one of a row of searches or of like records, which may have ruled itself out; one with as many entries as a whole number
that is said after it, or more, which may be their count; a list of files; instructions; what
the user named; a result after which the agent said too little for a use to show; one with amounts or days, where later
an amount or a day appears that stood nowhere; and anything in a session that did not end with an answer.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable

from clawtrace_core.card import values
from clawtrace_core.card.flags.effects import is_followed, words
from clawtrace_core.card.flags.finding import Finding, Scene
from clawtrace_core.card.steps import arguments
from clawtrace_core.card.weigh import text_of, tool_calls
from clawtrace_core.model.session import Span

LEAST = 3
"""Distinctive values a result must have, amounts and days apart: of fewer, that none comes back says little."""
NEXT = 3
"""LLM calls, from the first that read the result, in which no word of it may come back."""
ENOUGH = 8
"""Words that say something which an answer without any value must have."""
SHOWN = 8
CLIP = 40
MOST_COUNTED = 1000
_RECORD = re.compile(r"[\[{,]\s*(?=[{\[\"])")
"""What stands before a record, or a text, in a list."""
_SEARCHES = frozenset({"search", "find", "grep", "glob", "query", "lookup", "list", "ls", "browse", "retrieve", "scan"})
_LISTS = frozenset({"ls", "dir", "tree", "glob", "grep", "find", "rg"})
"""Names of tools that tell as much by what they do not list."""


def find_unused(scene: Scene) -> Iterable[Finding]:
    """One finding per call."""
    spawns = {spawn.id for span in scene.tree.spans if span.kind == "agent" and (spawn := scene.spawn_of(span))}
    rows = _rows(scene)
    for span in scene.tools:
        if span.id in spawns or not _is_read(scene, span) or not scene.flow.known(span):
            continue
        found = [value for value in scene.flow.distinctive(span) if not values.is_measure(value)]
        if len(found) < LEAST or scene.flow.uses(span) or not scene.concluded(span):
            continue
        reader = scene.reader(span)
        if (
            reader is not None
            and not _is_followed_or_wanted(scene, span)
            and _would_show(scene, reader)
            and not _left_a_trace(scene, span, reader)
            and not _rules_out(scene, span, rows)
            and not scene.flow.counted(span, _entries(scene, span))
        ):
            yield _finding(scene, span, reader, found)


def _is_read(scene: Scene, span: Span) -> bool:
    return scene.effect(span) == "read" and scene.succeeded(span) and not scene.is_restless(span)


def _is_followed_or_wanted(scene: Scene, span: Span) -> bool:
    """Whether a result serves without being quoted: it lists, it is followed, or the user had named what was read."""
    told = arguments(span, span.input.add, scene.contents) or ""
    return words(span.name) <= _LISTS or is_followed(span.name, told) or scene.flow.asked_for(span)


def _would_show(scene: Scene, reader: Span) -> bool:
    """Whether the agent said enough next for a use to show: "yes" may rest on anything."""
    calls = scene.calls(scene.scope(reader))
    at = bisect_left(calls, scene.n(reader.id), key=lambda call: scene.n(call.id))
    for call in calls[at:]:
        said = list(scene.outputs(call))
        if not said or any(tool_calls(content) for content in said):
            continue
        told = {key for key in scene.flow.keys(call.output) if values.is_telling(key)}
        return any(values.is_distinct(key) for key in told) or len(told) >= ENOUGH
    return True  # a sub-agent may answer otherwise than in a message


def _left_a_trace(scene: Scene, span: Span, reader: Span) -> bool:
    """Whether anything hints at a use that the values themselves do not show."""
    flow = scene.flow
    if flow.derived(span) and any(values.is_measure(value) for value in flow.distinctive(span)):
        return True
    if any(values.is_distinct(key) for key in flow.again(span.input.add, span)):
        return True
    calls = scene.calls(scene.scope(reader))
    at = bisect_left(calls, scene.n(reader.id), key=lambda call: scene.n(call.id))
    last = calls[min(at + NEXT, len(calls)) - 1]
    told = {*flow.again(span.output, span, unheard=True), *flow.again(span.output, span, until=last)}
    if not flow.labels(span):
        # Plain text shares words with anything; only those it brought in can have been learnt from it.
        told &= set(flow.words(span))
    return any(values.is_telling(key) for key in told)


def _rows(scene: Scene) -> dict[int, list[Span]]:
    """The tool calls next to each one, before and after it in the same agent."""
    last: dict[int | None, Span] = {}
    rows: dict[int, list[Span]] = {}
    for span in scene.tools:
        before = last.get(scope := scene.scope(span))
        rows[span.id] = [before] if before is not None else []
        if before is not None:
            rows[before.id].append(span)
        last[scope] = span
    return rows


def _rules_out(scene: Scene, span: Span, rows: dict[int, list[Span]]) -> bool:
    """Whether the call stands in a row of searches, or of like records: one that does not fit is how the other is
    found."""
    searches = bool(words(span.name) & _SEARCHES)
    for other in rows[span.id]:
        if searches and words(other.name) & _SEARCHES:
            return True
        if other.name == span.name and (shape := scene.flow.labels(span)) and shape & scene.flow.labels(other):
            return True
    return False


def _entries(scene: Scene, span: Span) -> int:
    """How many entries a result has that could be counted: lines, or records of a list."""
    found = 0
    for content in scene.outputs(span):
        text = text_of(content)
        records = len(_RECORD.findall(text))
        found += min(max(records, sum(bool(line.strip()) for line in text.splitlines())), MOST_COUNTED)
    return found


def _finding(scene: Scene, span: Span, reader: Span, found: list[str]) -> Finding:
    shown = [value if len(value) <= CLIP else value[: CLIP - 1] + "…" for value in found[:SHOWN]]
    return Finding(
        kind="unused",
        of=None,
        steps=(span.id,),
        why=f"none of its {len(found)} new values ({', '.join(shown[:3])}) is in any later argument, message or answer",
        evidence={
            "values": shown,
            "of": len(found),
            "read_by": scene.n(reader.id),
            "looked_in": sum(scene.n(call.id) >= scene.n(reader.id) for call in scene.llms),
        },
        confidence="high" if scene.is_told(span) else "medium",
    )
