"""Calls of models, some of which only hand the call on to another one: that one is what is billed. Knows no framework.

A call that may be such a wrapper is held until another begins below it (then it is none), or until it answers itself.
"""

import asyncio
import threading
from collections.abc import Sequence
from time import time_ns
from typing import Any

from clawtrace_core.capture.nodes import HELD, HIDDEN, MODEL, Node
from clawtrace_core.capture.signal import Draft
from clawtrace_core.model.event import Failure, Response


class Calls:
    """The calls of models that one listener hears of."""

    def __init__(self) -> None:
        self._held: dict[str, Node] = {}
        """Calls that may be wrappers, by span."""

    def begins(self, node: Node, messages: Sequence[Any], told: dict[str, Any], *, may_delegate: bool) -> None:
        """A call begins. Its `messages` tell one prompt from another by their addresses; `told` is its start."""
        node.prompt = ()
        if may_delegate or self._held:
            node.prompt, node.task = (*map(id, messages),), _task()
            self._find_reader(node)
        if may_delegate:
            node.book.hold(node, told)
            self._held[node.id] = node
        else:
            node.book.start(node, **told)

    def _find_reader(self, node: Node) -> None:
        """The reading of a stream may begin the stream it wraps: same prompt, task and model; beside it, not below."""
        for outer in self._held.values():
            same = outer.instance is node.instance and outer.prompt == node.prompt and outer.task == node.task
            if same and node.prompt and outer.state == HELD and outer.method != node.method:
                node.above, node.book = outer, outer.book
                return

    def goes_on(self, node: Node, partial: Any) -> None:
        """A piece of the answer came; `partial` is all of it so far."""
        if node.first_token_ns is None:
            node.first_token_ns = time_ns()
            if node.state == HELD:  # it answers, and began no other call: it is the one that is billed
                node.book.start(node, **node.told)
        node.partial = partial

    def ends(
        self,
        node: Node,
        status: str,
        failure: Failure | None = None,
        output: Sequence[Draft] = (),
        response: Response | None = None,
    ) -> None:
        """A call is over, well or badly. One that was written before it showed that it is a wrapper bills nothing."""
        if node.ended or node.means != MODEL:
            return
        self._held.pop(node.id, None)
        if node.wrapper:
            told: dict[str, Any] = {"response": Response(cached=True), "attributes": {"wrapper": True}}
        else:
            told = {} if node.state == HIDDEN else {"output": output, "response": response}
        node.book.end(node, status=status, failure=failure, **told)
        node.partial = node.prompt = None
        if node.left:
            node.book.forget(node)
        node.book.close_if_over()


def _task() -> int:
    try:
        return id(asyncio.current_task())
    except RuntimeError:
        return threading.get_ident()
