"""Drafts of messages that are made of blocks, each made once, however often an agent resends it. Knows no framework."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from clawtrace_core.capture.bodies import ToolDrafts
from clawtrace_core.capture.signal import Draft

_MOST_SEEN = 65_536
_PROMPTS = 8
"""Recent prompts kept: enough for as many agents side by side."""
_FIRST, _BLOCKS, _TEXT = itemgetter(0), itemgetter("blocks"), itemgetter("text")


class _Prompt:
    """A prompt as it was drafted, and what must still be as it was for the drafts to hold.

    An agent resends its whole history at every call, so it is compared in long steps that run in C.
    """

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.drafts: list[Draft] = []
        self._messages: list[Any] = []
        self._fields: list[Any] = []
        self._lists: list[list[Any]] = []
        self._sizes: list[int] = []
        self._filled: list[list[Any]] = []
        self._firsts: list[Any] = []
        self._worded: list[Any] = []
        self._texts: list[Any] = []

    def add(self, messages: Sequence[Any], drafts: Iterable[Draft]) -> None:
        """Messages follow at the end, with their drafts."""
        fields = [*map(vars, messages)]
        lists = [*map(_BLOCKS, fields)]
        filled = [blocks for blocks in lists if blocks]
        firsts = [*map(_FIRST, filled)]
        worded = [told for told in map(vars, firsts) if "text" in told]
        self.ids += map(id, messages)
        self.drafts += drafts
        self._messages += messages
        self._fields += fields
        self._lists += lists
        self._sizes += map(len, lists)
        self._filled += filled
        self._firsts += firsts
        self._worded += worded
        self._texts += map(_TEXT, worded)

    def begins(self, ids: list[int]) -> bool:
        """Whether a list of messages begins with this prompt, unchanged."""
        size = len(self.ids)
        if size > len(ids) or ids[size - 1] != self.ids[-1] or ids[:size] != self.ids:
            return False
        return (
            [*map(_BLOCKS, self._fields)] == self._lists
            and [*map(len, self._lists)] == self._sizes
            and [*map(_FIRST, self._filled)] == self._firsts
            and [*map(_TEXT, self._worded)] == self._texts
        )


class BlockDrafts(ToolDrafts):
    """The drafts of one session. The same message gives the same draft until it is changed in place.

    Memories and formatters rebuild messages for every call, so equal ones are known by their words as well.
    """

    def __init__(self, body: Callable[[Any], Mapping[str, Any]]) -> None:
        super().__init__()
        self._body = body
        self._seen: dict[int, tuple[Any, list[Any], Draft]] = {}
        """By its address: a message (kept, so that no other gets that address), its mark, its draft."""
        self._equal: dict[Any, Draft] = {}
        self._prompts: list[_Prompt] = []

    def of_messages(self, messages: Iterable[Any]) -> list[Draft]:
        """The drafts of a prompt."""
        whole = list(messages)
        if not whole:
            return []
        ids = [*map(id, whole)]
        prompt = next((known for known in self._prompts if known.begins(ids)), None)
        if prompt is None:
            prompt = _Prompt()
            self._prompts = [prompt, *self._prompts[: _PROMPTS - 1]]
        fresh = whole[len(prompt.ids) :]
        prompt.add(fresh, map(self.of_message, fresh))
        return list(prompt.drafts)

    def of_message(self, message: Any) -> Draft:
        """The draft of one message, made anew if it is new or was changed in place."""
        fields = vars(message)
        mark = [fields["role"], *(vars(block).get("text", block) for block in fields["blocks"])]
        hit = self._seen.get(id(message))
        if hit is not None and hit[1] == mark:
            return hit[2]
        beside = fields["additional_kwargs"]
        alone = len(mark) == 2 and isinstance(mark[1], str) and not beside.get("tool_calls")
        words = (*mark, beside.get("tool_call_id")) if alone else None
        draft = self._equal.get(words) if words is not None else None
        if draft is None:
            body = self._body(message)
            draft = Draft(body["role"], body, tool_call=body.get("tool_call_id"))
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
            self._equal.clear()
        self._seen[id(message)] = (message, mark, draft)
        if words is not None:
            self._equal[words] = draft
        return draft
