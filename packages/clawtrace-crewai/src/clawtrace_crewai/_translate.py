"""From CrewAI's words to ours: messages, requests, responses, failures. No clock, no CrewAI."""

import json
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from clawtrace_core.capture import Draft
from clawtrace_core.capture.bodies import plain, said
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_shapes import normalise_usage

_ROLES = {"developer": "system", "function": "tool", "model": "assistant", "human": "user", "ai": "assistant"}
_PARAMS = ("temperature", "top_p", "max_tokens", "seed", "n", "frequency_penalty", "presence_penalty")
_HOSTS = ("base_url", "api_base", "endpoint", "azure_endpoint")
_CUT = 5
_LONG = 2000
_MOST_PROMPTS = 16


class Drafts:
    """The drafts of one session. CrewAI copies every message anew for every call: equal ones share a draft."""

    def __init__(self) -> None:
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
        n = len(old)
        if n == 0 or messages[:n] != old:
            n = next((i for i, (a, b) in enumerate(zip(old, messages, strict=False)) if a != b), min(n, len(messages)))
        drafts = drafts[:n] + [_draft(restored(message, 1)) for message in messages[n:]]
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
        draft = Draft("tools", restored(tools, 0))
        self._tools = [(tools, draft), *self._tools[:7]]
        return draft


def restored(value: Any, depth: int) -> Any:
    """Undo what CrewAI does to what lies five levels deep in an event: there it stands as its `repr()`."""
    if isinstance(value, str):
        if depth < _CUT:
            return value
        try:
            return literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    if isinstance(value, list):
        return [restored(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: restored(item, depth + 1) for key, item in value.items()}
    return plain(value)


def _draft(message: Any) -> Draft:
    if not isinstance(message, Mapping):
        return Draft("user", {"role": "user", "text": str(message)})
    told = str(message.get("role") or "user")
    role = _ROLES.get(told, told)
    role = role if role in ("system", "user", "assistant", "tool") else "user"
    content = message.get("content")
    body: dict[str, Any] = {"role": role, **said("" if content is None else content)}
    if role == "assistant" and (calls := calls_in(message.get("tool_calls"))):
        body["tool_calls"] = calls
    answers = message.get("tool_call_id")
    if role == "tool" and isinstance(answers, str):
        body["tool_call_id"] = answers
    return Draft(role, body, tool_call=body.get("tool_call_id"))


def calls_in(told: Any) -> list[dict[str, Any]]:
    """Tool calls, as any of the providers write them; arguments that are no JSON stay the string they came as."""
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
    """A tool call's arguments: the mapping, where what was told is one or JSON of one."""
    if isinstance(told, str):
        try:
            read = json.loads(told)
        except ValueError:
            return told
        return read if isinstance(read, dict) else told
    return plain(told)


def answer_of(response: Any) -> list[Draft]:
    """What a model answered, as the message it will be in the next prompt."""
    calls = calls_in(restored(response, 0)) if isinstance(response, list) else []
    if calls:
        return [Draft("assistant", {"role": "assistant", "text": "", "tool_calls": calls})]
    return [] if response is None else [Draft("assistant", {"role": "assistant", "text": text_of(response)})]


def text_of(value: Any) -> str:
    """A tool's or a model's result as the model reads it."""
    if isinstance(value, str):
        return value
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def request_of(source: Any, event: Any, attempt: int) -> Request:
    """What a call asks for. Only the host is taken of an endpoint: addresses and headers may hold secrets."""
    model = event.model or getattr(source, "model", None)
    provider = getattr(source, "provider", None)
    params = {name: value for name in _PARAMS if isinstance(value := getattr(event, name, None), int | float)}
    return Request(
        model=model if isinstance(model, str) else None,
        provider=provider if isinstance(provider, str) else None,
        host=next((host for name in _HOSTS if (host := _host(getattr(source, name, None)))), None),
        streaming=bool(getattr(event, "stream", None)),
        attempt=attempt,
        params=params,
    )


def _host(url: Any) -> str | None:
    try:
        return urlsplit(str(url)).hostname if url else None
    except ValueError:
        return None


def response_of(event: Any, first_token_ns: int | None) -> Response:
    """What a call returned. A usage that was not told is unknown, not zero."""
    raw = event.usage if isinstance(event.usage, Mapping) and event.usage else None
    finish = getattr(event, "finish_reason", None)
    return Response(
        id=getattr(event, "response_id", None),
        finish=(finish,) if finish else (),
        usage=usage_of(raw),
        raw_usage=plain(raw),
        first_token_ns=first_token_ns,
    )


def usage_of(raw: Mapping[str, Any] | None) -> Usage | None:
    """CrewAI's usage in our words.

    It is inclusive on every native path, whatever the provider's own convention, but keeps the provider's names for
    the sums (crewai/llms/providers/*/completion.py, `_extract_*_token_usage`); litellm's and Bedrock's come as they are.
    """
    if raw is None:
        return None
    for names in (("input_tokens", "output_tokens"), ("prompt_token_count", "completion_tokens")):
        if names[0] in raw and "prompt_tokens" not in raw and "cached_prompt_tokens" in raw:
            rest = {key: value for key, value in raw.items() if key not in names and key != "candidates_token_count"}
            return normalise_usage({"prompt_tokens": raw[names[0]], "completion_tokens": raw.get(names[1], 0), **rest})
    return normalise_usage(raw)


def failure_of(event: Any) -> Failure:
    """Why a scope failed, as far as the event tells."""
    error = getattr(event, "error", None) or getattr(event, "failure", None)
    told = getattr(event, "error_type", None) or getattr(error, "reason", None)
    kind = type(error).__name__ if isinstance(error, BaseException) else getattr(told, "value", told)
    message = getattr(error, "message", None) or error
    return Failure(type=str(kind or event.type), message=str(message)[:_LONG])


def answered(prompt: Sequence[Draft]) -> Iterator[tuple[str, Draft]]:
    """The tool calls a prompt holds answers to: (id, answer)."""
    for draft in prompt:
        if draft.tool_call is not None:
            yield draft.tool_call, draft
