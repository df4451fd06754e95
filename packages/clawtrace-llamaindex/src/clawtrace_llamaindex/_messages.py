"""Messages as contents: one canonical body per message, whichever provider's form its tool calls have."""

from collections.abc import Mapping, Sequence
from typing import Any

from clawtrace_core.capture import Draft, bodies
from clawtrace_core.capture.answers import call_body, foreign_call, short

_ROLES = {"chatbot": "assistant", "model": "assistant", "developer": "system", "function": "tool"}
_KNOWN = frozenset({"system", "user", "assistant", "tool"})
_VOLATILE = frozenset({"block_type", "num_tokens", "additional_information"})


def message_body(message: Any) -> dict[str, Any]:
    """The body of a `ChatMessage` as `Content` describes it, without what the response told beside it, so that
    the message has the same hash when it comes back in a later prompt."""
    told = str(getattr(message.role, "value", message.role))
    role = _ROLES.get(told, told if told in _KNOWN else "user")
    body: dict[str, Any] = {"role": role, **said(message.blocks)}
    if role == "assistant":
        if calls := _calls(message.blocks, message.additional_kwargs):
            body["tool_calls"] = calls
    elif role == "tool":
        body["tool_call_id"] = message.additional_kwargs.get("tool_call_id")
    return body


def said(blocks: Sequence[Any]) -> dict[str, Any]:
    """Content blocks as `text`, or as `parts` where there is more than one text."""
    return bodies.said([part for block in blocks if (part := _part(block)) is not None])


def _part(block: Any) -> dict[str, Any] | None:
    kind = getattr(block, "block_type", "text")
    if kind == "text":
        return {"type": "text", "text": block.text} if block.text else None
    if kind == "thinking":
        return {"type": "thinking", "thinking": block.content or ""}
    if kind in {"tool_call", "cache"}:
        return None
    fields = {name: short(value) for name, value in block.__dict__.items() if value is not None}
    return {"type": kind, **{name: value for name, value in fields.items() if name not in _VOLATILE}}


def _calls(blocks: Sequence[Any], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tool calls of an assistant message: blocks, or in `additional_kwargs` in its provider's own form."""
    found = [block for block in blocks if getattr(block, "block_type", None) == "tool_call"]
    if found:
        return [call_body(block.tool_call_id, block.tool_name, block.tool_kwargs) for block in found]
    foreign = told.get("tool_calls")
    calls = [foreign_call(call) for call in foreign] if isinstance(foreign, list | tuple) else []
    return [call for call in calls if call["name"]]


def tool_draft(output: Any, call: str | None) -> Draft:
    """What a tool gave back, as the message that will tell it to the model."""
    blocks = getattr(output, "blocks", None)
    told = said(blocks) if blocks is not None else {"text": str(getattr(output, "content", output))}
    return Draft("tool", {"role": "tool", **told, "tool_call_id": call}, tool_call=call)
