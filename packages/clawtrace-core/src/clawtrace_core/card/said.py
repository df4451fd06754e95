"""What was said in a session, in the order in which it was said, and who showed each value first."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Any, Literal, NamedTuple

from clawtrace_core.card import values
from clawtrace_core.card.producers import NEVER
from clawtrace_core.card.weigh import MAPPINGS, Texts, plain, tool_calls
from clawtrace_core.model.content import Content
from clawtrace_core.model.session import SessionTree, Span

Where = Literal["argument", "message", "answer"]
GIVEN = 0
"""Stands for whoever is no step: the user, the system prompt, the tools' schemas."""


class Said(NamedTuple):
    """One thing that was said: the arguments of a turn's calls, or its message."""

    by: int
    where: Where


class Walk:
    """The contents of a session in the order in which they came to be; each is cut into values once."""

    def __init__(self, tree: SessionTree, texts: Texts) -> None:
        """Nothing walked yet: call `enter` and `leave` in the order of `moments`."""
        self._contents = tree.contents
        self._texts = texts
        self._seen: set[str] = set()
        self._tokens: set[str] = set()
        self._scopes: dict[int, int | None] = {}
        self._heard: set[tuple[str, int | None]] = set()
        self.first: dict[str, int] = {}
        """Key -> the span that showed it first."""
        self.places: dict[str, list[int]] = {}
        """Key -> numbers of what was said that holds it, rising."""
        self.said: list[Said] = []
        self.after: dict[int, int] = {}
        """Span -> how much had been said when it ended."""
        self.blind = -1
        """The last number at which something was said that is not known."""
        self.brought: dict[int, list[str]] = {}
        """Span -> the values and word stems it showed first."""
        self.derived = -1
        """The last number that holds an amount, a day or a time that stood nowhere before."""
        self.asked: dict[str, int] = {}
        """Key -> how much had been said when a user's message first held it."""
        self._keys: dict[str, tuple[str, ...]] = {}
        self._asked = {str(call.get("id")) for content in tree.contents.values() for call in tool_calls(content)}

    def enter(self, span: Span) -> None:
        """A step begins: what it reads and nobody produced was given."""
        around = self._scopes.get(span.parent) if span.parent is not None else None
        self._scopes[span.id] = span.id if span.kind == "agent" else around
        if span.request is not None and span.request.tools is not None:
            self._note(span.request.tools, GIVEN)
        asked = span.tool_call is not None and span.tool_call in self._asked
        if asked and span.kind == "tool":
            return  # its arguments stand in the message that asked for it
        for content in span.input.add:
            if span.kind in {"tool", "retriever"}:
                # A call that code made: its arguments are the only trace of what they were made from.
                self._say(content, span.id, [("argument", self._text(content))])
            self._note(content, GIVEN)

    def leave(self, span: Span) -> None:
        """A step ends: what it says uses values, what it produced is its own."""
        if span.kind == "llm":
            if span.end_ns is not None and not span.failed and not span.output:
                self._miss(span.id)
            for content in span.output:
                self._say(content, span.id, _told(self._contents.get(content)))
        elif span.kind == "agent":
            for content in span.output:
                # Its own last message, or what a sub-agent or a tool answered and it passes on.
                if (content, span.id) not in self._heard:
                    self._say(content, span.id, [("answer", self._text(content))])
        for content in span.output:
            self._note(content, span.id)
        self.after[span.id] = len(self.said)

    def _say(self, content: str, by: int, told: Iterable[tuple[Where, str]]) -> None:
        known = self._contents.get(content)
        if known is None or not self._kept(known):
            self._miss(by)
        self._heard.add((content, self._scopes.get(by)))
        new = content not in self._seen
        self._seen.add(content)
        for where, text in told:
            if text:
                tokens = values.tokens(text)
                self._place(Said(by, where), tokens)
                if new:
                    self._claim(tokens, by)

    def _miss(self, by: int) -> None:
        """Something was said, and nobody knows what."""
        self.blind = len(self.said)
        self.said.append(Said(by, "message"))

    def _place(self, said: Said, tokens: Iterable[str]) -> None:
        place = len(self.said)
        self.said.append(said)
        for key in self._all_keys(tokens):
            self.places.setdefault(key, []).append(place)
            if key not in self.first and values.is_measure(key) and values.is_distinct(key):
                self.derived = place

    def _note(self, content: str, by: int) -> None:
        """Whatever is new in a content belongs to `by`."""
        if content in self._seen:
            return
        self._seen.add(content)
        tokens = values.tokens(self._text(content))
        self._claim(tokens, by)
        if (known := self._contents.get(content)) is not None and known.role == "user":
            for key in self._all_keys(tokens):
                self.asked.setdefault(key, len(self.said))

    def _claim(self, tokens: set[str], by: int) -> None:
        fresh = tokens - self._tokens
        self._tokens |= fresh
        first, brought = self.first, self.brought.setdefault(by, [])
        for token in fresh:
            spellings = self._spellings(token)
            if spellings and spellings[0] not in first:
                brought.append(spellings[0])
            for key in spellings:
                first.setdefault(key, by)

    def _spellings(self, token: str) -> tuple[str, ...]:
        known = self._keys.get(token)
        if known is None:
            known = self._keys[token] = values.keys(token)
        return known

    def _all_keys(self, tokens: Iterable[str]) -> set[str]:
        return {key for token in tokens for key in self._spellings(token)}

    def keys_in(self, contents: Iterable[str]) -> set[str]:
        """Every key in these contents: values, their parts, and the stems of words."""
        return self._all_keys({token for content in contents for token in values.tokens(self._text(content))})

    def leaves_in(self, contents: Iterable[str]) -> set[str]:
        """Every key in the single values of these contents: not in what their fields are called."""
        known = [self._contents.get(content) for content in contents]
        leaves = (leaf for content in known if content is not None for leaf in _leaves(content.body))
        return self._all_keys({token for leaf in leaves for token in values.tokens(leaf)})

    def values_in(self, contents: Iterable[str]) -> set[str]:
        """The values in these contents and the stems of their words, without the parts of values."""
        told = (self._spellings(token) for content in contents for token in values.tokens(self._text(content)))
        return {spellings[0] for spellings in told if spellings}

    def names_in(self, contents: Iterable[str]) -> set[str]:
        """The names in these contents."""
        return {name for content in contents for name in values.names(self._text(content))}

    def labels_in(self, contents: Iterable[str]) -> frozenset[str]:
        """The keys of the objects in these contents: what they are about, and no values."""
        return frozenset(label for content in contents for label in values.labels(self._text(content)))

    def is_whole(self, contents: Iterable[str]) -> bool:
        """Whether all of these contents were kept, to the last letter."""
        known = [self._contents.get(content) for content in contents]
        return bool(known) and all(content is not None and self._kept(content) for content in known)

    def _kept(self, content: Content) -> bool:
        if content.body is None or content.clipped:
            return False
        return not self._texts.read(content.id)[1]

    def _text(self, content: str) -> str:
        return self._texts.of(content)


def _told(content: Content | None) -> list[tuple[Where, str]]:
    """What an LLM call said: the values of the arguments it wrote, and the message beside them."""
    calls = tool_calls(content)
    asked = " ".join(leaf for call in calls for leaf in _leaves(call.get("args")))
    body = content.body if content is not None else None
    parts = [body.get("text"), body.get("parts")] if isinstance(body, MAPPINGS) else [body]
    message = "\n".join(plain(part) for part in parts if part is not None)
    return [("argument", asked), ("message" if calls else "answer", message)]


def _leaves(value: Any) -> Iterator[str]:
    """Every single value of some arguments as text, however deep."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, MAPPINGS):
            stack += item.values()
        elif isinstance(item, list | tuple):
            stack += item
        elif item is not None:
            yield str(item)


def moments(spans: Iterable[Span]) -> Iterator[tuple[Span, bool]]:
    """Starts and ends `(span, whether it is its end)` in the order in which they happened. A span that ends as another
    starts ended first, unless it stands around it."""
    open_ends: list[tuple[int, int, Span]] = []
    for place, span in enumerate(spans):
        while open_ends and open_ends[0][0] <= span.start_ns and span.parent != open_ends[0][2].id:
            yield heappop(open_ends)[2], True
        yield span, False
        heappush(open_ends, (NEVER if span.end_ns is None else span.end_ns, -place, span))
    while open_ends:
        yield heappop(open_ends)[2], True
