"""LlamaIndex's dispatcher, listened to. What it hands over is live and changes later: what is kept is copied."""

from collections.abc import Callable
from typing import Any

from clawtrace_core.capture import Draft
from clawtrace_core.capture.calls import Calls
from clawtrace_core.capture.hearing import Hearing
from clawtrace_core.capture.nodes import HIDDEN, MODEL, OTHER, RUN, SHOWN, Node
from clawtrace_llamaindex import _calls, _runs
from clawtrace_llamaindex._translate import CALL, EMBED, QUERY, RETRIEVE, STEP, TOOL, close, meaning, status_of

Begin = Callable[[Node, Any], None]
End = Callable[[Node, Any, BaseException | None], None]

_SPANS: dict[str, tuple[Begin, End]] = {
    RUN: (_runs.run_starts, _runs.run_ends),
    CALL: (_runs.call_starts, _runs.call_ends),
    TOOL: (_runs.tool_starts, _runs.tool_ends),
    RETRIEVE: (_calls.retriever_starts, _calls.retriever_ends),
    EMBED: (_calls.embedding_starts, _calls.embedding_ends),
}


_EVENTS: dict[str, Callable[[Calls, Node, Any], None]] = {
    "ExceptionEvent": lambda calls, node, event: _calls.call_breaks_off(calls, node, event.exception),
    "SpanCancelledEvent": lambda _, node, __: setattr(node, "cancelled", True),
    "ReRankStartEvent": lambda _, node, event: _calls.rerank_starts(node, event),
    "ReRankEndEvent": lambda _, node, event: _calls.rerank_ends(node, event),
}
for _kind in ("Chat", "Completion"):
    _EVENTS[f"LLM{_kind}StartEvent"] = _calls.call_begins
    _EVENTS[f"LLM{_kind}InProgressEvent"] = lambda calls, node, event: calls.goes_on(node, event.response)
    _EVENTS[f"LLM{_kind}EndEvent"] = _calls.call_ends


class Listener(Hearing):
    """Tells the books what LlamaIndex tells."""

    def handle(self, event: Any, **_: Any) -> None:
        """LlamaIndex tells an event."""
        told = _EVENTS.get(type(event).__name__)
        node = self.nodes.get(event.span_id) if told is not None else None
        if told is not None and node is not None:
            with self.guard:
                told(self.calls, node, event)

    def span_enter(
        self, id_: str, bound_args: Any, instance: Any = None, parent_id: str | None = None, **_: Any
    ) -> None:
        """LlamaIndex tells that a span begins."""
        with self.guard:
            method = id_[:-37].rpartition(".")[2]
            kind: Any = type(instance)
            means = meaning(kind, method)
            node = self.enter(id_, parent_id, means, method, instance)
            if node is None:
                return
            told = _SPANS.get(means)
            if told is not None:
                told[0](node, bound_args.arguments)
            elif means == STEP:
                _runs.step_starts(node, bound_args.arguments)
            elif node.parent is None:
                _root_starts(node, bound_args.arguments)
            elif node.parent.means == RUN:
                node.begins_try(bound_args.arguments.get("ev"))
            elif node.parent.means == EMBED:
                node.parent.prompt = True  # the inside of an embedding: it did not come from its cache

    def span_exit(self, id_: str, result: Any = None, **_: Any) -> None:
        """LlamaIndex tells that a span ended well, or was cancelled."""
        with self.guard:
            self._leave(id_, result, None)

    def span_drop(self, id_: str, err: BaseException | None = None, **_: Any) -> None:
        """LlamaIndex tells that a span ended with an exception."""
        with self.guard:
            self._leave(id_, None, err)

    def _leave(self, id_: str, result: Any, error: BaseException | None) -> None:
        node = self.nodes.get(id_)
        if node is None or node.left:
            return
        node.left = True
        if error is not None:
            node.failed_inside(error, status_of(error))
        if node.means == MODEL:
            if error is not None:
                _calls.call_breaks_off(self.calls, node, error)
            if node.ended or node.state == HIDDEN:  # else it is a stream: its events tell when it ends
                node.book.forget(node)
        else:
            self._close(node, result, error)
        if node.parent is None:
            node.book.root_ended(node.status or status_of(error), lingers=node.means in {OTHER, QUERY})

    def _close(self, node: Node, result: Any, error: BaseException | None) -> None:
        told = _SPANS.get(node.means)
        if told is not None:
            told[1](node, result, error)
        elif node.state == SHOWN and not node.ended:
            answer = getattr(result, "response", result)
            close(node, error, output=[Draft("payload", answer)] if isinstance(answer, str) else [])
        node.ended = node.left = node.run is None or node not in (node.run.waiting or {}).values()
        if node.ended:
            node.book.forget(node)


def _root_starts(node: Node, arguments: Any) -> None:
    """A root that is no agent: written when something below it is."""
    name, given = node.id[:-37].replace(".<locals>", ""), []
    if node.means == QUERY:
        asked = arguments.get("str_or_query_bundle", arguments.get("message"))
        name, given = node.kind.__name__, [Draft("payload", _calls.query_text(asked))]
    if node.means != MODEL:
        node.book.hold(node, {"kind": "chain", "name": name, "input": given})
