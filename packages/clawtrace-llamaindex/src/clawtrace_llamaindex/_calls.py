"""Calls of models, told by events, for the span of a stream closes before it is read; and retrieval, told by spans."""

from typing import Any

from clawtrace_core.capture import Draft
from clawtrace_core.capture.answers import response_of
from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.calls import Calls
from clawtrace_core.capture.nodes import HIDDEN, MODEL, SHOWN, Node
from clawtrace_core.model.event import Response
from clawtrace_llamaindex._translate import EMBED, NOTHING, close, failure_of, may_delegate, request_of, status_of


def call_begins(calls: Calls, node: Node, event: Any) -> None:
    if node.means != MODEL or node.state != HIDDEN or node.prompt is not None:  # or the handler was added twice
        return
    messages, asked = getattr(event, "messages", None), getattr(event, "additional_kwargs", None) or NOTHING
    drafts, request = node.book.drafts, request_of(node, event.model_dict, asked)
    told = {
        "kind": "llm",
        "name": request.model or node.kind.__name__,
        "input": [_draft("user", event.prompt)] if messages is None else drafts.of_messages(messages),
        "request": request,
        "tools": drafts.of_tools(asked.get("tools")),
    }
    delegates = may_delegate(node.kind, node.method, node.overrides)
    calls.begins(node, messages or (), told, may_delegate=delegates)


def call_ends(calls: Calls, node: Node, event: Any) -> None:
    if not node.ended:
        output, response = _answer(node, event.response)
        calls.ends(node, "ok", None, output, response)


def call_breaks_off(calls: Calls, node: Node, error: BaseException) -> None:
    """A call failed, was cancelled, or its stream was left; what had come by then is kept."""
    output, response = _answer(node, node.partial)
    output = [draft for draft in output if draft.body != {"role": "assistant", "text": ""}]
    calls.ends(node, status_of(error), failure_of(error), output, response if node.partial is not None else None)


def _answer(node: Node, answer: Any) -> tuple[list[Draft], Response]:
    """What a model said, as the draft that comes back when it is sent again, and what it told beside."""
    if answer is None:
        return [], Response()
    message = getattr(answer, "message", None)
    said = _draft("assistant", answer.text or "") if message is None else node.book.drafts.of_message(message)
    return [said], response_of(answer.raw, getattr(answer, "additional_kwargs", None) or NOTHING, node.first_token_ns)


def _draft(role: str, text: str) -> Draft:
    return Draft(role, {"role": role, "text": text})


def embedding_starts(node: Node, arguments: Any) -> None:
    """The counts are never told; they are worked out from the texts when a card is compiled."""
    above = node.parent
    if above is not None and above.means == EMBED and above.instance is node.instance:
        return
    texts = arguments.get("texts") or [arguments.get("query", arguments.get("text"))]
    request = request_of(node, NOTHING, NOTHING)
    given = [Draft("payload", str(text)) for text in texts]
    node.book.start(node, kind="embedding", name=request.model or "embedding", input=given, request=request)


def embedding_ends(node: Node, result: Any, error: BaseException | None) -> None:  # noqa: ARG001 - vectors are not kept
    cache = getattr(node.instance, "embeddings_cache", None)
    hit = cache is not None and node.prompt is None and not node.method.endswith("batch") and error is None
    close(node, error, response=Response(cached=True) if hit else None)


def retriever_starts(node: Node, arguments: Any) -> None:
    query = query_text(arguments.get("str_or_query_bundle"))
    name = node.kind.__name__
    node.book.start(node, kind="retriever", name=name, input=[Draft("arguments", {"query": query})])


def retriever_ends(node: Node, result: Any, error: BaseException | None) -> None:
    close(node, error, output=[] if result is None else [Draft("payload", _texts(result))])


def rerank_starts(node: Node, event: Any) -> None:
    """What ranks anew is a retriever step that says so; a model it asks is a step below it."""
    if node.state == SHOWN or node.ended:
        return
    told = {"rerank": True, "model": event.model_name, "top_n": event.top_n, "nodes": len(event.nodes or ())}
    given = [Draft("arguments", {"query": query_text(event.query)})]
    node.book.start(node, kind="retriever", name=node.kind.__name__, input=given, attributes=told)


def rerank_ends(node: Node, event: Any) -> None:
    if node.state == SHOWN and not node.ended:
        close(node, None, output=[Draft("payload", _texts(event.nodes))])


def query_text(query: Any) -> str:
    return query if isinstance(query, str) else str(getattr(query, "query_str", query))


def _texts(nodes: Any) -> list[Any]:
    """The texts of what was found."""
    found = (getattr(scored, "node", scored) for scored in nodes)
    return [node.get_content() if hasattr(node, "get_content") else plain(node) for node in found]
