"""What importing us adds to a program that already imports langchain_core's callbacks and messages."""

import statistics
import subprocess
import sys
from typing import Any

BASE = (
    "import langchain_core.callbacks, langchain_core.messages, langchain_core.outputs, langchain_core.runnables.config"
)
PROGRAMS = {
    "langchain_core": BASE,
    "+ clawtrace_core": f"{BASE}; import clawtrace_core",
    "+ clawtrace_langchain": f"{BASE}; import clawtrace_langchain",
}
CLOCK = "import time; t=time.perf_counter(); {program}; print(time.perf_counter()-t)"


def seconds(program: str) -> float:
    """Wall seconds of the imports of one program in a fresh interpreter."""
    code = CLOCK.format(program=program)
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(out.stdout)


def measure(rounds: int = 15) -> dict[str, Any]:
    """Medians over alternating rounds, after one warm-up round."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(rounds + 1):
        for name, program in PROGRAMS.items():
            value = seconds(program)
            if number:
                times[name].append(value)
    base = statistics.median(times["langchain_core"])
    return {
        name: {"seconds": round(statistics.median(values), 4), "added": round(statistics.median(values) - base, 4)}
        for name, values in times.items()
    }
