"""From CrewAI's words to ours: requests, responses, failures. No clock, no CrewAI."""

from collections.abc import Mapping
from typing import Any

from clawtrace_core.capture.answers import request_from
from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.failures import failed
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_shapes import normalise_usage

_SUMS = (("input_tokens", "output_tokens"), ("prompt_token_count", "completion_tokens"))


def request_of(source: Any, event: Any, attempt: int) -> Request:
    """What a call asks for. Only the host is taken of an endpoint: addresses and headers may hold secrets."""
    model, provider = event.model or getattr(source, "model", None), getattr(source, "provider", None)
    return request_from(
        vars(event),
        model=model if isinstance(model, str) else None,
        provider=provider if isinstance(provider, str) else None,
        streaming=bool(getattr(event, "stream", None)),
        attempt=attempt,
        client=getattr(source, "__dict__", {}),
    )


def response_of(event: Any, first_token_ns: int | None) -> Response:
    """What a call returned. Usage that was not told is unknown: CrewAI's clients then say `{"total_tokens": 0}`."""
    raw = event.usage if isinstance(event.usage, Mapping) and any(event.usage.values()) else None
    return Response(
        id=getattr(event, "response_id", None),
        finish=tuple(filter(None, [getattr(event, "finish_reason", None)])),
        usage=usage_of(raw),
        raw_usage=plain(raw),
        first_token_ns=first_token_ns,
    )


def usage_of(raw: Mapping[str, Any] | None) -> Usage | None:
    """CrewAI's usage in our words.

    It is inclusive on every native path, whatever the provider's own convention, but keeps the provider's names for
    the sums (crewai/llms/providers/*/completion.py, `_extract_*_token_usage`). Others come as the provider told them.
    """
    if raw is None or "cached_prompt_tokens" not in raw or "prompt_tokens" in raw:
        return normalise_usage(raw)
    for given, made in _SUMS:
        if given in raw:
            rest = {key: raw[key] for key in raw if key not in (given, made, "candidates_token_count")}
            return normalise_usage({**rest, "prompt_tokens": raw[given], "completion_tokens": raw.get(made, 0)})
    return normalise_usage(raw)


def failure_of(event: Any) -> Failure:
    """Why a scope failed, as far as the event tells."""
    error = getattr(event, "error", None) or getattr(event, "failure", None)
    told = getattr(event, "error_type", None) or getattr(error, "reason", None)
    kind = type(error).__name__ if isinstance(error, BaseException) else getattr(told, "value", told)
    return failed(str(kind or event.type), getattr(error, "message", None) or error)
