"""Whether anything said later hangs on what a step told. Pure.

With later actions as they were recorded, a replay without a step only shows that the world did not need it. Whether
the agent needed it is asked here. It did where a later argument, message or answer holds a value that the session saw
first in the step's result; what stood in the session before is no use of the step.

That no value comes back shows little: what was read may have been counted, added up, compared, or found in order. So a
step is taken for not used only where it told nothing new, or where the card flags it as needless, which asks as much.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from clawtrace_core.card import Step, TraceCard
from clawtrace_core.card.card import PRICED
from clawtrace_core.card.flow import Flow, Use
from clawtrace_core.card.values import is_telling, keys
from clawtrace_core.card.weigh import text_of, tool_calls
from clawtrace_core.model.session import SessionTree, Span
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
        needless = [flag for flag in card.flags if flag.kind not in PRICED]
        self._flagged = {n: flag.kind for flag in needless for n in flag.steps}
        tools = [step for step in card.steps if step.kind == "tool" and step.span in self._spans]
        self._tools = sorted(tools, key=lambda step: step.n)
        self._repeating = frozenset(self._repeats())

    def follow(self, n: int, gone: Collection[int] = ()) -> Followed:
        """One step, which other steps (`gone`) are left out with: what these alone used is no use."""
        step = self._steps.get(n)
        span = self._spans.get(step.span) if step is not None else None
        if step is None or span is None:
            return Followed("unknown", "it is no step of the recording")
        use = self._use(step, span, {n, *gone})
        if use is not None:
            by = self._numbers.get(use.by)
            told = f"{'step' if by else 'a later turn'}{f' {by}' if by else ''} holds {_shown(use.value)} ({use.where})"
            return Followed("used", told, by, use.value.removeprefix("~"), use.where)
        if not self._flow.known(span):
            return Followed("unknown", "its result, or what followed it, was not kept whole")
        if n in self._repeating:
            return Followed("not used", "it told nothing that had not been told since the last change")
        if n in self._flagged:
            return Followed("not used", f"its card flags it: {self._flagged[n]}")
        return Followed(
            "unknown", "it told something new; that no value comes back does not show that nothing hung on it"
        )

    def _use(self, step: Step, span: Span, gone: Collection[int]) -> Use | None:
        """The first use: of a value that can be told apart, wherever it is; of any word that says something and any
        number, in an argument."""
        labels = self._flow.labels(span)
        plain = {key for key in self._flow.brought(span) if not key.removeprefix("~").isalpha() or is_telling(key)}
        new = {key for key in plain if key.removeprefix("~") not in labels}
        held = [use for use in self._flow.holding(span, new) if use.where == "argument"]
        uses = (use for use in (*self._flow.uses(span), *held) if self._counts(use, gone))
        failed = step.failed or span.failed
        return next((use for use in uses if not (failed and self._told_again(use, step.n))), None)

    def _counts(self, use: Use, gone: Collection[int]) -> bool:
        """A turn that only asked for steps that go as well would not have been."""
        asked = self._asked.get(use.by)
        return use.where != "argument" or not asked or not asked <= set(gone)

    def _told_again(self, use: Use, n: int) -> bool:
        """Whether a call that succeeded told a value after a failed one and before its use: an error teaches less."""
        by = self._numbers.get(use.by)
        spelled = {use.value, *keys(use.value)}  # a name stands for its word
        return by is not None and any(n < at < by for key in spelled for at in self._sources.get(key, ()))

    @cached_property
    def _sources(self) -> Mapping[str, list[int]]:
        """Value -> the steps that succeeded and told it."""
        found: dict[str, list[int]] = {}
        for step in self._tools:
            if not (step.failed or self._spans[step.span].failed):
                for key in self._flow.keys(self._spans[step.span].output):
                    found.setdefault(key, []).append(step.n)
        return found

    def _repeats(self) -> Iterator[int]:
        """Steps whose every line was told before them and after the last call that is not known to read only."""
        told: set[str] = set()
        for step in self._tools:
            lines = self._lines(self._spans[step.span])
            if lines and lines <= told:
                yield step.n
            if not reads(step):
                told = set()
            if not (step.failed or self._spans[step.span].failed):
                told |= lines

    def _lines(self, span: Span) -> set[str]:
        contents = (self._tree.contents.get(each) for each in span.output)
        texts = (text_of(content) for content in contents if content is not None and content.body is not None)
        return {line.strip() for text in texts for line in text.splitlines() if line.strip()}

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


def reads(step: Step) -> bool:
    """Whether a tool only reads: as its adapter or user told, else by its name."""
    return step.effect == "read" if step.effect is not None else effect_of(step.name) == "reads"


def _shown(value: str) -> str:
    value = value.removeprefix("~")
    return ascii(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 3]}...")
