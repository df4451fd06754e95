"""Bodies of contents in their one canonical form, and drafts made once. Knows no framework."""

import json
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Any

from clawtrace_core.capture.signal import Draft

# Tool calls stand in `tool_calls` already; streaming leaves them in the blocks in pieces.
_CALLS = frozenset(
    {"tool_use", "tool_call", "tool_call_chunk", "function_call", "input_json_delta", "invalid_tool_call"}
)
# What a client adds to a block on its way, not what was said: with it the same message would hash twice.
_VOLATILE = frozenset({"index", "id", "cache_control", "signature", "encrypted_content", "extras"})
_MOST_SEEN = 65_536
_MOST_PROMPTS = 16
_NO_PROMPT: tuple[list[Any], ...] = ([], [], [], [])


def plain(value: Any) -> Any:
    """`value` copied as JSON values, for mutable things are the framework's to change; else `<its type>`."""
    if value is None or isinstance(value, str | int | float):
        return value
    try:
        return json.loads(json.dumps(value, default=_told, skipkeys=True))
    except (ValueError, RecursionError):  # it holds itself, or is nested too deep
        return f"<{type(value).__name__}>"


def _told(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if is_dataclass(value) or hasattr(type(value), "model_fields"):
        return dict(getattr(value, "__dict__", {}))
    return f"<{type(value).__name__}>"


def said(content: Any) -> dict[str, Any]:
    """What a message says: `text`, or `parts` where there are blocks that are more than one text."""
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
    if str(block.get("type")) in _CALLS:
        return None
    return {key: plain(value) for key, value in block.items() if key not in _VOLATILE}


class ToolDrafts:
    """The drafts of the tool schemas that a session's models were offered."""

    def __init__(self) -> None:
        self._tools: list[tuple[Any, Draft]] = []

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


class Drafts(ToolDrafts):
    """The drafts of one session. The same message object gives the same draft until it is changed in place.

    `body` makes a message's body; messages keep what they say in `content` and `tool_calls`.
    """

    def __init__(self, body: Callable[[Any], dict[str, Any]]) -> None:
        super().__init__()
        self._body = body
        self.forget()

    def forget(self) -> None:
        """Let go of every message: the session is over."""
        # id(message): the message (kept, so that no other gets its id), its state, its draft
        self._seen: dict[int, tuple[Any, Any, Draft]] = {}
        self._prompts: dict[int, tuple[list[Any], ...]] = {}
        self._tools = []

    def of_messages(self, messages: list[Any]) -> tuple[list[Draft], list[Any]]:
        """The drafts of a prompt, and those of its messages that the prompt before it did not have.

        A prompt mostly is an earlier one and a little more: then the beginning is compared, and not looked up.
        """
        if not messages:
            return [], []
        told = [vars(message) for message in messages]
        texts = [fields["content"] for fields in told]
        calls = [fields["tool_calls"] for fields in told if "tool_calls" in fields]
        old, old_texts, old_calls, drafts = self._prompts.get(id(messages[0]), _NO_PROMPT)
        n = len(old)
        if not (n and messages[:n] == old and texts[:n] == old_texts and calls[: len(old_calls)] == old_calls):
            n, old_texts, old_calls, drafts = 0, [], [], []
        fresh = messages[n:]
        drafts = drafts + [self.of_message(message) for message in fresh]
        if len(self._prompts) >= _MOST_PROMPTS:
            self._prompts.clear()
        kept = (old_texts + _kept(texts[n:]), old_calls + _kept(calls[len(old_calls) :]))
        self._prompts[id(messages[0])] = (messages[:], *kept, drafts)
        return drafts, fresh

    def of_message(self, message: Any) -> Draft:
        """The draft of one message, made anew if it is new or was changed in place."""
        state = [message.content, vars(message).get("tool_calls")]
        hit = self._seen.get(id(message))
        if hit is not None and hit[1] == state:
            return hit[2]
        body = self._body(message)
        draft = Draft(body["role"], body, tool_call=body.get("tool_call_id"))
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[id(message)] = (message, _kept(state), draft)
        return draft


def _kept(told: list[Any]) -> list[Any]:
    """Contents or tool calls as they are now; equal to later ones unless texts, blocks or calls were changed."""
    return [[dict(one) if isinstance(one, dict) else one for one in v] if isinstance(v, list) else v for v in told]
