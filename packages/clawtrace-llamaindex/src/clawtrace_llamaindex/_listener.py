"""LlamaIndex's dispatcher, listened to: each of its spans and events told to the book of its session.

Everything handed over here is live and is changed later: what is kept is copied at once.
"""

from collections.abc import Callable
from typing import Any

from clawtrace_core import Settings
from clawtrace_core.capture import Draft
from clawtrace_core.capture.calls import Calls
from clawtrace_core.capture.kept import KeepingGuard
from clawtrace_core.capture.nodes import CURRENT, HIDDEN, MODEL, OTHER, RUN, SHOWN, Book, Node
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
    "ExceptionEvent": _calls.call_raised,
    "SpanCancelledEvent": lambda _, node, __: setattr(node, "cancelled", True),
    "ReRankStartEvent": lambda _, node, event: _calls.rerank_starts(node, event),
    "ReRankEndEvent": lambda _, node, event: _calls.rerank_ends(node, event),
}
for _kind in ("Chat", "Completion"):
    _EVENTS[f"LLM{_kind}StartEvent"] = _calls.call_begins
    _EVENTS[f"LLM{_kind}InProgressEvent"] = _calls.call_goes_on
    _EVENTS[f"LLM{_kind}EndEvent"] = _calls.call_ends


class Listener:
    """Records the spans it hears of: those inside a `trace()`, and those a subclass opens a session for."""

    def __init__(self, settings: Settings) -> None:
        self.guard = KeepingGuard(keep=settings.strict)
        self.nodes: dict[str, Node] = {}
        self._calls = Calls()

    def book_for(self, parent: Node | None) -> Book | None:  # noqa: ARG002 - a subclass asks
        """The book a new span goes to; None: it is not recorded."""
        scope = CURRENT.get()
        return scope if scope is not None and not scope.closed else None

    def handle(self, event: Any, **_: Any) -> None:
        """LlamaIndex tells an event."""
        told = _EVENTS.get(type(event).__name__)
        node = self.nodes.get(event.span_id) if told is not None else None
        if told is not None and node is not None:
            with self.guard:
                told(self._calls, node, event)

    def span_enter(
        self, id_: str, bound_args: Any, instance: Any = None, parent_id: str | None = None, **_: Any
    ) -> None:
        """LlamaIndex tells that a span begins."""
        with self.guard:
            if id_ in self.nodes:  # the handler was added twice
                return
            parent = self.nodes.get(parent_id) if parent_id is not None else None
            if parent is not None and parent.run is not None and parent.run.ended:
                parent = None  # older workflows leave the ended run as the parent of whatever comes next
            book = self.book_for(parent)
            if book is None or book.closed:
                return
            if parent is not None and parent.book is not book:
                parent = None
            method = id_[:-37].rpartition(".")[2]
            means = meaning(type(instance), method)
            node = Node(id_, parent, book, means, method, instance)
            self.nodes[id_] = node
            told = _SPANS.get(means)
            if told is not None:
                told[0](node, bound_args.arguments)
            elif means == STEP:
                _runs.step_starts(node, bound_args.arguments)
            elif parent is None:
                _root_starts(node, bound_args.arguments)
            else:
                _step_starts(node, parent, bound_args.arguments)

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
        if error is not None and node.run is not None and node.run is not node:
            _inside_failed(node, node.run, error)
        if node.means == MODEL:
            if error is not None:
                _calls.call_breaks_off(self._calls, node, error)
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
    if node.means == MODEL:
        return
    given: list[Draft] = []
    name = node.id[:-37].replace(".<locals>", "")
    if node.means == QUERY:
        name = type(node.instance).__name__
        given = [Draft("payload", _calls.query_text(arguments.get("str_or_query_bundle", arguments.get("message"))))]
    node.book.hold(node, {"kind": "chain", "name": name, "input": given})


def _step_starts(node: Node, parent: Node, arguments: Any) -> None:
    """A span between others: a step may be another try; the inside of an embedding says it was not cached."""
    if parent.means == EMBED:
        parent.prompt = True
    elif parent.means == RUN:
        node.prompt = arguments.get("ev")
        if parent.tries:
            node.attempt = 1 + parent.tries.get((node.method, id(node.prompt)), (0, None))[0]


def _inside_failed(node: Node, run: Node, error: BaseException) -> None:
    """Older workflows end a run that failed or was cancelled with no result and no exception: its inside tells."""
    status = status_of(error)
    if status == "cancelled":
        run.error = run.error or error
    elif status == "error" and node.parent is run:
        run.error = error
        run.tries = run.tries or {}
        run.tries[node.method, id(node.prompt)] = (node.attempt, node.prompt)
