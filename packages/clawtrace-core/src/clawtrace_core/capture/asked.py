"""Tool calls a model asked for, matched to what ran and to what was answered. Knows no framework.

Many frameworks do not tell, with a tool that runs, which of the model's calls it answers; nor of a call that they
refused before a tool could run.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from clawtrace_core.capture.chat import answered
from clawtrace_core.capture.recorder import Recorder
from clawtrace_core.capture.signal import Draft
from clawtrace_core.model.event import Failure

_LONG = 500


class Asked:
    """The calls of one conversation that no tool has begun yet."""

    def __init__(self) -> None:
        self._calls: dict[str, tuple[str, Any]] = {}
        self._refused: list[tuple[str, Any]] = []

    def note(self, output: Sequence[Draft]) -> None:
        """A model answered: remember the calls it asked for."""
        for draft in output:
            for call in draft.body.get("tool_calls", ()):
                if call["id"] is not None:
                    self._calls[str(call["id"])] = (call["name"], call["args"])

    def begun(self, name: str, arguments: Any) -> str | None:
        """A tool begins: the id of the call it answers, the first that asks for the same, else for the same tool."""
        named = [call for call, (tool, _) in self._calls.items() if tool == name]
        call = next((call for call in named if self._calls[call][1] == arguments), next(iter(named), None))
        if call is not None:
            del self._calls[call]
        return call

    def unbegun(self, prompt: Sequence[Draft]) -> Iterator[tuple[str, Draft]]:
        """The calls that a prompt holds an answer to, though no tool began."""
        return ((call, answer) for call, answer in answered(prompt) if call in self._calls) if self._calls else iter(())

    def synthesise(self, recorder: Recorder, prompt: Sequence[Draft], *, key: object, parent: Any, at_ns: int) -> None:
        """Record the calls that were answered and of which no event told: they were refused."""
        self._refused.clear()
        for call, answer in list(self.unbegun(prompt)):
            name, arguments = self._calls.pop(call)
            failure = Failure(type="ToolCallRefused", message=str(answer.body.get("text", ""))[:_LONG])
            made = (key, call)
            given = [Draft("arguments", arguments)]
            marks = {"synthesised": True}
            recorder.started(
                made, kind="tool", name=name, parent=parent, input=given, tool_call=call, attributes=marks, at_ns=at_ns
            )
            recorder.ended(made, status="error", output=[answer], failure=failure, at_ns=at_ns)

    def refused(
        self, recorder: Recorder, name: str, arguments: Any, failure: Failure, *, key: Any, parent: Any, at_ns: int
    ) -> None:
        """Record a call that failed before a tool could begin; frameworks try and tell the same several times."""
        if (name, arguments) in self._refused:
            return
        self._refused.append((name, arguments))
        given = [Draft("arguments", arguments)]
        recorder.started(key, kind="tool", name=name, parent=parent, input=given, at_ns=at_ns)
        recorder.ended(key, status="error", failure=failure, at_ns=at_ns)
