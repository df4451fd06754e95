"""What a handler adds to a run, beside no handler, a plain `BaseTracer` and OpenInference (in memory).

CPU seconds of the whole process (all threads), so work moved to a background thread is counted too.
Variants alternate within one process; medians are compared.
"""

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.schemas import Run

from benchmarks import agent as bench
from benchmarks.compare import alternate, instrumented, summary
from clawtrace_langchain import ClawTraceCallbackHandler

CALLBACKS = ("chat_model_start", "llm_end", "chain_start", "chain_end", "tool_start", "tool_end")


class Counting(BaseCallbackHandler):
    """Counts how many callbacks one run fires."""

    run_inline = True

    def __init__(self) -> None:
        self.seen = 0
        for name in CALLBACKS:
            setattr(self, f"on_{name}", self._count)

    def _count(self, *_args: Any, **_kwargs: Any) -> None:
        self.seen += 1


class PlainTracer(BaseTracer):
    """langchain's own tracer with nothing done to the finished run."""

    run_inline = True

    def __init__(self) -> None:
        super().__init__(_schema_format="original+chat")

    def _persist_run(self, run: Run) -> None:
        pass


@contextmanager
def nothing() -> Iterator[list[Any]]:
    yield []


@contextmanager
def clawtrace() -> Iterator[list[Any]]:
    with tempfile.TemporaryDirectory() as store:
        handler = ClawTraceCallbackHandler(store=store)
        yield [handler]
        handler.close()  # the last bytes are on disk within the measured time


@contextmanager
def base_tracer() -> Iterator[list[Any]]:
    yield [PlainTracer()]


@contextmanager
def openinference() -> Iterator[list[Any]]:
    from openinference.instrumentation.langchain import LangChainInstrumentor

    with instrumented(LangChainInstrumentor()):
        yield []


VARIANTS: dict[str, Callable[[], Any]] = {
    "no handler": nothing,
    "ClawTrace": clawtrace,
    "BaseTracer": base_tracer,
    "OpenInference": openinference,
}


def cpu_of(variant: Callable[[], Any], turns: int) -> float:
    """CPU seconds of one run under a variant, set-up left out, the last flush left in."""
    subject = bench.build(turns)
    gc.collect()
    context = variant()
    callbacks = context.__enter__()
    before = time.process_time()
    bench.run(subject, turns, callbacks)
    if callbacks and hasattr(callbacks[0], "close"):
        callbacks[0].close()
    spent = time.process_time() - before
    context.__exit__(None, None, None)
    return spent


def callbacks_of(turns: int) -> int:
    """How many callbacks one run fires."""
    counter = Counting()
    bench.run(bench.build(turns), turns, [counter])
    return counter.seen


def measure(turns: int = 200, rounds: int = 7) -> dict[str, Any]:
    """Medians over alternating rounds; the first round warms up and is thrown away."""
    fired = callbacks_of(turns)
    spent = alternate(VARIANTS, lambda variant: cpu_of(variant, turns), rounds)
    return {"turns": turns, "callbacks": fired, "rounds": rounds, **summary(spent, per="callback", count=fired)}
