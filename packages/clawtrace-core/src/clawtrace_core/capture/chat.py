"""Chat messages as providers' clients write them, mappings with `role` and `content`, as drafts. Knows no framework."""

import json
from ast import literal_eval
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from clawtrace_core.capture.bodies import plain, said
from clawtrace_core.capture.signal import Draft

_ROLES = {"developer": "system", "function": "tool", "model": "assistant", "human": "user", "ai": "assistant"}
_KNOWN = frozenset({"system", "user", "assistant", "tool"})
_MOST_PROMPTS = 16


class Prompts:
    """The drafts of prompts whose messages are copied anew for every call: equal ones share a draft."""

    def __init__(self, restored: Callable[[Any, int], Any] = lambda value, _depth: plain(value)) -> None:
        """`restored` undoes what the framework did to a value that lay that many levels deep."""
        self._restored = restored
        self.forget()

    def forget(self) -> None:
        """Let go of every message: the session is over."""
        self._prompts: dict[object, tuple[list[Any], list[Draft]]] = {}
        self._tools: list[tuple[Any, Draft]] = []

    def of_prompt(self, messages: Any, scope: object) -> list[Draft]:
        """The drafts of a prompt, which mostly is the one before it in its scope, and a little more."""
        if isinstance(messages, str):
            return [Draft("user", {"role": "user", "text": messages})]
        if not isinstance(messages, list):
            return []
        old, drafts = self._prompts.get(scope, ([], []))
        if messages is old:
            return drafts
        n = len(old)
        if messages[:n] != old:
            n = next((i for i, (a, b) in enumerate(zip(old, messages, strict=False)) if a != b), len(messages))
        drafts = drafts[:n] + [chat_draft(self._restored(message, 1)) for message in messages[n:]]
        if scope not in self._prompts and len(self._prompts) >= _MOST_PROMPTS:
            self._prompts.pop(next(iter(self._prompts)))
        self._prompts[scope] = (messages, drafts)
        return drafts

    def of_tools(self, tools: Any) -> Draft | None:
        """The draft of the tool schemas offered."""
        if not tools or not isinstance(tools, list):
            return None
        for known, draft in self._tools:
            if known == tools:
                return draft
        draft = Draft("tools", self._restored(tools, 0))
        self._tools = [(tools, draft), *self._tools[:7]]
        return draft


def restored(value: Any, depth: int, *, cut: int = 5) -> Any:
    """`value`, which lay `depth` levels deep, where a framework put the `repr()` of what lies `cut` levels deep."""
    if isinstance(value, str):
        if depth < cut:
            return value
        try:
            return literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    if isinstance(value, list):
        return [restored(item, depth + 1, cut=cut) for item in value]
    if isinstance(value, dict):
        return {key: restored(item, depth + 1, cut=cut) for key, item in value.items()}
    return plain(value)


def chat_draft(message: Any) -> Draft:
    """The draft of one message, its body in the canonical form."""
    if not isinstance(message, Mapping):
        return Draft("user", {"role": "user", "text": str(message)})
    told = str(message.get("role") or "user")
    role = _ROLES.get(told, told) if _ROLES.get(told, told) in _KNOWN else "user"
    content = message.get("content")
    body: dict[str, Any] = {"role": role, **said("" if content is None else content)}
    if role == "assistant" and (calls := calls_in(message.get("tool_calls"))):
        body["tool_calls"] = calls
    answers = message.get("tool_call_id")
    if role == "tool" and isinstance(answers, str):
        body["tool_call_id"] = answers
    return Draft(role, body, tool_call=body.get("tool_call_id"))


def calls_in(told: Any) -> list[dict[str, Any]]:
    """Tool calls, as any of the providers write them."""
    found = []
    for call in told if isinstance(told, list) else ():
        if not isinstance(call, Mapping):
            continue
        inner = call.get("function") or call.get("functionCall") or call.get("toolUse") or call
        if not isinstance(inner, Mapping) or not inner.get("name"):
            continue
        arguments = next((inner[key] for key in ("arguments", "input", "args") if key in inner), None)
        key = call.get("id") or inner.get("id") or inner.get("toolUseId")
        found.append({"id": key, "name": str(inner["name"]), "args": arguments_of(arguments)})
    return found


def arguments_of(told: Any) -> Any:
    """A tool call's arguments: the mapping, where what was told is one or JSON of one; else as they came."""
    if isinstance(told, str):
        try:
            read = json.loads(told)
        except (ValueError, RecursionError):  # nested deeper than it can be read
            return told
        return read if isinstance(read, dict) else told
    return plain(told)


def answer_of(response: Any) -> list[Draft]:
    """What a model answered - a text, tool calls, or a value - as the message it will be in the next prompt."""
    calls = calls_in(response)
    if calls:
        return [Draft("assistant", {"role": "assistant", "text": "", "tool_calls": calls})]
    return [] if response is None else [Draft("assistant", {"role": "assistant", "text": text_of(response)})]


def text_of(value: Any) -> str:
    """A tool's or a model's result as a model reads it."""
    if isinstance(value, str):
        return value
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def answered(prompt: Sequence[Draft]) -> Iterator[tuple[str, Draft]]:
    """The tool calls a prompt holds answers to: (id, answer)."""
    for draft in prompt:
        if draft.tool_call is not None:
            yield draft.tool_call, draft
