"""`make bench`: run every benchmark, print the figures, write `docs/benchmarks.md` and the raw numbers."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import growth, harness, imports, overhead, scaling, scaling_page
from benchmarks.scaling_page import table

ROOT = Path(__file__).parent.parent
OTHERS = {"LlamaIndex": "benchmarks.overhead_llamaindex", "CrewAI": "benchmarks.overhead_crewai"}
PACKAGES = (
    "langchain-core",
    "langchain",
    "langgraph",
    "llama-index-core",
    "crewai",
    "openinference-instrumentation-langchain",
    "openinference-instrumentation-llama-index",
    "openinference-instrumentation-crewai",
    "genai-prices",
)


def machine() -> str:
    """The limits that the figures were measured under."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    python = platform.python_version()
    memory = pages * size / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {python}, {platform.system()}; shared, so noisy"


def measured() -> dict[str, Any]:
    """All figures, in the order of the page."""
    say("overhead: alternating runs ...")
    cost = overhead.measure()
    others = {name: alone(module, "200", "5") for name, module in OTHERS.items()}
    leaks = [alone("benchmarks.leak", name) for name in ("langchain", "llamaindex", "crewai")]
    say("bytes on disk ...")
    disk = growth.disk()
    say("compile ...")
    compiling = growth.compiling()
    say("growth to 100,000 events, a thousand sessions, memory ...")
    scale = scaling.measure()
    say("evaluating ...")
    runs = harness.measure()
    say("imports ...")
    loads = imports.measure()
    versions = {name: version(name) for name in PACKAGES}
    return {
        "machine": machine(),
        "versions": versions,
        "overhead": cost,
        "others": others,
        "leaks": leaks,
        "disk": disk,
        "compile": compiling,
        "scaling": scale,
        "harness": runs,
        "imports": loads,
    }


def alone(module: str, *arguments: str) -> dict[str, Any]:
    """The figures of a benchmark that needs a process of its own: frameworks listen to what others do."""
    say(f"{module} {' '.join(arguments)} ...")
    with tempfile.TemporaryDirectory() as home:
        program = [sys.executable, "-m", module, *arguments]
        quiet = {**os.environ, "CREWAI_STORAGE_DIR": home, "CREWAI_DISABLE_VERSION_CHECK": "true"}
        out = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=quiet)
    found: dict[str, Any] = json.loads(out.stdout[out.stdout.index("{") :])
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


OVERHEAD = """## What the handler adds

A real `create_agent` run of {models} model calls and {turns} tool calls, history growing to {messages} messages:
{callbacks} callbacks. CPU of all threads, {rounds} rounds.
"""


def page(found: dict[str, Any]) -> str:
    """The figures as a page for people."""
    cost, disk = found["overhead"], found["disk"]
    turns = cost["turns"]
    about = {"models": turns + 1, "turns": turns, "messages": 2 * turns + 1}
    bytes_ratio = disk[-1]["bytes"] / disk[0]["bytes"]
    calls_ratio = disk[-1]["calls"] / disk[0]["calls"]
    return "\n".join(
        [
            "# Benchmarks\n\nWritten by `make bench`. Figures are medians of alternating runs in one process; compare",
            f"the ratios, not the seconds.\n\nMachine: {found['machine']}.\n",
            "Versions: " + ", ".join(f"{name} {number}" for name, number in found["versions"].items()) + ".\n",
            OVERHEAD.format(**about, callbacks=cost["callbacks"], rounds=cost["rounds"]),
            table(["variant", "CPU s", "us per callback", "share of run"], variants(cost)),
            f"\nClawTrace costs {cost['of_openinference']:.1%} of OpenInference's overhead, and",
            f"{cost['of_base_tracer']:.1%} of a plain `BaseTracer`'s.\n",
            *(line for name, found_there in found["others"].items() for line in other(name, found_there)),
            WHY,
            "## Memory over many sessions\n",
            LEAK,
            table(
                ["framework", *range(100, 1001, 100)], [[row["framework"], *row["rss_mb"]] for row in found["leaks"]]
            ),
            "\n## Bytes on disk\n",
            table(
                ["model calls", "bytes", "bytes per call", "prompts logged whole"], [list(row.values()) for row in disk]
            ),
            f"\n{calls_ratio:.0f} times the calls take {bytes_ratio:.1f} times the bytes.\n",
            "## Compiling a TraceCard\n",
            table(["events", "read s", "compile s", "fit s"], [list(row.values()) for row in found["compile"]]),
            *scaling_page.lines(found["scaling"]),
            *harness.lines(found["harness"]),
            "\n## Importing\n",
            table(["program", "seconds", "added"], [[name, *row.values()] for name, row in found["imports"].items()]),
            "",
        ]
    )


WHY = """The targets were 5 % of OpenInference on LangChain, 2 % on LlamaIndex and 5 % on CrewAI. Where one is missed,
this is why: recording itself (redaction, hashing, encoding, on a thread of its own) costs the same on all three
and is a large part of it. LlamaIndex hands over live messages, so each resent history is compared with what was
recorded. CrewAI copies the whole history for every call and runs listeners in a pool of threads, so a prompt is
compared by value and events are put back in order; and OpenInference's own listener is far lighter there.
"""
LEAK = """Resident MB of one process after each 100 sessions of 3 turns, one handler for all.
A handler keeps the handles of its last 1,000 sessions.
"""


def other(name: str, cost: dict[str, Any]) -> list[str]:
    """The overhead section of another framework."""
    rows = [
        [kind, row["cpu_s"], row["us_per_call"], f"{row['share_of_run']:.1%}"] for kind, row in cost["variants"].items()
    ]
    return [
        f"### {name}\n",
        f"{cost['turns']} turns, {cost['calls']} model and tool calls, {cost['rounds']} rounds.\n",
        table(["variant", "CPU s", "us per call", "share of run"], rows),
        f"\nClawTrace costs {cost['of_openinference']:.1%} of OpenInference's overhead.\n",
    ]


def variants(cost: dict[str, Any]) -> list[list[object]]:
    """The rows of the overhead table."""
    return [
        [name, row["cpu_s"], row["us_per_callback"], f"{row['share_of_run']:.1%}"]
        for name, row in cost["variants"].items()
    ]


def main() -> None:
    kept = ROOT / "benchmarks" / "results.json"
    parts = {"scaling": scaling.measure, "harness": harness.measure}
    asked = {name: part for name, part in parts.items() if f"--{name}" in sys.argv}
    if asked:  # these parts alone; the other figures stay as they were measured
        found = json.loads(kept.read_text(encoding="utf-8")) | {name: part() for name, part in asked.items()}
    else:
        found = measured()
    kept.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    text = page(found)
    (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
