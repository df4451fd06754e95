"""Messages as content drafts: one canonical body per message, drafted once however often it is resent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from clawtrace_core.capture import Draft

_ROLES = {"chatbot": "assistant", "model": "assistant", "developer": "system", "function": "tool"}
_KNOWN = frozenset({"system", "user", "assistant", "tool"})
# What a client adds to a block on its way, not what was said: with it the same message would hash twice.
_VOLATILE = frozenset({"block_type", "num_tokens", "additional_information"})
_SILENT = frozenset({"tool_call", "cache"})
_MOST_SEEN = 65_536


def plain(value: Any, depth: int = 12, left: list[int] | None = None) -> Any:
    """`value` copied as JSON values, for mutable things are the framework's to change. What is not JSON becomes
    `<its type>`; what is below `depth` levels or beyond 20,000 items is cut."""
    if value is None or isinstance(value, str | int | float):
        return value
    left = [20_000] if left is None else left
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        return "<...>"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes {blake2b(value, digest_size=8).hexdigest()}>"
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth - 1, left) for item in value]
    if not isinstance(value, Mapping):
        fields = getattr(type(value), "model_fields", None) or getattr(type(value), "__dataclass_fields__", None)
        if not fields:
            return f"<{type(value).__name__}>"
        value = {name: getattr(value, name, None) for name in fields}
    return {str(key): plain(item, depth - 1, left) for key, item in value.items()}


def role_of(message: Any) -> str:
    """The role of a `ChatMessage` in the words of a content."""
    role = str(getattr(message.role, "value", message.role))
    role = _ROLES.get(role, role)
    return role if role in _KNOWN else "user"


def message_body(message: Any) -> dict[str, Any]:
    """The body of a `ChatMessage` as `Content` describes it, without what the response told beside it, so that
    the message has the same hash when it comes back in a later prompt."""
    role, blocks = role_of(message), message.blocks
    body: dict[str, Any] = {"role": role, **said(blocks)}
    if role == "assistant":
        calls = [call for call in _calls(blocks, message.additional_kwargs) if call["name"]]
        if calls:
            body["tool_calls"] = calls
    elif role == "tool":
        body["tool_call_id"] = message.additional_kwargs.get("tool_call_id")
    return body


def said(blocks: Sequence[Any]) -> dict[str, Any]:
    """Content blocks as `text`, or as `parts` where there is more than one text."""
    parts = [part for block in blocks if (part := _part(block)) is not None]
    only = parts[0] if len(parts) == 1 else {}
    if not parts or only.keys() == {"type", "text"}:
        return {"text": only.get("text", "")}
    return {"parts": parts}


def _part(block: Any) -> dict[str, Any] | None:
    kind = getattr(block, "block_type", "text")
    if kind == "text":
        return {"type": "text", "text": block.text} if block.text else None
    if kind == "thinking":
        return {"type": "thinking", "thinking": block.content or ""}
    if kind in _SILENT:
        return None
    told = plain({name: getattr(block, name, None) for name in type(block).model_fields if name not in _VOLATILE})
    return {"type": kind, **{name: _short(value) for name, value in told.items() if value is not None}}


def _short(value: Any) -> Any:
    """Pictures and files are told by their length and their two ends; texts stay as they are."""
    if isinstance(value, str) and len(value) > 1024 and (value.startswith("data:") or " " not in value[:512]):
        return f"{value[:48]}...({len(value)} characters)...{value[-24:]}"
    return value


def _calls(blocks: Sequence[Any], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tool calls of an assistant message: blocks, or in `additional_kwargs` in its provider's own form."""
    found = [block for block in blocks if getattr(block, "block_type", None) == "tool_call"]
    if found:
        return [_call(block.tool_call_id, block.tool_name, block.tool_kwargs) for block in found]
    calls = told.get("tool_calls") or ()
    return [_foreign(plain(call)) for call in calls] if isinstance(calls, list | tuple) else []


def _foreign(call: Any) -> dict[str, Any]:
    known = call if isinstance(call, Mapping) else {}
    inner = known.get("function")
    inner = inner if isinstance(inner, Mapping) else known
    name = inner.get("name") or inner.get("tool_name")
    arguments = (inner.get(key) for key in ("arguments", "args", "input", "tool_kwargs") if key in inner)
    return _call(known.get("id") or known.get("call_id") or known.get("tool_id"), name, next(arguments, None))


def _call(call_id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    if isinstance(arguments, str):  # arguments that are not valid JSON stay the text they came as
        try:
            arguments = json.loads(arguments) if arguments else {}
        except ValueError:
            pass
    return {"id": call_id, "name": name, "args": plain(arguments)}


class Drafts:
    """The drafts of one session. The same message gives the same draft until it is changed in place.

    Memories and formatters rebuild messages for every call, so equal ones are known by their words as well.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Any, Any, Draft]] = {}
        """By the message's address: the message (kept, so that no other gets its address), its mark, its draft."""
        self._equal: dict[Any, Draft] = {}
        self._tools: list[tuple[Any, Draft]] = []

    def of_messages(self, messages: Iterable[Any]) -> list[Draft]:
        """The drafts of a prompt."""
        return [self.of_message(message) for message in messages]

    def of_message(self, message: Any) -> Draft:
        """The draft of one message, made anew if it is new or was changed in place."""
        hit, mark = self._seen.get(id(message)), _mark(message)
        if hit is not None and hit[1] == mark:
            return hit[2]
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
            self._equal.clear()
        words = _words(message)
        draft = self._equal.get(words) if words is not None else None
        if draft is None:
            body = message_body(message)
            draft = Draft(body["role"], body, tool_call=body.get("tool_call_id"))
            if words is not None:
                self._equal[words] = draft
        self._seen[id(message)] = (message, mark, draft)
        return draft

    def of_tool(self, output: Any, call: str | None) -> Draft:
        """What a tool gave back, as the message that will tell it to the model."""
        blocks = getattr(output, "blocks", None)
        told = said(blocks) if blocks is not None else {"text": str(getattr(output, "content", output))}
        return Draft("tool", {"role": "tool", **told, "tool_call_id": call}, tool_call=call)

    def of_tools(self, tools: Any) -> Draft | None:
        """The draft of the tool schemas offered; clients build equal ones anew for each call."""
        if not tools or not isinstance(tools, list | tuple):
            return None
        for known, draft in self._tools:
            if known == tools:
                return draft
        draft = Draft("tools", plain(tools))
        self._tools = [(draft.body, draft), *self._tools[:7]]
        return draft


def _mark(message: Any) -> Any:
    """Changes when the message's text, its blocks or its tool calls do. A text is compared by identity first."""
    blocks, told = message.blocks, message.additional_kwargs
    if len(blocks) == 1:
        block = blocks[0]
        return (block.__dict__.get("text", block), len(told), message.role)
    return ([block.__dict__.get("text", block) for block in blocks], len(told), message.role)


def _words(message: Any) -> Any:
    """What an equal message is found by: of plain text alone. None when it holds more than that."""
    blocks, told = message.blocks, message.additional_kwargs
    if len(blocks) == 1 and getattr(blocks[0], "block_type", None) == "text" and not told.get("tool_calls"):
        return (role_of(message), blocks[0].text, told.get("tool_call_id"))
    return None
