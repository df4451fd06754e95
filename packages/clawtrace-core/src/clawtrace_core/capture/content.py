"""Contents, stored once per session under the hash of their bytes."""

from collections.abc import Mapping
from typing import Any

import orjson

from clawtrace_core.capture.scrub import Scrub, hash_of
from clawtrace_core.capture.signal import Draft
from clawtrace_core.model.content import Content

_SORTED = orjson.OPT_SORT_KEYS
_WORDLESS = frozenset({"image", "image_url", "input_image", "audio", "input_audio", "file", "input_file", "document"})


class Shelf:
    """Turns drafts into contents. `put` answers a draft's id; `fresh` holds the contents seen for the first time."""

    def __init__(self, scrub: Scrub) -> None:
        self.fresh: list[Content] = []
        """Contents that are not on disk yet; whoever writes them empties the list."""
        self._scrub = scrub
        self._seen: set[str] = set()
        self._mark = object()

    def put(self, draft: Draft) -> str:
        """The content id of `draft`; worked out once per draft object and session."""
        if draft.home is self._mark and draft.id is not None:
            return draft.id
        content = press(draft, self._scrub)
        if content.id not in self._seen:
            self._seen.add(content.id)
            self.fresh.append(content)
        draft.id = content.id
        draft.home = self._mark
        return content.id


def press(draft: Draft, scrub: Scrub) -> Content:
    """A draft as the content that is kept under the scrub's policy."""
    body = scrub.value(draft.body)
    role = scrub.label(draft.role)
    tool_call = scrub.label(draft.tool_call) if draft.tool_call is not None else None
    whole = orjson.dumps([role, tool_call, body], option=_SORTED)
    text = text_of(body).encode()
    policy = scrub.policy
    cut = False
    if policy == "clipped":
        body, cut = scrub.clipped(body)
    return Content(
        id=hash_of(whole, scrub.key),
        role=role,
        size=len(text),
        digest=hash_of(text, scrub.key),
        body=body if policy in {"full", "clipped"} else None,
        clipped=cut,
        tool_call=tool_call,
    )


def text_of(body: Any) -> str:
    """The text a model would read of a body: its words, and the tool calls it makes; other values as JSON.

    A picture or a file counts as a placeholder that tells two of them apart, not as the bytes of its encoding.
    """
    if isinstance(body, str):
        return body
    if not isinstance(body, Mapping) or not ("text" in body or "parts" in body or "tool_calls" in body):
        return _json(body)
    pieces = [_part_text(part) for part in _listed(body.get("parts"))]
    if body.get("text"):
        pieces.insert(0, _part_text(body["text"]))
    for call in _listed(body.get("tool_calls")):
        known = call if isinstance(call, Mapping) else {"args": call}
        pieces.append(f"{known.get('name') or ''}{text_of(known.get('args'))}")
    return "\n".join(pieces)


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        return _json(part)
    kind = str(part.get("type") or "")
    if kind in _WORDLESS:
        return f"[{kind} {hash_of(orjson.dumps(part, option=_SORTED))}]"
    for name in ("text", "thinking", "reasoning"):
        if isinstance(part.get(name), str):
            return str(part[name])
    return _json(part)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _json(value: Any) -> str:
    return orjson.dumps(value, option=_SORTED).decode()
