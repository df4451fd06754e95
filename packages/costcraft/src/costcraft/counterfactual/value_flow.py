"""Whether anything said later hangs on what a step brought in. Pure.

With later actions as they were recorded, a replay without a step only shows that the world did not need it. Whether
the agent needed it is asked here: a value that the session saw first in the step's result and that a later argument,
message or answer holds was learnt from it. What stood in the session before is no use of the step.
"""

from collections.abc import Collection, Hashable, Mapping
from typing import Any, Literal, NamedTuple

from clawtrace_core.card import Step, TraceCard
from clawtrace_core.card.flow import Flow, Use
from clawtrace_core.card.values import is_measure, is_telling
from clawtrace_core.card.weigh import tool_calls
from clawtrace_core.model.session import SessionTree, Span
from costcraft.counterfactual.recording import Unplayable, arguments_of
from costcraft.shape import effect_of

_SHOWN = 40


class Followed(NamedTuple):
    """What the value flow says of one step: its values were used, nothing of it was, or that cannot be told."""

    what: Literal["used", "not used", "unknown"]
    why: str = ""
    by: int | None = None
    """Step number of the first that used it."""
    value: str | None = None
    """What it used."""
    where: str | None = None
    """`argument`, `message` or `answer`."""


class Follower:
    """Follows the values of one session's steps. The session is walked once."""

    def __init__(self, tree: SessionTree, card: TraceCard, flow: Flow | None = None) -> None:
        """A session and its card."""
        self._tree, self._flow = tree, Flow(tree) if flow is None else flow
        self._spans = {span.id: span for span in tree.spans}
        self._numbers = {step.span: step.n for step in card.steps}
        self._steps = {step.n: step for step in card.steps}
        self._asked = self._asks()
        self._rewritten = self._writes()

    def follow(self, n: int, gone: Collection[int] = ()) -> Followed:
        """One step, which other steps (`gone`) are left out with: what these alone used is no use."""
        step = self._steps.get(n)
        span = self._spans.get(step.span) if step is not None else None
        if step is None or span is None:
            return Followed("unknown", "it is no step of the recording")
        use = self._use(span, {n, *gone})
        if use is not None:
            by = self._numbers.get(use.by)
            told = f"{'step' if by else 'a later turn'}{f' {by}' if by else ''} holds {_shown(use.value)} ({use.where})"
            return Followed("used", told, by, use.value.removeprefix("~"), use.where)
        if not self._flow.known(span):
            return Followed("unknown", "its result, or what followed it, was not kept whole")
        doubt = self._doubt(step, span, {n, *gone})
        return Followed("unknown", doubt) if doubt else Followed("not used")

    def _use(self, span: Span, gone: Collection[int]) -> Use | None:
        """The first use: of a value that can be told apart, wherever it is; of anything at all in an argument."""
        uses = [use for use in self._flow.uses(span) if self._counts(use, gone)]
        if uses:
            return uses[0]
        plain = {key for key in self._new(span) if not key.removeprefix("~").isalpha() or is_telling(key)}
        return next((use for use in self._later(span, plain) if self._counts(use, gone)), None)

    def _later(self, span: Span, keys: Collection[str]) -> list[Use]:
        return [use for use in self._flow.holding(span, keys) if use.where == "argument"]

    def _new(self, span: Span) -> set[str]:
        labels = self._flow.labels(span)
        return {key for key in self._flow.brought(span) if key.removeprefix("~") not in labels}

    def _counts(self, use: Use, gone: Collection[int]) -> bool:
        """A turn that only asked for steps that go as well would not have been."""
        asked = self._asked.get(use.by)
        return use.where != "argument" or not asked or not asked <= set(gone)

    def _doubt(self, step: Step, span: Span, gone: Collection[int]) -> str:
        """What hints at a use that no value shows."""
        new = self._new(span)
        if any(is_measure(key) for key in new) and self._flow.derived(span):
            return "an amount or a day that stood nowhere before is said after it: it may have been worked out from it"
        again = self._flow.holding(span, {key for key in new if is_telling(key)})
        said = next((use for use in again if self._counts(use, gone)), None)
        if said is not None:
            by = self._numbers.get(said.by)
            return (
                f"a word it brought in is said again by {f'step {by}' if by else 'a later turn'}: {_shown(said.value)}"
            )
        write = self._rewritten.get(step.n) if not step.failed and not span.failed else None
        return f"step {write} writes once more what was written before it: it may have told to" if write else ""

    def _asks(self) -> Mapping[int, frozenset[int]]:
        """LLM spans -> the steps they asked for."""
        steps = {span.tool_call: self._numbers.get(span.id) for span in self._tree.spans if span.tool_call is not None}
        found: dict[int, frozenset[int]] = {}
        for span in self._tree.spans:
            if span.kind == "llm":
                contents = [self._tree.contents.get(each) for each in span.output]
                ids = {str(call.get("id")) for content in contents for call in tool_calls(content)}
                asked = {steps[each] for each in ids if each in steps}
                if len(asked) == len(ids):
                    found[span.id] = frozenset(n for n in asked if n is not None)
        return found

    def _writes(self) -> Mapping[int, int]:
        """Reads -> the first later write that differs in one argument at most from one before the read."""
        written: dict[Hashable, int] = {}
        waiting: list[int] = []
        found: dict[int, int] = {}
        for step in sorted((each for each in self._steps.values() if each.kind == "tool"), key=lambda each: each.n):
            if not _is_write(step):
                waiting.append(step.n)
                continue
            marks = _marks(step.name, arguments_of(self._tree, self._spans[step.span]))
            before = max((written[mark] for mark in marks if mark in written), default=None)
            while before is not None and waiting and waiting[-1] > before:
                found[waiting.pop()] = step.n
            written.update(dict.fromkeys(marks, step.n))
        return found


def _is_write(step: Step) -> bool:
    return step.effect == "write" or (step.effect is None and effect_of(step.name) == "writes")


def _marks(tool: str, arguments: Mapping[str, Any] | Unplayable) -> list[Hashable]:
    """A call without each one of its arguments in turn: two calls that share one differ in that one at most."""
    if isinstance(arguments, Unplayable):
        return []
    told = sorted((name, ascii(value)) for name, value in arguments.items())
    if len(told) < 2:
        return [(tool, tuple(told))]
    return [(tool, tuple(told[:at] + told[at + 1 :]), told[at][0]) for at in range(len(told))]


def _shown(value: str) -> str:
    value = value.removeprefix("~")
    return ascii(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 3]}...")
