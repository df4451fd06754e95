"""What the CrewAI listener adds to a run, beside no listener and OpenInference (in memory).

CPU seconds of the whole process (all threads), so work moved to CrewAI's handler pool or to a writer is counted too.
Variants alternate within one process; medians are compared. `python -m benchmarks.overhead_crewai [turns] [rounds]`.
"""

import gc
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CREWAI_TESTING": "true"}
logging.disable(logging.WARNING)  # CrewAI warns on every call of a model it does not know

from crewai import Agent, Crew, Task  # noqa: E402
from crewai.events import crewai_event_bus  # noqa: E402
from crewai.events.types.llm_events import LLMCallType  # noqa: E402
from crewai.llms.base_llm import BaseLLM, llm_call_context  # noqa: E402
from crewai.tools import tool  # noqa: E402

from benchmarks.compare import alternate, instrumented, summary  # noqa: E402
from clawtrace_crewai import ClawTraceListener  # noqa: E402
from clawtrace_crewai._bus import event_classes  # noqa: E402

RESULT = "row {n}: region=North units=120 price=4.75 note=" + "steady " * 20


@tool("read_row")
def read_row(n: int) -> str:
    """Read one row of the sheet."""
    return RESULT.format(n=n)


class Script(BaseLLM):
    """Calls the tool until `turns` results are in the history, then answers."""

    turns: int

    def supports_function_calling(self) -> bool:
        return True

    def get_context_window_size(self) -> int:
        return 10_000_000

    def call(self, messages: Any, tools: Any = None, *_: Any, **told: Any) -> Any:
        done = sum(message["role"] == "tool" for message in messages)
        call = {"id": f"call-{done}", "function": {"name": "read_row", "arguments": f'{{"n": {done}}}'}}
        answer: Any = [call] if done < self.turns else "done"
        who = {"from_task": told.get("from_task"), "from_agent": told.get("from_agent")}
        read = 40 * len(messages)
        usage = {"prompt_tokens": read, "completion_tokens": 20, "total_tokens": read + 20}
        kind = LLMCallType.TOOL_CALL if done < self.turns else LLMCallType.LLM_CALL
        with llm_call_context():
            self._emit_call_started_event(messages, tools=tools, **who)
            self._emit_call_completed_event(response=answer, call_type=kind, messages=messages, usage=usage, **who)
        return answer


def build(turns: int) -> Any:
    """A crew whose one agent makes `turns` tool calls and `turns + 1` model calls."""
    model = Script(model="gpt-4.1-mini", provider="openai", turns=turns)
    reader = Agent(role="Reader", goal="Read.", backstory="Reads.", llm=model, tools=[read_row], max_iter=2 * turns + 5)
    return Crew(agents=[reader], tasks=[Task(description="Read every row.", expected_output="done", agent=reader)])


@contextmanager
def nothing() -> Iterator[Callable[[], None]]:
    yield lambda: None


@contextmanager
def deaf() -> Iterator[Callable[[], None]]:
    """A listener to the same events that does nothing: what CrewAI charges for running handlers."""

    def hear(_source: Any, _event: Any) -> None:
        pass

    for kind in event_classes():
        crewai_event_bus.on(kind)(hear)
    yield lambda: None
    for kind in event_classes():
        crewai_event_bus.off(kind, hear)


@contextmanager
def clawtrace() -> Iterator[Callable[[], None]]:
    with tempfile.TemporaryDirectory() as store, ClawTraceListener(store=store) as listener:
        yield listener.uninstall  # the last bytes are on disk within the measured time
        (session,) = listener.sessions()
        if session.recorder.lost:
            raise SystemExit("signals were lost: the comparison would be void")


@contextmanager
def openinference() -> Iterator[Callable[[], None]]:
    from openinference.instrumentation.crewai import CrewAIInstrumentor

    with instrumented(CrewAIInstrumentor(), use_event_listener=True):
        yield lambda: None


VARIANTS: dict[str, Callable[[], Any]] = {
    "no listener": nothing,
    "deaf listener": deaf,
    "ClawTrace": clawtrace,
    "OpenInference": openinference,
}


def cpu_of(variant: Callable[[], Any], turns: int) -> float:
    """CPU seconds of one run under a variant, set-up left out, the last flush left in."""
    subject = build(turns)
    gc.collect()
    with variant() as finish:
        before = time.process_time()
        out = subject.kickoff()
        crewai_event_bus.flush()
        finish()
        spent = time.process_time() - before
    if out.raw != "done":
        raise SystemExit(f"the run went wrong: {out.raw!r}")
    return spent


def measure(turns: int = 200, rounds: int = 5) -> dict[str, Any]:
    """Medians over alternating rounds; the first round warms up and is thrown away."""
    calls = 2 * turns + 1
    spent = alternate(VARIANTS, lambda variant: cpu_of(variant, turns), rounds)
    return {"turns": turns, "calls": calls, "rounds": rounds, **summary(spent, per="call", count=calls)}


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:3])), indent=2))
