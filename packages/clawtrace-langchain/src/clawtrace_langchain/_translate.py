"""From LangChain's words to ours: requests, responses, failures, tool results. No state, no clock."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage, convert_to_messages
from langchain_core.outputs import LLMResult

from clawtrace_core import Session
from clawtrace_core.capture import Draft, failures
from clawtrace_core.capture.answers import request_from
from clawtrace_core.capture.bodies import Drafts, plain, said
from clawtrace_core.capture.runs import Book, Run
from clawtrace_core.model.event import Failure, Request, Response
from clawtrace_core.model.usage import Usage
from clawtrace_core.model.usage_shapes import normalise_usage

NOTHING: Mapping[str, Any] = {}
_KINDS = {
    "user": ("human", "HumanMessageChunk"),
    "assistant": ("ai", "AIMessageChunk"),
    "system": ("developer", "SystemMessageChunk"),
    "tool": ("function", "ToolMessageChunk", "FunctionMessageChunk"),
}
ROLES = {kind: role for role, kinds in _KINDS.items() for kind in (role, *kinds)}
_ONLY_RAW = {"cost", "cost_in_usd_ticks", "server_tool_use"}


def body_of(message: BaseMessage) -> dict[str, Any]:
    """The body of a message, without ids and response metadata: a copy that comes back has the same hash."""
    role = ROLES.get(message.type) or ROLES.get(getattr(message, "role", ""), "user")
    body: dict[str, Any] = {"role": role, **said(message.content)}
    if isinstance(message, AIMessage):  # arguments that are not valid JSON stay the string they came as
        if asked := (*message.tool_calls, *message.invalid_tool_calls):
            body["tool_calls"] = [{"id": c["id"], "name": c["name"], "args": plain(c["args"])} for c in asked]
    elif isinstance(message, ToolMessage):
        body["tool_call_id"] = message.tool_call_id
    return body


def book_of(session: Session, runs: dict[UUID, Run], *, single: bool) -> Book:
    """A book for LangChain's messages."""
    drafts = Drafts(body_of)
    book = Book(session.recorder, runs, drafts, partial(of_state, drafts), single=single)
    book.session = session
    return book


def of_state(drafts: Drafts, state: Any) -> Sequence[Draft]:
    """What a graph or chain was given or gave back: its messages where it has any, else the plain value."""
    if isinstance(state, BaseMessage):
        return [drafts.of_message(state)]
    messages = state.get("messages") if isinstance(state, Mapping) else state
    if isinstance(messages, list) and messages:
        with suppress(ValueError, NotImplementedError, KeyError, TypeError):  # not in any form LangChain takes
            return [drafts.of_message(message) for message in convert_to_messages(messages)]
    return [] if state is None else [Draft("payload", plain(state))]


def request_of(
    serialized: Mapping[str, Any], params: Mapping[str, Any], metadata: Mapping[str, Any], attempt: int
) -> Request:
    """What a call asks for. `serialized` and headers hold secrets: only the endpoint's host is taken."""
    return request_from(
        params,
        model=metadata.get("ls_model_name") or params.get("model") or params.get("model_name"),
        provider=metadata.get("ls_provider"),
        streaming=bool(params.get("stream") or params.get("streaming")),
        attempt=attempt,
        client=serialized.get("kwargs") or NOTHING,
    )


def attempt_of(tags: Sequence[str] | None) -> int | None:
    """The attempt `with_retry` tags a run with; the first try bears no tag."""
    tried = [tag[14:] for tag in tags or () if tag.startswith("retry:attempt:")]
    return int(tried[-1]) if tried and tried[-1].isdigit() else None


def answers(result: LLMResult | None) -> list[Any]:
    """The generations of a call: each holds a `message` (chat) or a `text` (completion)."""
    return [generation for row in (result.generations if result else ()) for generation in row]


def said_in(drafts: Drafts, result: LLMResult | None) -> list[Draft]:
    """What a model said; the message comes back as the same draft when it is sent again."""
    return [
        drafts.of_message(one.message)
        if hasattr(one, "message")
        else Draft("assistant", {"role": "assistant", "text": one.text})
        for one in answers(result)
    ]


def response_of(result: LLMResult, first_token_ns: int | None) -> Response:
    """What a call returned, copied at once: a cache hit later changes the earlier result in place.

    With several generations each one repeats the usage of the whole call: it is taken once.
    """
    found = answers(result)
    messages = [generation.message for generation in found if hasattr(generation, "message")]
    told = messages[0].response_metadata if messages else NOTHING
    whole = result.llm_output or NOTHING
    counted = next((m.usage_metadata for m in messages if getattr(m, "usage_metadata", None)), None) or NOTHING
    raw = told.get("token_usage") or told.get("usage") or whole.get("token_usage") or whole.get("usage") or NOTHING
    own_id = getattr(messages[0], "id", None) if messages else None
    return Response(
        id=told.get("id") or whole.get("id") or (None if str(own_id).startswith(("lc_", "run-")) else own_id),
        model=told.get("model_name") or told.get("model") or whole.get("model_name") or whole.get("model"),
        provider=told.get("model_provider"),
        tier=told.get("service_tier") or (raw.get("service_tier") if isinstance(raw, Mapping) else None),
        finish=tuple(filter(None, map(_finish, found))),
        usage=_usage(counted, raw),
        raw_usage=plain(raw or counted) or None,
        cached=counted.get("total_cost") == 0,
        first_token_ns=first_token_ns,
    )


def _finish(generation: Any) -> str | None:
    told = getattr(getattr(generation, "message", None), "response_metadata", NOTHING)
    return (
        told.get("finish_reason") or told.get("stop_reason") or (generation.generation_info or {}).get("finish_reason")
    )


def _usage(counted: Mapping[str, Any], raw: Any) -> Usage | None:
    """LangChain's own counts, with what only the provider's raw usage tells, such as its price."""
    usage = normalise_usage({name: count for name, count in counted.items() if name != "total_cost"})
    if usage is not None and not (isinstance(raw, Mapping) and _ONLY_RAW & raw.keys()):
        return usage
    rich = normalise_usage(raw)
    if usage is None or rich is None:
        return usage or rich
    return replace(usage, reported_usd=rich.reported_usd, extra={**usage.extra, **rich.extra})


def status_of(error: BaseException | None) -> str:
    """How a run that raised ended. langgraph steers with exceptions; those are not errors."""
    names = {ancestor.__name__ for ancestor in type(error).__mro__}
    if "GraphBubbleUp" in names:
        return "paused" if "GraphInterrupt" in names else "ok"
    return failures.status_of(error)


def failure_of(error: BaseException) -> Failure | None:
    """Why a run failed; None when it did not."""
    return failures.failure_of(error) if status_of(error) == "error" else None


def tool_failure(message: ToolMessage) -> Failure | None:
    """The failure a tool told the model of, rather than raised."""
    return failures.failed("ToolMessage", message.content) if message.status == "error" else None


def tool_messages(output: Any) -> Iterator[ToolMessage]:
    """The tool messages in what a tool or a node gave back: bare, in a state, in a `Command`, or in lists of them."""
    if isinstance(output, ToolMessage):
        yield output
    elif isinstance(output, list | tuple):
        for item in output:
            yield from tool_messages(item)
    elif isinstance(output, Mapping):
        messages = output.get("messages")
        yield from tool_messages(getattr(messages, "value", messages))
    elif type(output).__name__ == "Command":
        yield from tool_messages(output.update)


def asked_for(result: LLMResult) -> Iterator[tuple[str, str, Any]]:
    """(id, name, arguments) of every tool call in a response."""
    for generation in answers(result):
        message = getattr(generation, "message", None)
        for call in message.tool_calls if isinstance(message, AIMessage) else ():
            yield call["id"] or "", call["name"], call["args"]
