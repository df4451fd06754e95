"""From LlamaIndex's words to ours: what a span is, requests, responses, failures. No state, no clock."""

from asyncio import CancelledError
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage_counts import find
from clawtrace_core.model.usage_shapes import normalise_usage
from clawtrace_llamaindex._messages import plain

NOTHING: Mapping[str, Any] = {}
OTHER, RUN, STEP, CALL, TOOL, LLM, RETRIEVE, EMBED, QUERY, STRUCTURED = range(10)
"""What a span is to us. OTHER: it only stands between others."""
_PACKAGES = ("llama_index", "workflows")
_TOOLS = frozenset({"call", "acall", "__call__"})
_EMBEDS = frozenset(f"{a}get_{what}" for a in ("", "a") for what in ("query_embedding", "text_embedding"))
_BATCHES = frozenset({"get_text_embedding_batch", "aget_text_embedding_batch"})
_TALKS = frozenset(f"{how}{what}" for how in ("", "a", "stream_", "astream_") for what in ("chat", "complete"))
_ASKS = frozenset({"query", "aquery", "chat", "achat", "stream_chat", "astream_chat"})
_PARAMS = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "reasoning_effort", "tool_choice")
_PROVIDERS = {
    "azure_openai": "azure",
    "azure_inference": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "gemini": "google",
    "google_genai": "google",
    "mistralai": "mistral",
    "vertex": "google",
    "openai_like": "openai",
    "together": "together",
    "xai": "x-ai",
}
_HOSTS = ("api_base", "base_url", "azure_endpoint", "endpoint_url", "endpoint", "api_url")
_LONG = 2000


@lru_cache(maxsize=4096)
def meaning(kind: type, method: str) -> int:
    """What a span of `method` on an instance of `kind` is; by names, so that no framework module is loaded."""
    names = {k.__name__ for k in kind.__mro__ if k.__module__.partition(".")[0] in _PACKAGES}
    if "BaseTool" in names:
        return TOOL if method in _TOOLS else OTHER
    if "BaseLLM" in names:
        if method in _TALKS:
            return LLM
        return STRUCTURED if method.endswith("structured_predict") else OTHER
    if "Workflow" in names and method == "run":
        return RUN
    if "BaseEmbedding" in names:
        return EMBED if method in _EMBEDS or method in _BATCHES else OTHER
    if "BaseRetriever" in names and method in {"retrieve", "aretrieve"}:
        return RETRIEVE
    if names & {"BaseQueryEngine", "BaseChatEngine"} and method in _ASKS:
        return QUERY
    return {"call_tool": CALL, "run_agent_step": STEP}.get(method, OTHER)


@lru_cache(maxsize=1024)
def may_delegate(kind: type, method: str, depth: int) -> bool:
    """Whether a method of a model may only hand the call on to another one, which is then what is billed.

    Told by the names its code uses; a method whose code cannot be looked at may. `depth` counts the overrides that
    have called `super()` so far.
    """
    try:
        found = [ancestor.__dict__[method] for ancestor in kind.__mro__ if method in ancestor.__dict__][depth]
        while (inner := _wrapped(found)) is not None:
            found = inner
        code = found.__code__
    except (AttributeError, IndexError, ValueError):
        return True
    nested = (name for part in code.co_consts for name in getattr(part, "co_names", ()))
    return any(name in _TALKS or name.endswith("predict") for name in (*code.co_names, *nested))


def _wrapped(function: Any) -> Any:
    """What a decorated function wraps: LlamaIndex's own decorators keep it as `f`, and mark it with a flag."""
    inner = getattr(function, "__wrapped__", None)
    if callable(inner):
        return inner
    names = function.__code__.co_freevars
    return function.__closure__[names.index("f")].cell_contents if "f" in names else None


def request_of(event: Any, instance: Any, method: str, attempt: int) -> Request:
    """What a call asks for. The instance holds the key: only the model, the endpoint's host and parameters are taken."""
    told, asked = event.model_dict, getattr(event, "additional_kwargs", NOTHING)
    model = getattr(instance, "model", None) or told.get("model_name") or told.get("model")
    model = model or getattr(getattr(instance, "metadata", None), "model_name", None)
    params = {name: asked.get(name, getattr(instance, name, None)) for name in _PARAMS}
    urls = (getattr(instance, name, None) for name in _HOSTS)
    return Request(
        model=model if isinstance(model, str) and model != "unknown" else None,
        provider=provider_of(type(instance)) if instance is not None else None,
        host=next((_host(url) for url in urls if isinstance(url, str)), None),
        streaming=method.startswith(("stream", "astream")),
        tier=asked.get("service_tier") or getattr(instance, "service_tier", None),
        attempt=attempt,
        params={name: value for name, value in params.items() if isinstance(value, str | int | float)},
    )


@lru_cache(maxsize=256)
def provider_of(kind: type) -> str | None:
    """The provider an integration speaks to, by the package it comes from; None for classes of one's own."""
    for ancestor in kind.__mro__:
        room = ancestor.__module__.split(".")
        if room[0] == "llama_index" and len(room) > 2 and room[1] in {"llms", "embeddings"}:
            return _PROVIDERS.get(room[2], room[2])
    return None


@lru_cache(maxsize=64)
def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def request_of_embedding(instance: Any) -> Request:
    """What an embedding model is asked for."""
    urls = (getattr(instance, name, None) for name in _HOSTS)
    return Request(
        model=getattr(instance, "model_name", None),
        provider=provider_of(type(instance)),
        host=next((_host(url) for url in urls if isinstance(url, str)), None),
    )


def response_of(response: Any, first_token_ns: int | None) -> Response:
    """What a call returned. `raw` is the provider's own answer, or its last chunk; it is a mapping or an object."""
    raw = response.raw
    told = getattr(response, "additional_kwargs", None) or NOTHING
    usage = plain(_usage(raw, told))
    choice = next(iter(_get(raw, "choices") or ()), None)
    finish = _get(choice, "finish_reason") or _get(raw, "stop_reason") or _get(raw, "finish_reason")
    finish = finish or _get(_get(raw, "delta"), "stop_reason")
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


def _usage(raw: Any, told: Mapping[str, Any]) -> Any:
    """Where LlamaIndex leaves the usage; it differs by provider and by streaming, and may be nowhere."""
    for path in ("usage", "usage_metadata", "usageMetadata", "token_usage", "response.usage"):
        found = find(raw, path)
        if found is not None:
            return found
    if told.get("usage") is not None:
        return told["usage"]
    if isinstance(raw, Mapping) and ("eval_count" in raw or "prompt_eval_count" in raw):
        return {name: raw.get(name) for name in ("prompt_eval_count", "eval_count")}
    counts = {name: told[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens") if name in told}
    return counts or None


def _get(told: Any, name: str) -> Any:
    return told.get(name) if isinstance(told, Mapping) else getattr(told, name, None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def status_of(error: BaseException | None) -> str:
    """How a span that raised ended. Workflows steer with exceptions; those are not errors."""
    if isinstance(error, CancelledError | GeneratorExit | KeyboardInterrupt):
        return "cancelled"
    if error is None or type(error).__name__ == "WorkflowDone":
        return "ok"
    return "paused" if waits(error) else "error"


def waits(error: BaseException | None) -> bool:
    """Whether a tool stopped to wait for a person; it will be run again from its beginning."""
    return type(error).__name__ == "WaitingForEvent"


def failure_of(error: BaseException | None) -> Failure | None:
    """Why a span failed; None when it did not."""
    if error is None or status_of(error) != "error":
        return None
    return Failure(type=type(error).__name__, message=str(error)[:_LONG])


def tool_failure(output: Any, raised: BaseException | None) -> Failure | None:
    """The failure a tool told the model of."""
    if not getattr(output, "is_error", False):
        return None
    error = getattr(output, "exception", None) or raised
    return failure_of(error) or Failure(type="ToolOutput", message=str(getattr(output, "content", output))[:_LONG])
