"""Calls of models: chats, completions, embeddings; and retrieval, with what ranks its finds anew.

LLM calls are told by events, for the span of a stream closes before the stream is read.
"""

import asyncio
import threading
from time import time_ns
from typing import Any

from clawtrace_core.capture import Draft
from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.nodes import HELD, HIDDEN, MODEL, SHOWN, Node
from clawtrace_core.model.event import Response
from clawtrace_llamaindex._translate import (
    EMBED,
    NOTHING,
    close,
    failure_of,
    may_delegate,
    request_of,
    response_of,
    status_of,
)


class Calls:
    """The calls of models that one listener hears of."""

    def __init__(self) -> None:
        self._streams: dict[str, Node] = {}
        """Streams that may be only the reading of another one, by span."""

    def starts(self, node: Node, event: Any) -> None:
        if (
            node.means != MODEL or node.state != HIDDEN or node.prompt is not None
        ):  # the last: the handler was added twice
            return
        messages = getattr(event, "messages", None)
        node.prompt = () if messages is None else tuple(map(id, messages))
        node.task = _task()
        if messages is not None and node.method in {"stream_chat", "chat"}:
            self._find_reader(node)
        drafts, asked = node.book.drafts, getattr(event, "additional_kwargs", None) or NOTHING
        if messages is None:
            given = [Draft("user", {"role": "user", "text": event.prompt})]
        else:
            given = drafts.of_messages(messages)
        request = request_of(node.instance, event.model_dict, asked, node.method, node.attempt)
        told = {
            "kind": "llm",
            "name": request.model or type(node.instance).__name__,
            "input": given,
            "request": request,
            "tools": drafts.of_tools(asked.get("tools")),
        }
        if not may_delegate(type(node.instance), node.method, _depth(node)):
            node.book.start(node, **told)
            return
        node.book.hold(node, told)
        self._streams[node.id] = node

    def _find_reader(self, node: Node) -> None:
        """A custom model's `stream_chat` is called by the reading of its `astream_chat`, so beside it, not below."""
        for outer in self._streams.values():
            same = outer.instance is node.instance and outer.prompt == node.prompt and outer.task == node.task
            if same and outer.state == HELD and outer is not node:
                node.above, node.book = outer, outer.book
                return

    def goes_on(self, node: Node, event: Any) -> None:
        if node.first_token_ns is None:
            node.first_token_ns = time_ns()
            if node.state == HELD:  # it answers, and no other model was called: it is the one that is billed
                node.book.start(node, **node.told)
        node.partial = event.response

    def ends(self, node: Node, event: Any) -> None:
        if node.ended or node.means != MODEL:
            return
        response = event.response
        if node.state == HIDDEN or response is None:
            self._over(node, response=Response() if response is None else None)
        elif node.wrapper:
            self._over(node, response=Response(cached=True), attributes={"wrapper": True})
        else:
            self._over(node, output=_said(node, response), response=response_of(response, node.first_token_ns))

    def breaks_off(self, node: Node, error: BaseException) -> None:
        """A call failed, was cancelled, or its stream was left; what had come by then is kept."""
        if node.ended or node.means != MODEL:
            return
        output, response = [], None
        if node.wrapper:
            response = Response(cached=True)
        elif node.partial is not None and node.state != HIDDEN:
            output = [draft for draft in _said(node, node.partial) if draft.body != {"role": "assistant", "text": ""}]
            response = response_of(node.partial, node.first_token_ns)
        self._over(node, status=status_of(error), failure=failure_of(error), output=output, response=response)

    def event_broke(self, node: Node, event: Any) -> None:
        self.breaks_off(node, event.exception)

    def _over(self, node: Node, **told: Any) -> None:
        self._streams.pop(node.id, None)
        node.book.end(node, **told)
        node.partial = node.prompt = None
        if node.left:
            node.book.forget(node)
        node.book.close_if_over()


def _said(node: Node, response: Any) -> list[Draft]:
    """What a model said; the message comes back as the same draft when it is sent again."""
    message = getattr(response, "message", None)
    if message is not None:
        return [node.book.drafts.of_message(message)]
    return [Draft("assistant", {"role": "assistant", "text": response.text or ""})]


def _task() -> Any:
    try:
        return id(asyncio.current_task())
    except RuntimeError:
        return threading.get_ident()


def _depth(node: Node) -> int:
    """How many overrides of the method have called `super()` around this one."""
    depth, above = 0, node.parent
    while above is not None and above.instance is node.instance and above.method == node.method:
        depth, above = depth + 1, above.parent
    return depth


def embedding_starts(node: Node, arguments: Any) -> None:
    """The counts are never told; they are worked out from the texts when a card is compiled."""
    above = node.parent
    if above is not None and above.means == EMBED and above.instance is node.instance:
        return
    texts = arguments.get("texts") or [arguments.get("query", arguments.get("text"))]
    request = request_of(node.instance, NOTHING, NOTHING, "", node.attempt)
    given = [Draft("payload", str(text)) for text in texts]
    node.book.start(node, kind="embedding", name=request.model or "embedding", input=given, request=request)


def embedding_ends(node: Node, result: Any, error: BaseException | None) -> None:  # noqa: ARG001 - vectors are not kept
    cache = getattr(node.instance, "embeddings_cache", None)
    hit = cache is not None and node.prompt is None and not node.method.endswith("batch") and error is None
    close(node, error, response=Response(cached=True) if hit else None)


def retriever_starts(node: Node, arguments: Any) -> None:
    query = query_text(arguments.get("str_or_query_bundle"))
    name = type(node.instance).__name__
    node.book.start(node, kind="retriever", name=name, input=[Draft("arguments", {"query": query})])


def retriever_ends(node: Node, result: Any, error: BaseException | None) -> None:
    close(node, error, output=[] if result is None else [Draft("payload", _texts(result))])


def rerank_starts(node: Node, event: Any) -> None:
    """What ranks anew is a retriever step that says so; a model it asks is a step below it."""
    if node.state != HIDDEN or node.ended:
        return
    told = {"rerank": True, "model": event.model_name, "top_n": event.top_n, "nodes": len(event.nodes or ())}
    given = [Draft("arguments", {"query": query_text(event.query)})]
    node.book.start(node, kind="retriever", name=type(node.instance).__name__, input=given, attributes=told)


def rerank_ends(node: Node, event: Any) -> None:
    if node.state == SHOWN and not node.ended:
        close(node, None, output=[Draft("payload", _texts(event.nodes))])


def query_text(query: Any) -> str:
    return query if isinstance(query, str) else str(getattr(query, "query_str", query))


def _texts(nodes: Any) -> list[Any]:
    """The texts of what was found."""
    found = (getattr(scored, "node", scored) for scored in nodes)
    return [node.get_content() if hasattr(node, "get_content") else plain(node) for node in found]
