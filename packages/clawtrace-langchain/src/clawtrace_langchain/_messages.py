"""Messages as content drafts: one canonical body per message, drafted once however often it is resent."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage, convert_to_messages

from clawtrace_core.capture import Draft

_KINDS = {
    "user": ("human", "HumanMessageChunk"),
    "assistant": ("ai", "AIMessageChunk"),
    "system": ("developer", "SystemMessageChunk"),
    "tool": ("function", "ToolMessageChunk", "FunctionMessageChunk"),
}
ROLES = {kind: role for role, kinds in _KINDS.items() for kind in (role, *kinds)}
# Tool calls stand in `tool_calls` already; streaming leaves them in the blocks in pieces.
_CALLS = frozenset(
    {"tool_use", "tool_call", "tool_call_chunk", "function_call", "input_json_delta", "invalid_tool_call"}
)
# What a client adds to a block on its way, not what was said: with it the same message would hash twice.
_VOLATILE = frozenset({"index", "id", "cache_control", "signature", "encrypted_content", "extras"})
_MOST_SEEN = 65_536
_MOST_PROMPTS = 16
_NO_PROMPT: tuple[list[Any], ...] = ([], [], [], [])


def plain(value: Any, depth: int = 12, left: list[int] | None = None) -> Any:
    """`value` copied as JSON values, for mutable things are the framework's to change. What is not JSON becomes
    `<its type>`; what is below `depth` levels or beyond 20,000 items is cut."""
    if value is None or isinstance(value, str | int | float):
        return value
    left = [20_000] if left is None else left
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        return "<...>"
    if isinstance(value, BaseMessage):
        return message_body(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth - 1, left) for item in value]
    if not isinstance(value, Mapping):
        fields = getattr(type(value), "model_fields", None) or getattr(type(value), "__dataclass_fields__", None)
        if not fields:
            return f"<{type(value).__name__}>"
        value = {name: getattr(value, name, None) for name in fields}
    return {str(key): plain(item, depth - 1, left) for key, item in value.items()}


def message_body(message: BaseMessage) -> dict[str, Any]:
    """The body of a message as `Content` describes it, without ids and response metadata, so that a copy
    of the message that comes back in a later prompt has the same hash."""
    role = ROLES.get(message.type) or ROLES.get(getattr(message, "role", ""), "user")
    body: dict[str, Any] = {"role": role, **_said(message.content)}
    if isinstance(message, AIMessage):
        # Arguments that are not valid JSON stay the string they came as.
        asked = (*message.tool_calls, *message.invalid_tool_calls)
        if asked:
            body["tool_calls"] = [{"id": c["id"], "name": c["name"], "args": plain(c["args"])} for c in asked]
    elif isinstance(message, ToolMessage):
        body["tool_call_id"] = message.tool_call_id
    return body


def _said(content: str | list[Any]) -> dict[str, Any]:
    if isinstance(content, str):
        return {"text": content}
    parts = [part for block in content if (part := _part(block)) is not None]
    if not parts:
        return {"text": ""}
    only = parts[0] if len(parts) == 1 else {}
    return {"text": only["text"]} if only.keys() == {"type", "text"} else {"parts": parts}


def _part(block: Any) -> dict[str, Any] | None:
    if not isinstance(block, Mapping):
        return {"type": "text", "text": str(block)}
    if block.get("type") in _CALLS:
        return None
    return {key: _short(plain(value)) for key, value in block.items() if key not in _VOLATILE}


def _short(value: Any) -> Any:
    """Pictures and files are told by their length and their two ends; texts stay as they are."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, str) and len(value) > 1024 and (value.startswith("data:") or " " not in value[:512]):
        return f"{value[:48]}...({len(value)} characters)...{value[-24:]}"
    return value


class Drafts:
    """The drafts of one session. The same message object gives the same draft until it is changed in place."""

    def __init__(self) -> None:
        # id(message): the message (kept, so that no other gets its id), its state, its draft
        self._seen: dict[int, tuple[BaseMessage, Any, Draft]] = {}
        self._prompts: dict[int, tuple[list[Any], ...]] = {}
        self._tools: list[tuple[Any, Draft]] = []

    def of_messages(self, messages: list[BaseMessage]) -> tuple[list[Draft], list[BaseMessage]]:
        """The drafts of a prompt, and those of its messages that the prompt before it did not have.

        A prompt mostly is an earlier one and a little more: then the beginning is compared, and not looked up.
        """
        if not messages:
            return [], []
        told = [vars(message) for message in messages]
        said = [fields["content"] for fields in told]
        calls = [fields["tool_calls"] for fields in told if "tool_calls" in fields]
        old, old_said, old_calls, drafts = self._prompts.get(id(messages[0]), _NO_PROMPT)
        n = len(old)
        if not (n and messages[:n] == old and said[:n] == old_said and calls[: len(old_calls)] == old_calls):
            n, old_said, old_calls, drafts = 0, [], [], []
        fresh = messages[n:]
        drafts = drafts + [self.of_message(message) for message in fresh]
        if len(self._prompts) >= _MOST_PROMPTS:
            self._prompts.clear()
        kept = (old_said + _kept(said[n:]), old_calls + _kept(calls[len(old_calls) :]))
        self._prompts[id(messages[0])] = (messages[:], *kept, drafts)
        return drafts, fresh

    def of_message(self, message: BaseMessage) -> Draft:
        """The draft of one message, made anew if it is new or was changed in place."""
        state = [message.content, vars(message).get("tool_calls")]
        hit = self._seen.get(id(message))
        if hit is not None and hit[1] == state:
            return hit[2]
        body = message_body(message)
        draft = Draft(body["role"], body, tool_call=body.get("tool_call_id"))
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[id(message)] = (message, _kept(state), draft)
        return draft

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

    def of_state(self, state: Any) -> Sequence[Draft]:
        """What a graph or chain was given or gave back: its messages where it has any, else the plain value."""
        if isinstance(state, BaseMessage):
            return [self.of_message(state)]
        messages = state.get("messages") if isinstance(state, Mapping) else state
        if isinstance(messages, list) and messages:
            try:
                return [self.of_message(message) for message in convert_to_messages(messages)]
            except (ValueError, NotImplementedError, KeyError, TypeError):
                pass  # not messages in any of the forms LangChain takes
        return [] if state is None else [Draft("payload", plain(state))]


def _kept(told: list[Any]) -> list[Any]:
    """Contents or tool calls as they are now; equal to later ones unless texts, blocks or calls were changed."""
    return [[dict(one) if isinstance(one, dict) else one for one in v] if isinstance(v, list) else v for v in told]
