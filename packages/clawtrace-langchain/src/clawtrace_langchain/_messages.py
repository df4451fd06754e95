"""Messages as content drafts: one canonical body per message, drafted once however often it is resent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from clawtrace_core.capture import Draft

ROLES = {
    "human": "user",
    "HumanMessageChunk": "user",
    "user": "user",
    "ai": "assistant",
    "AIMessageChunk": "assistant",
    "assistant": "assistant",
    "system": "system",
    "SystemMessageChunk": "system",
    "developer": "system",
    "tool": "tool",
    "ToolMessageChunk": "tool",
    "function": "tool",
    "FunctionMessageChunk": "tool",
}
"""LangChain's message types, and the names people write in dicts and tuples."""

# Tool calls stand in `tool_calls` already; streaming leaves them in the blocks in pieces.
_CALLS = frozenset(
    {"tool_use", "tool_call", "tool_call_chunk", "function_call", "input_json_delta", "invalid_tool_call"}
)
# What a client adds to a block on its way, not what was said: with it the same message would hash twice.
_VOLATILE = frozenset({"index", "id", "cache_control", "signature", "encrypted_content", "extras"})
_DEEPEST = 12
_MOST = 20_000
_LONG_BINARY = 1024
_MOST_SEEN = 65_536


def plain(value: Any) -> Any:
    """`value` as plain JSON values, copied: mutable things are the framework's to change.

    What is not JSON becomes `<its type>`; more than 20,000 items or 12 levels are cut.
    """
    return _plain(value, _DEEPEST, [_MOST])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        return "<...>"
    if isinstance(value, BaseMessage):
        return message_body(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth - 1, left) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth - 1, left) for item in value]
    fields = getattr(type(value), "model_fields", None) or getattr(type(value), "__dataclass_fields__", None)
    if fields:
        return {name: _plain(getattr(value, name, None), depth - 1, left) for name in fields}
    return f"<{type(value).__name__}>"


def message_body(message: BaseMessage) -> dict[str, Any]:
    """The body of a message as `Content` describes it, without ids and response metadata, so that a copy
    of the message that comes back in a later prompt has the same hash."""
    role = ROLES.get(message.type) or ROLES.get(getattr(message, "role", ""), "user")
    body: dict[str, Any] = {"role": role, **_said(message.content)}
    if isinstance(message, AIMessage):
        if calls := tool_calls(message):
            body["tool_calls"] = calls
    elif isinstance(message, ToolMessage):
        body["tool_call_id"] = message.tool_call_id
    return body


def tool_calls(message: AIMessage) -> list[dict[str, Any]]:
    """The calls a model asked for; arguments that are not valid JSON stay the string they came as."""
    asked = (*message.tool_calls, *message.invalid_tool_calls)
    return [{"id": call["id"], "name": call["name"], "args": plain(call["args"])} for call in asked]


def _said(content: Any) -> dict[str, Any]:
    if isinstance(content, str):
        return {"text": content}
    if not isinstance(content, list):
        return {"text": str(content)}
    parts = [part for block in content if (part := _part(block)) is not None]
    if not parts:
        return {"text": ""}
    if len(parts) == 1 and set(parts[0]) == {"type", "text"} and parts[0]["type"] == "text":
        return {"text": parts[0]["text"]}
    return {"parts": parts}


def _part(block: Any) -> dict[str, Any] | None:
    if not isinstance(block, Mapping):
        return {"type": "text", "text": str(block)}
    if block.get("type") in _CALLS:
        return None
    return {key: _short(plain(value)) for key, value in block.items() if key not in _VOLATILE}


def _short(value: Any) -> Any:
    """Pictures and files are told by their length and their two ends; texts stay as they are."""
    if isinstance(value, Mapping):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, str) and len(value) > _LONG_BINARY and (value.startswith("data:") or " " not in value[:512]):
        return f"{value[:48]}...({len(value)} characters)...{value[-24:]}"
    return value


class Drafts:
    """The drafts of one session. The same message object gives the same draft until it is changed in place."""

    def __init__(self) -> None:
        # A kept message keeps its id() from being given to another one.
        self._seen: dict[int, tuple[BaseMessage, Any, Any, int, Draft]] = {}
        self._named: dict[str, Draft] = {}
        self._tools: list[tuple[Any, Draft]] = []

    def of_messages(self, messages: Iterable[BaseMessage]) -> tuple[list[Draft], list[BaseMessage]]:
        """The drafts of a prompt, and those of its messages that were not seen before."""
        seen = self._seen.get
        drafts: list[Draft] = []
        fresh: list[BaseMessage] = []
        for message in messages:
            hit = seen(id(message))
            if hit is None or not _unchanged(hit, message):
                fresh.append(message)
                drafts.append(self.of_message(message))
            else:
                drafts.append(hit[4])
        return drafts, fresh

    def of_message(self, message: BaseMessage) -> Draft:
        """The draft of one message, made anew if it is new or was changed in place."""
        hit = self._seen.get(id(message))
        if hit is not None and _unchanged(hit, message):
            return hit[4]
        draft = self._draft(message)
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        content = message.content
        calls = message.tool_calls if isinstance(message, AIMessage) else None
        mark = content if isinstance(content, str) else _mark(content)
        self._seen[id(message)] = (message, mark, calls, len(calls) if calls else 0, draft)
        return draft

    def _draft(self, message: BaseMessage) -> Draft:
        """A copy of a message with the same id and body shares its draft, so it is hashed once too."""
        body = message_body(message)
        known = self._named.get(message.id) if message.id else None
        if known is not None and known.body == body:
            return known
        draft = Draft(body["role"], body, tool_call=body.get("tool_call_id"))
        if message.id:
            self._named[message.id] = draft
        return draft

    def of_tools(self, tools: Any) -> Draft | None:
        """The draft of the tool schemas offered; clients build equal ones anew for each call."""
        if not isinstance(tools, Sequence) or isinstance(tools, str) or not tools:
            return None
        for known, draft in self._tools:
            if known == tools:
                return draft
        kept = plain(tools)
        draft = Draft("tools", kept)
        self._tools = [(kept, draft), *self._tools[:7]]
        return draft


def _mark(content: Any) -> tuple[Any, ...]:
    """Changes when blocks are added, replaced or given another text."""
    return tuple(
        (id(block), len(block), id(block.get("text"))) if isinstance(block, dict) else id(block) for block in content
    )


def _unchanged(hit: tuple[BaseMessage, Any, Any, int, Draft], message: BaseMessage) -> bool:
    if hit[0] is not message:
        return False
    content = message.content
    if content is not hit[1] and (isinstance(content, str) or _mark(content) != hit[1]):
        return False
    calls = hit[2]
    if calls is None:
        return not isinstance(message, AIMessage) or not message.tool_calls
    return message.tool_calls is calls and len(calls) == hit[3]  # type: ignore[attr-defined]


def of_state(drafts: Drafts, state: Any) -> list[Draft]:
    """What a graph or chain was given or gave back: its messages where it has any, else the plain value."""
    if isinstance(state, BaseMessage):
        return [drafts.of_message(state)]
    messages = state.get("messages") if isinstance(state, Mapping) else state
    if isinstance(messages, list) and messages:
        found = [_spoken(drafts, message) for message in messages]
        if all(draft is not None for draft in found):
            return [draft for draft in found if draft is not None]
    return [] if state is None else [Draft("payload", plain(state))]


def _spoken(drafts: Drafts, message: Any) -> Draft | None:
    """A message in any of the forms LangChain takes: an object, `{"role", "content"}` or `(role, text)`."""
    if isinstance(message, BaseMessage):
        return drafts.of_message(message)
    if isinstance(message, tuple) and len(message) == 2:
        role, content = message
    elif isinstance(message, Mapping):
        role, content = message.get("role") or message.get("type"), message.get("content")
    else:
        return None
    if role not in ROLES or not isinstance(content, str) or (isinstance(message, Mapping) and len(message) > 2):
        return None
    return Draft(ROLES[role], {"role": ROLES[role], "text": content})
