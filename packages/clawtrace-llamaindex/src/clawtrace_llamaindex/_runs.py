"""Runs of workflows and agents, the turns of several agents in one run, and tool calls."""

from collections.abc import Mapping
from typing import Any

from clawtrace_core.capture import Draft
from clawtrace_core.capture.bodies import plain
from clawtrace_core.capture.nodes import OTHER, SHOWN, Node
from clawtrace_llamaindex._messages import tool_draft
from clawtrace_llamaindex._translate import CALL, NOTHING, TOOL, close, tool_failure, waits


def run_starts(node: Node, arguments: Any) -> None:
    event = arguments.get("start_event")
    asked: list[Draft] = []
    if hasattr(event, "get"):
        asked = node.book.drafts.of_messages(event.get("chat_history", None) or ())
        asked += said(node, event.get("user_msg", None))
    if not asked and event is not None:
        asked = [Draft("payload", plain(getattr(event, "_data", event)))]
    name = getattr(node.instance, "name", None) or type(node.instance).__name__
    node.book.start(node, kind="agent", name=str(name), input=asked)


def run_ends(node: Node, result: Any, error: BaseException | None) -> None:
    paused = node.waiting or {}
    for tool in list(paused.values()):
        tool.book.end(tool, status="paused")
    if error is None and result is None and not node.cancelled:
        error = node.error  # older workflows end a failed run with no result and no exception
    answer = getattr(result, "result", result)  # newer workflows end with the event that holds the result
    output = said(node, getattr(answer, "response", answer))
    if node.part is not None:
        close(node.part, error, output=output)
    close(node, error, output=output, **({"status": "paused", "failure": None} if paused else {}))


def said(node: Node, message: Any) -> list[Draft]:
    """A message, a text or any other value as contents."""
    if message is None:
        return []
    if hasattr(message, "blocks") and hasattr(message, "role"):
        return [node.book.drafts.of_message(message)]
    return [Draft("payload", plain(message))]


def step_starts(node: Node, arguments: Any) -> None:
    """A step of an agent. Where several share a run, each turn is an agent of its own, for a hand-off starts no run.

    It is told by whose step begins: the hand-off's tool answers well even when it is refused.
    """
    event, run = arguments.get("ev"), node.run
    name = getattr(event, "current_agent_name", None)
    agents = getattr(run.instance, "agents", None) if run is not None else None
    if run is None or name is None or not isinstance(agents, Mapping) or len(agents) < 2:
        return
    before = run.part
    if before is not None and before.method == name:
        return
    if before is not None:
        close(before, None, output=node.book.drafts.of_messages(list(getattr(event, "input", ()))[-1:]))
        node.book.remark(run, "handoff", {"from": before.method, "to": name})
    run.part = None
    part = Node(f"{run.id}/{name}", run, node.book, OTHER, name)
    node.book.start(part, kind="agent", name=name, attributes={} if before is None else {"after": before.method})
    run.part = part


def call_starts(node: Node, arguments: Any) -> None:
    """A workflow agent's step that calls a tool: unknown tools and failures are seen here alone."""
    event = arguments.get("ev")
    call = getattr(event, "tool_id", None)
    if not hasattr(event, "tool_kwargs"):
        node.means = OTHER
        return
    waiting = node.run.waiting if node.run is not None else None
    again = waiting.pop(str(call), None) if waiting else None
    if again is not None:  # a person has answered: the same call runs once more, from its beginning
        node.book.nodes[node.id] = node.book.nodes.pop(again.id, again)
        again.id, again.error = node.id, None
        again.book.remark(again, "resumed")
        return
    node.method, node.prompt = event.tool_name, call
    given = [Draft("arguments", plain(event.tool_kwargs))]
    node.book.start(node, kind="tool", name=event.tool_name, input=given, tool_call=call)


def call_ends(node: Node, result: Any, error: BaseException | None) -> None:
    output = getattr(result, "tool_output", None)
    if output is None and waits(error or node.error) and not node.cancelled and node.run is not None:
        node.run.waiting = {**(node.run.waiting or {}), node.prompt: node}
        node.book.remark(node, "paused")
        return
    _result(node, output, error, node.prompt)


def tool_starts(node: Node, arguments: Any) -> None:
    name, above = node.instance.metadata.name, node.parent
    if above is not None and above.means == CALL and above.method == name:
        return  # the body of that call
    if above is not None and above.means == TOOL and node.method == "call" and above.method != "call":
        return  # `__call__` and `acall` are carried out by `call`
    if node.structured or name is None:
        return
    given = arguments.get("kwargs") or dict(arguments)
    node.book.start(node, kind="tool", name=name, input=[Draft("arguments", plain(given))])


def tool_ends(node: Node, result: Any, error: BaseException | None) -> None:
    if node.state == SHOWN:
        _result(node, result, error, None)
    elif error is not None and node.parent is not None:
        node.parent.error = error


def _result(node: Node, output: Any, error: BaseException | None, call: str | None) -> None:
    if output is None:
        close(node, error)
        return
    failure = tool_failure(output, node.error)
    told = [tool_draft(output, call)]
    close(node, error, output=told, **({"status": "error", "failure": failure} if failure else NOTHING))
