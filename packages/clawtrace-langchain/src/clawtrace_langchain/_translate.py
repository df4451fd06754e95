"""From LangChain's words to ours: requests, responses, failures, tool results. No state, no clock."""

from asyncio import CancelledError
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import LLMResult

from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_shapes import normalise_usage
from clawtrace_langchain._messages import plain

_ENDPOINTS = (
    "openai_api_base",
    "anthropic_api_url",
    "azure_endpoint",
    "base_url",
    "api_base",
    "endpoint_url",
    "endpoint",
)
_PARAMS = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "seed",
    "n",
    "reasoning_effort",
    "parallel_tool_calls",
    "tool_choice",
)
_OWN_IDS = ("lc_", "run-", "lc_run-")
_LONG = 2000
_NOT_TOLD: Mapping[str, Any] = {}


def request_of(
    serialized: Mapping[str, Any] | None, params: Mapping[str, Any], metadata: Mapping[str, Any], attempt: int
) -> Request:
    """What a call asks for. `serialized` and headers hold secrets: only the endpoint's host is taken."""
    return Request(
        model=metadata.get("ls_model_name") or params.get("model") or params.get("model_name"),
        provider=metadata.get("ls_provider"),
        host=_host((serialized or _NOT_TOLD).get("kwargs") or _NOT_TOLD),
        streaming=bool(params.get("stream") or params.get("streaming")),
        tier=params.get("service_tier"),
        attempt=attempt,
        params={
            name: value
            for name in _PARAMS
            if isinstance(value := params.get(name), str | int | float) and value is not None
        },
    )


def _host(arguments: Mapping[str, Any]) -> str | None:
    for name in _ENDPOINTS:
        if isinstance(url := arguments.get(name), str):
            return _host_of(url)
    return None


@lru_cache(maxsize=64)
def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def attempt_of(tags: Sequence[str] | None) -> int | None:
    """The attempt `with_retry` tags a run with; the first try bears no tag."""
    for tag in tags or ():
        if tag.startswith("retry:attempt:") and tag[14:].isdigit():
            return int(tag[14:])
    return None


def answers(result: LLMResult | None) -> list[Any]:
    """The generations of a call: each holds a `message` (chat) or a `text` (completion)."""
    return [generation for row in (result.generations if result else ()) for generation in row]


def response_of(result: LLMResult, first_token_ns: int | None) -> Response:
    """What a call returned, copied at once: a cache hit later changes the earlier result in place."""
    found = answers(result)
    first = getattr(found[0], "message", None) if found else None
    told = getattr(first, "response_metadata", None) or _NOT_TOLD
    whole = result.llm_output or _NOT_TOLD
    counted = next(filter(None, (getattr(getattr(g, "message", None), "usage_metadata", None) for g in found)), None)
    raw = _raw_usage(told) or _raw_usage(whole)
    return Response(
        id=told.get("id") or whole.get("id") or _provider_id(first),
        model=told.get("model_name") or told.get("model") or whole.get("model_name") or whole.get("model"),
        provider=told.get("model_provider"),
        tier=told.get("service_tier") or (raw.get("service_tier") if isinstance(raw, Mapping) else None),
        finish=tuple(filter(None, (_finish(generation) for generation in found))),
        usage=_usage(counted, raw),
        raw_usage=plain(raw or counted),
        cached=counted is not None and counted.get("total_cost") == 0,
        first_token_ns=first_token_ns,
    )


def _provider_id(message: Any) -> str | None:
    own = getattr(message, "id", None)
    return None if not own or own.startswith(_OWN_IDS) else own


def _raw_usage(told: Mapping[str, Any]) -> Any:
    return told.get("token_usage") or told.get("usage")


def _finish(generation: Any) -> str | None:
    told = getattr(getattr(generation, "message", None), "response_metadata", None) or _NOT_TOLD
    info = generation.generation_info or _NOT_TOLD
    return told.get("finish_reason") or told.get("stop_reason") or info.get("finish_reason")


def _usage(counted: Any, raw: Any) -> Usage | None:
    """LangChain's own counts, with what only the provider's raw usage tells: its price and cache lifetimes."""
    usage = normalise_usage({key: counted[key] for key in counted if key != "total_cost"}) if counted else None
    if not raw:
        return usage
    rich = normalise_usage(raw)
    if usage is None or rich is None:
        return usage or rich
    if usage.cache_write_unknown and rich.cache_write_5m + rich.cache_write_1h == usage.cache_write:
        usage = replace(
            usage, cache_write_unknown=0, cache_write_5m=rich.cache_write_5m, cache_write_1h=rich.cache_write_1h
        )
    if rich.reported_usd is None and not rich.extra:
        return usage
    return replace(usage, reported_usd=rich.reported_usd, extra={**usage.extra, **rich.extra})


@lru_cache(maxsize=256)
def status_of(kind: type[BaseException]) -> str:
    """How a run that raised ended. langgraph steers with exceptions; those are not errors."""
    names = {ancestor.__name__ for ancestor in kind.__mro__}
    if "GraphInterrupt" in names:
        return "paused"
    if "GraphBubbleUp" in names:
        return "ok"
    return "cancelled" if issubclass(kind, CancelledError | GeneratorExit | KeyboardInterrupt) else "error"


def failure_of(error: BaseException) -> Failure | None:
    """Why a run failed; None when it did not."""
    if status_of(type(error)) != "error":
        return None
    return Failure(type=type(error).__name__, message=str(error)[:_LONG])


def tool_messages(output: Any) -> Iterator[ToolMessage]:
    """The tool messages in what a tool or a node gave back: bare, in a state, in a `Command`, or in lists of them."""
    if isinstance(output, ToolMessage):
        yield output
    elif isinstance(output, list | tuple):
        for item in output:
            yield from tool_messages(item)
    elif isinstance(output, Mapping):
        messages = output.get("messages")
        if messages is not None:
            yield from tool_messages(getattr(messages, "value", messages))
    elif (
        not isinstance(output, str) and (update := getattr(output, "update", None)) is not None and not callable(update)
    ):
        yield from tool_messages(update)


def effect_of(metadata: Mapping[str, Any], tags: Sequence[str] | None) -> dict[str, str]:
    """What a tool's own hints (as MCP names them) say it does to the world."""
    if metadata.get("readOnlyHint") is True or "readOnlyHint" in (tags or ()):
        return {"effect": "read"}
    if metadata.get("destructiveHint") is True or "destructiveHint" in (tags or ()):
        return {"effect": "write"}
    return {}


def asked_for(result: LLMResult) -> Iterator[tuple[str, str, Any]]:
    """(id, name, arguments) of every tool call in a response."""
    for generation in answers(result):
        message = getattr(generation, "message", None)
        if isinstance(message, AIMessage):
            for call in message.tool_calls:
                if call["id"]:
                    yield call["id"], call["name"], call["args"]
