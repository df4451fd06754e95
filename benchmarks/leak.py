"""Whether a process that runs many sessions grows: resident memory per 100 sessions, one handler for all.

Run: `python -m benchmarks.leak langchain|llamaindex|crewai [sessions]`.
"""

import gc
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

TURNS = 3


def resident_mb() -> float:
    """Resident memory of this process, MB (2**20 bytes); Linux."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no VmRSS in /proc/self/status: this benchmark needs Linux")


def langchain(store: str) -> tuple[Callable[[], None], Any]:
    from benchmarks import agent
    from clawtrace_langchain import ClawTraceCallbackHandler

    handler = ClawTraceCallbackHandler(store)
    subject = agent.build(TURNS)
    return lambda: agent.run(subject, TURNS, [handler]), handler


def llamaindex(store: str) -> tuple[Callable[[], None], Any]:
    from benchmarks import agent_llamaindex as agent
    from clawtrace_llamaindex import ClawTraceHandler

    handler = ClawTraceHandler(store)
    handler.install()
    return lambda: agent.run(agent.build(TURNS), TURNS), handler


def crewai(store: str) -> tuple[Callable[[], None], Any]:
    from benchmarks import overhead_crewai as agent
    from clawtrace_crewai import ClawTraceListener

    listener = ClawTraceListener(store=store)
    return lambda: agent.build(TURNS).kickoff(), listener


FRAMEWORKS = {"langchain": langchain, "llamaindex": llamaindex, "crewai": crewai}


def measure(framework: str, sessions: int = 1000) -> dict[str, Any]:
    """Resident memory after each 100 sessions, and the growth from the 100th to the last."""
    with tempfile.TemporaryDirectory() as store:
        once, handler = FRAMEWORKS[framework](store)
        sizes = []
        for number in range(1, sessions + 1):
            once()
            if number % 100 == 0:
                handler.flush()
                gc.collect()
                sizes.append(round(resident_mb(), 1))
        getattr(handler, "close", handler.flush)()
    return {
        "framework": framework,
        "sessions": sessions,
        "rss_mb": sizes,
        "kb_per_session_after_100": round((sizes[-1] - sizes[0]) * 1024 / max(1, sessions - 100), 2),
    }


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    print(json.dumps(measure(sys.argv[1], count), indent=2))
