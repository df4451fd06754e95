"""From LlamaIndex's words to ours: what a span is, requests, responses, failures. No state, no clock."""

from asyncio import CancelledError
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.nodes import MODEL, OTHER, PARSING, RUN, Node
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage_counts import find
from clawtrace_core.model.usage_shapes import normalise_usage

NOTHING: Mapping[str, Any] = {}
STEP, CALL, TOOL, RETRIEVE, EMBED, QUERY = "step", "call", "tool", "retrieve", "embed", "query"
_PACKAGES = ("llama_index", "workflows")
_TALKS = frozenset(f"{how}{what}" for how in ("", "a", "stream_", "astream_") for what in ("chat", "complete"))
_EMBEDS = frozenset(f"{a}get_{what}" for a in ("", "a") for what in ("query_embedding", "text_embedding"))
# What the methods of a class mean, by the name of its base; `*` any method that ends so.
_MEANINGS: tuple[tuple[str, dict[str, str]], ...] = (
    ("BaseTool", dict.fromkeys(("call", "acall", "__call__"), TOOL)),
    ("BaseLLM", {**dict.fromkeys(_TALKS, MODEL), "*structured_predict": PARSING}),
    ("Workflow", {"run": RUN, "call_tool": CALL, "run_agent_step": STEP}),
    ("BaseEmbedding", {**dict.fromkeys(_EMBEDS, EMBED), "*get_text_embedding_batch": EMBED}),
    ("BaseRetriever", {"retrieve": RETRIEVE, "aretrieve": RETRIEVE}),
    ("BaseQueryEngine", {"query": QUERY, "aquery": QUERY}),
    ("BaseChatEngine", dict.fromkeys(_TALKS, QUERY)),
    ("object", {"call_tool": CALL, "run_agent_step": STEP}),  # newer workflows do not tell whose step it is
)
_PARAMS = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "reasoning_effort", "tool_choice")
_HOSTS = ("api_base", "base_url", "azure_endpoint", "endpoint_url", "endpoint", "api_url")
_PROVIDERS = {"azure_openai": "azure", "azure_inference": "azure", "bedrock": "aws", "bedrock_converse": "aws"}
_PROVIDERS |= {"gemini": "google", "google_genai": "google", "vertex": "google", "mistralai": "mistral"}
_PROVIDERS |= {"openai_like": "openai", "xai": "x-ai"}
_USAGES = ("usage", "usage_metadata", "usageMetadata", "token_usage", "response.usage", "meta.billed_units")
_COUNTS = ("prompt_eval_count", "eval_count", "prompt_tokens", "completion_tokens", "total_tokens")
_LONG = 2000


@lru_cache(maxsize=4096)
def meaning(kind: type, method: str) -> str:
    """What a span of `method` on an instance of `kind` is; by names, so that no framework module is loaded."""
    names = {one.__name__ for one in kind.__mro__ if one.__module__.partition(".")[0] in _PACKAGES} | {"object"}
    told = next(methods for base, methods in _MEANINGS if base in names)
    ending = next((means for name, means in told.items() if name[0] == "*" and method.endswith(name[1:])), OTHER)
    return told.get(method, ending)


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


def request_of(instance: Any, told: Mapping[str, Any], asked: Mapping[str, Any], method: str, attempt: int) -> Request:
    """What a call asks for. The instance holds the key: only model, parameters and the endpoint's host are taken."""
    fields = getattr(instance, "__dict__", NOTHING)  # asking a pydantic object for what it lacks is slow
    model = fields.get("model") or fields.get("model_name") or told.get("model_name") or told.get("model")
    model = model or getattr(getattr(instance, "metadata", None), "model_name", None)
    params = {name: asked.get(name, fields.get(name)) for name in _PARAMS}
    return Request(
        model=model if isinstance(model, str) and model != "unknown" else None,
        provider=provider_of(type(instance)),
        host=next((_host(fields[name]) for name in _HOSTS if isinstance(fields.get(name), str)), None),
        streaming=method.startswith(("stream", "astream")),
        tier=asked.get("service_tier") or fields.get("service_tier"),
        attempt=attempt,
        params={name: value for name, value in params.items() if isinstance(value, str | int | float)},
    )


@lru_cache(maxsize=256)
def provider_of(kind: Hashable) -> str | None:
    """The provider an integration speaks to, by the package it comes from; None for classes of one's own."""
    rooms = (ancestor.__module__.split(".") for ancestor in getattr(kind, "__mro__", ()))
    named = (
        room[2]
        for room in rooms
        if len(room) > 2 and room[:2] in (["llama_index", "llms"], ["llama_index", "embeddings"])
    )
    name = next(named, None)
    return None if name is None else _PROVIDERS.get(name, name)


@lru_cache(maxsize=64)
def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def response_of(response: Any, first_token_ns: int | None) -> Response:
    """What a call returned. `raw` is the provider's own answer, or its last chunk; it is a mapping or an object."""
    raw = response.raw
    told = getattr(response, "additional_kwargs", None) or NOTHING
    usage = _usage(raw, told)
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
    found = next((usage for path in _USAGES if (usage := find(raw, path)) is not None), told.get("usage"))
    if found is None:
        counts = {**told, **(raw if isinstance(raw, Mapping) else NOTHING)}
        found = {name: counts[name] for name in _COUNTS if name in counts} or None
    return plain(found.model_dump() if hasattr(found, "model_dump") else found)  # a dump has what its class lacks


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


def close(node: Node, error: BaseException | None, **told: Any) -> None:
    """Record the end of a span: as `error` says, unless `told` says otherwise."""
    status = "cancelled" if node.cancelled and error is None else status_of(error)
    node.close(**{"status": status, "failure": failure_of(error), **told})
