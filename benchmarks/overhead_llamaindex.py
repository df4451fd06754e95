"""What a handler adds to a LlamaIndex run, beside no handler and OpenInference (in memory).

CPU seconds of the whole process (all threads), so work moved to a background thread is counted too. Variants
alternate within one process; medians are compared. Run: `python -m benchmarks.overhead_llamaindex [turns] [rounds]`.
"""

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import agent_llamaindex as bench
from benchmarks.compare import alternate, instrumented, summary
from clawtrace_llamaindex import ClawTraceHandler


@contextmanager
def nothing() -> Iterator[Callable[[], None]]:
    yield lambda: None


@contextmanager
def clawtrace() -> Iterator[Callable[[], None]]:
    with tempfile.TemporaryDirectory() as store:
        handler = ClawTraceHandler(store)
        uninstall = handler.install()
        yield uninstall  # the last bytes are on disk within the measured time
        if len(handler.sessions()) != 1:
            raise SystemExit("clawtrace recorded nothing: the comparison would be void")


@contextmanager
def openinference() -> Iterator[Callable[[], None]]:
    from openinference.instrumentation.llama_index import LlamaIndexInstrumentor

    with instrumented(LlamaIndexInstrumentor()):
        yield lambda: None


VARIANTS: dict[str, Callable[[], Any]] = {
    "no handler": nothing,
    "ClawTrace": clawtrace,
    "OpenInference": openinference,
}


def cpu_of(variant: Callable[[], Any], turns: int) -> float:
    """CPU seconds of one run under a variant, set-up left out, the last flush left in."""
    subject = bench.build(turns)
    gc.collect()
    with variant() as finish:
        before = time.process_time()
        bench.run(subject, turns)
        finish()
        return time.process_time() - before


def measure(turns: int = 200, rounds: int = 7) -> dict[str, Any]:
    """Medians over alternating rounds; the first round warms up and is thrown away."""
    calls = 2 * turns + 1
    spent = alternate(VARIANTS, lambda variant: cpu_of(variant, turns), rounds)
    return {"turns": turns, "calls": calls, "rounds": rounds, **summary(spent, per="call", count=calls)}


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:])), indent=2))
