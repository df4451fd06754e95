"""The value flow: which values a step brought into a session, and who used them afterwards.

A value is *distinctive* of a step when the session saw it first in what the step produced: in no system prompt, tool
schema, message, argument or other result before. It is *used* when a later output holds it: the arguments of a call,
a message, the final answer. What was said without the value's words - a sum, a decision, "none of them" - leaves no
trace here; whoever concludes that something was *not* used must leave room for that.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from clawtrace_core.card import values
from clawtrace_core.card.said import GIVEN, Walk, Where, moments
from clawtrace_core.card.weigh import Texts
from clawtrace_core.model.session import SessionTree, Span


class Use(NamedTuple):
    """A value found again in what somebody said later."""

    by: int
    """Span id of the step whose output holds it."""
    value: str
    where: Where
    """In the arguments of a call, in a message, or in an agent's answer (a message that asks for nothing more)."""


class Flow:
    """The value flow of one session. Linear in its texts: each content is cut once."""

    def __init__(self, tree: SessionTree, texts: Texts | None = None) -> None:
        """Walk the session once, in the order in which things were said. `texts`: those of its contents, where they
        are at hand."""
        walk = Walk(tree, Texts(tree.contents) if texts is None else texts)
        for span, ended in moments(tree.spans):
            if ended:
                walk.leave(span)
            else:
                walk.enter(span)
        self._walk = walk
        self._distinctive: dict[int, tuple[str, ...]] = {}
        self._uses: dict[int, tuple[Use, ...]] = {}
        self._inside = _intervals(tree)
        self._whole = tree.ended is None or tree.ended.lost == 0

    def distinctive(self, span: Span) -> tuple[str, ...]:
        """Values the session saw first in what this step produced, sorted; a sub-agent and the call that spawned it
        produced what was first seen inside them."""
        found = self._distinctive.get(span.id)
        if found is None:
            brought = self._brought(span)
            told = {key for key in brought if values.is_distinct(key)}
            if any(key[0] == "~" for key in brought):
                told |= {name for name in self._walk.names_in(span.output) if values.keys(name)[0] in brought}
            if told:
                told -= self.labels(span)
            found = self._distinctive[span.id] = tuple(sorted(told))
        return found

    def words(self, span: Span) -> tuple[str, ...]:
        """Stems of the plain words the session saw first in what this step produced: too weak to prove a use, and
        enough to doubt that there was none."""
        return tuple(sorted(key for key in self._brought(span) if key[0] == "~"))

    def brought(self, span: Span) -> frozenset[str]:
        """Everything the session saw first in what this step produced, however plain: values, small numbers, stems of
        words (`~reserv`); names of fields too."""
        return frozenset(self._brought(span))

    def keys(self, contents: Iterable[str]) -> set[str]:
        """Every value in these contents and the stems of their words."""
        return self._walk.values_in(contents)

    def labels(self, span: Span) -> frozenset[str]:
        """The keys of the objects a step produced; equal ones are records of one sort."""
        return self._walk.labels_in(span.output)

    def uses(self, span: Span) -> tuple[Use, ...]:
        """Later outputs that hold a distinctive value of the step, in order. An amount counts when it was rounded, a
        path when its last part was named."""
        found = self._uses.get(span.id)
        if found is None:
            found = self._uses[span.id] = tuple(self.holding(span, self.distinctive(span)))
        return found

    def holding(self, span: Span, keys: Iterable[str]) -> list[Use]:
        """Outputs after a step's end that hold any of these values or word stems, in order."""
        found: set[tuple[int, str]] = set()
        for key in keys:
            for at, form in enumerate(values.forms(key)):
                if at == 0:
                    found.update((place, key) for place in self._places(form, span))
                elif values.is_number(form) or self._is_new(form, span):
                    found.update((place, key) for place in self._places(form, span)[:1])
        said = self._walk.said
        return [Use(said[place].by, key, said[place].where) for place, key in sorted(found)]

    def again(
        self, contents: Iterable[str], span: Span, *, until: Span | None = None, unheard: bool = False
    ) -> tuple[str, ...]:
        """Values, words and word stems of these contents that were said after a step's end, sorted.

        `until` looks no further than that step's end. `unheard` leaves out what somebody, a user too, had said before:
        what stays may have been learnt from the step, though it stood somewhere in the session all along.
        """
        walk = self._walk
        after, end = self._after(span), len(walk.said) if until is None else self._after(until)
        found = []
        for key in walk.keys_in(contents):
            places = walk.places.get(key, ())
            at = bisect_left(places, after)
            heard = at > 0 or walk.asked.get(key, after) < after
            if at < len(places) and places[at] < end and not (unheard and heard):
                found.append(key)
        return tuple(sorted(found))

    def asked_for(self, span: Span) -> bool:
        """Whether the user had named anything that the call's arguments hold before it ended: then they wanted it."""
        walk = self._walk
        after = self._after(span)
        # That an argument is called as something the user spoke of ("in the sheet A") names nothing.
        told = (key for key in walk.leaves_in(span.input.add) if walk.asked.get(key, after) < after)
        return any(values.is_telling(key) for key in told)

    def last_use(self, span: Span) -> int | None:
        """Span id of the last step that used a value of this one; None when none did."""
        uses = self.uses(span)
        return uses[-1].by if uses else None

    def known(self, span: Span) -> bool:
        """Whether everything that bears on this step was kept: its own output, and what was said after it. Where it
        was not (digests, clipped texts, pictures, lost events), nothing can be claimed."""
        walk = self._walk
        return self._whole and walk.is_whole(span.output) and walk.blind < self._after(span)

    def derived(self, span: Span) -> bool:
        """Whether anything said after the step holds an amount, a day or a time that stood nowhere before: it may have
        been worked out from what the step produced."""
        return self._walk.derived >= self._after(span)

    def counted(self, span: Span, most: int) -> bool:
        """Whether a whole number of at most `most`, which the user had not named, was said after the step: so many
        entries may have been counted in its result. Such numbers stand in any text, so that one did before says
        nothing."""
        walk, after = self._walk, self._after(span)
        said = (str(n) for n in range(most + 1) if walk.asked.get(str(n), after + 1) > after)
        return any(walk.places.get(key, (-1,))[-1] >= after for key in said)

    def _after(self, span: Span) -> int:
        return self._walk.after.get(span.id, len(self._walk.said))

    def _places(self, key: str, span: Span) -> list[int]:
        places = self._walk.places.get(key, [])
        return places[bisect_left(places, self._after(span)) :]

    def _brought(self, span: Span) -> set[str]:
        """Values and word stems that were seen first in what the step, or a step inside it, produced."""
        enters, leaves = self._inside[span.id]
        if leaves == enters + 1:
            return set(self._walk.brought.get(span.id, ()))
        return {key for key in self._walk.values_in(span.output) if self._is_new(key, span)}

    def _is_new(self, key: str, span: Span) -> bool:
        """Whether the session saw a key first in what the step, or a step inside it, produced."""
        inner = self._walk.first.get(key, GIVEN)
        if inner in {GIVEN, span.id}:
            return inner == span.id
        enters, leaves = self._inside[span.id]
        return enters < self._inside[inner][0] < leaves


def _intervals(tree: SessionTree) -> dict[int, tuple[int, int]]:
    """Span -> when a walk over the tree enters and leaves it: one stands inside another when its interval does."""
    children = tree.children()
    found: dict[int, tuple[int, int]] = {}
    clock = 0
    stack = [(span, False) for span in reversed(children.get(None, []))]
    while stack:
        span, done = stack.pop()
        clock += 1
        if done:
            found[span.id] = (found[span.id][0], clock)
            continue
        found[span.id] = (clock, clock)
        stack.append((span, True))
        stack += [(child, False) for child in reversed(children.get(span.id, []))]
    return found
