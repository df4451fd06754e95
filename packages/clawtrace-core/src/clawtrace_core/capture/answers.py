"""What a model was asked and what its provider answered, where a framework passes both on as they came."""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.signal import NOTHING
from clawtrace_core.model.event import Request, Response
from clawtrace_core.model.usage_counts import find
from clawtrace_core.model.usage_shapes import normalise_usage

_USAGES = ("usage", "usage_metadata", "usageMetadata", "token_usage", "response.usage", "meta.billed_units")
_COUNTS = ("prompt_eval_count", "eval_count", "prompt_tokens", "completion_tokens", "total_tokens")
_PARAMS = (
    *("temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "n"),
    *("reasoning_effort", "tool_choice", "frequency_penalty", "presence_penalty"),
)
"""The parameters of a request that are kept."""
_PLAIN = (str, int, float)
_HOSTS = (
    *("base_url", "api_base", "openai_api_base", "anthropic_api_url", "azure_endpoint"),
    *("endpoint_url", "endpoint", "api_url"),
)
"""What clients call the address they ask."""


def request_from(
    fields: Mapping[str, Any],
    *,
    model: str | None,
    provider: str | None,
    streaming: bool,
    attempt: int,
    client: Mapping[str, Any] | None = None,
) -> Request:
    """A request, from what was asked of a model, and the fields of its client where these are not among them.

    Both hold secrets: only tier, parameters and the endpoint's host are taken.
    """
    return Request(
        model=model,
        provider=provider,
        host=_host_in(fields if client is None else client),
        streaming=streaming,
        tier=fields.get("service_tier"),
        attempt=attempt,
        params={name: fields[name] for name in _PARAMS if name in fields and isinstance(fields[name], _PLAIN)},
    )


def _host_in(fields: Mapping[str, Any]) -> str | None:
    for name in _HOSTS:
        if name in fields and isinstance(fields[name], str) and (host := host_of(fields[name])):
            return host
    return None


def response_of(raw: Any, beside: Mapping[str, Any], first_token_ns: int | None) -> Response:
    """A provider's answer as a `Response`. `beside` is what the framework told next to it."""
    usage = usage_of(raw, beside)
    choice = next(iter(_get(raw, "choices") or ()), None)
    told = (_get(choice, "finish_reason"), _get(raw, "stop_reason"), _get(raw, "finish_reason"))
    finish = next(filter(None, told), None) or _get(_get(raw, "delta"), "stop_reason")
    whole = _get(raw, "response") or raw  # a stream of the Responses API ends with an event that holds the response
    return Response(
        id=_text(_get(whole, "id")),
        model=_text(_get(whole, "model")) or _text(_get(whole, "model_version")),
        provider=_text(_get(whole, "provider")),
        tier=_text(_get(whole, "service_tier")),
        finish=(str(getattr(finish, "value", finish)),) if finish else (),
        usage=normalise_usage(usage),
        raw_usage=usage,
        first_token_ns=first_token_ns,
    )


def usage_of(raw: Any, beside: Mapping[str, Any]) -> Any:
    """Where an answer leaves its usage, as plain JSON; it differs by provider and by streaming, and may be nowhere."""
    found = next((usage for path in _USAGES if (usage := find(raw, path)) is not None), beside.get("usage"))
    if found is None:
        counts = {**beside, **(raw if isinstance(raw, Mapping) else NOTHING)}
        found = {name: counts[name] for name in _COUNTS if name in counts} or None
    return plain(found.model_dump() if hasattr(found, "model_dump") else found)  # a dump has what its class lacks


@lru_cache(maxsize=64)
def host_of(url: str) -> str | None:
    """The host of an endpoint, without path, query or credentials."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def foreign_call(call: Any) -> dict[str, Any]:
    """A tool call of an answer in its canonical form, whichever provider's form it has."""
    told = plain(call)
    known = told if isinstance(told, Mapping) else {}
    inner = known["function"] if isinstance(known.get("function"), Mapping) else known
    arguments = (inner[key] for key in ("arguments", "args", "input", "tool_kwargs") if key in inner)
    call_id = known.get("id") or known.get("call_id") or known.get("tool_id")
    return call_body(call_id, inner.get("name") or inner.get("tool_name"), next(arguments, None))


def call_body(call_id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """A tool call as a content's body holds it; arguments that are text are read as JSON where they are."""
    if isinstance(arguments, str):
        with suppress(ValueError):
            arguments = json.loads(arguments or "{}")
    return {"id": call_id, "name": name, "args": plain(arguments)}


def _get(told: Any, name: str) -> Any:
    return told.get(name) if isinstance(told, Mapping) else getattr(told, name, None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def short(value: Any) -> Any:
    """Pictures and files are told apart by their length and hash; texts stay as they are."""
    if isinstance(value, str) and len(value) > 1024 and " " not in value[:512]:
        value = value.encode()
    if isinstance(value, bytes):
        return f"<{len(value)} bytes, {blake2b(value, digest_size=8).hexdigest()}>"
    return plain(value)
