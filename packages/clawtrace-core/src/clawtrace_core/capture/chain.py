"""Lists of contents as changes to an earlier call's list, so that a growing history costs only what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

from clawtrace_core.capture.content import Shelf
from clawtrace_core.capture.signal import Draft
from clawtrace_core.model.content import ContentList

_KEPT = 8
"""Recent lists looked at: enough for as many sub-agents side by side, each on a chain of its own."""


@dataclass(slots=True)
class _Recent:
    span: int
    drafts: list[Draft]
    ids: list[str]


class Chains:
    """The recent lists of one session."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._recent: list[_Recent] = []

    def extend(self, span: int, drafts: Sequence[Draft]) -> ContentList:
        """The input of `span`, as a change to the recent list that shares the longest beginning with it."""
        whole = list(drafts)
        if len(whole) < 2:
            return ContentList(tuple([self._shelf.put(draft) for draft in whole]))
        found = self._same_drafts(whole)
        if found is not None:
            return self._grow(found, span, whole)
        return self._compare(span, whole)

    def _same_drafts(self, whole: list[Draft]) -> _Recent | None:
        """The longest recent list that `whole` begins with, by identity: no draft is looked into."""
        best: _Recent | None = None
        for recent in self._recent:
            size = len(recent.drafts)
            if best is not None and size <= len(best.drafts):
                continue
            if size <= len(whole) and whole[size - 1] is recent.drafts[-1] and whole[:size] == recent.drafts:
                best = recent
        return best

    def _grow(self, recent: _Recent, span: int, whole: list[Draft]) -> ContentList:
        keep = len(recent.ids)
        added = [self._shelf.put(draft) for draft in whole[keep:]]
        delta = ContentList(tuple(added), recent.span, keep)
        recent.span = span
        recent.drafts = whole
        recent.ids += added
        self._recent.remove(recent)
        self._recent.append(recent)
        return delta

    def _compare(self, span: int, whole: list[Draft]) -> ContentList:
        ids = [self._shelf.put(draft) for draft in whole]
        best, keep = None, 1  # one shared id is not worth a reference
        for recent in self._recent:
            shared = _common(recent.ids, ids)
            if shared > keep:
                best, keep = recent, shared
        delta = ContentList(tuple(ids)) if best is None else ContentList(tuple(ids[keep:]), best.span, keep)
        if best is not None and keep == len(best.ids):
            self._recent.remove(best)
        elif len(self._recent) >= _KEPT:
            del self._recent[0]
        self._recent.append(_Recent(span, whole, ids))
        return delta


def _common(a: list[str], b: list[str]) -> int:
    """How many ids two lists share at their beginning, by halving: comparing slices is done in C."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
