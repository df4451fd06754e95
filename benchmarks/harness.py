"""What an evaluation adds to the agents it runs, and how many runs it makes in a minute.

The demo's agent on LangChain (simulated model, real workbooks) makes the same runs three ways, in turn, each in
processes started anew: bare - a loop that prepares a task, makes the agent, asks it and grades what it left, and keeps
nothing; and `costcraft eval` with one process and with two. Counted are the runs: loading, the survey and the report
are left out.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from examples.sheets.demo import BASE_SKILL

from benchmarks.scaling_page import table
from costcraft.evaluate.harness import Standing, evaluate
from costcraft.evaluate.plan import Plan

ROOT = Path(__file__).parent.parent
ROUNDS = 3
TASKS = 24
BARE = "bare"


def measure(rounds: int = ROUNDS, tasks: int = TASKS) -> dict[str, Any]:
    """CPU of a run, alone and in an evaluation, and runs per minute; every round with the load when it began."""
    cpu: dict[str, list[float]] = {BARE: [], "1": []}
    wall: dict[str, list[float]] = {BARE: [], "1": [], "2": []}
    load = []
    with tempfile.TemporaryDirectory() as place:
        other = _other_skill(Path(place))
        _evaluated(other, Path(place) / "first", 1, 1)  # what this process imports once is in no round
        for number in range(rounds):
            load.append(round(os.getloadavg()[0], 1))
            alone = _bare_alone(other, tasks)
            few = _evaluated(other, Path(place) / f"{number}-few", 1, 1)
            one = _evaluated(other, Path(place) / f"{number}-1", tasks, 1)
            two = _evaluated(other, Path(place) / f"{number}-2", tasks, 2)
            cpu[BARE].append(alone["cpu"] / (2 * tasks))
            # what starts, looks at the tasks and writes the report is in both, and no part of a run
            cpu["1"].append((one["cpu"] - few["cpu"]) / (2 * tasks - 2))
            for name, found in ((BARE, alone), ("1", one), ("2", two)):
                wall[name].append(found["wall"])
    added = [mine / bare - 1 for mine, bare in zip(cpu["1"], cpu[BARE], strict=True)]
    return {
        "runs": 2 * tasks,
        "rounds": rounds,
        "load": load,
        "cpu_ms": {name: [round(1000 * each, 1) for each in rows] for name, rows in cpu.items()},
        "wall_s": {name: [round(each, 2) for each in rows] for name, rows in wall.items()},
        "per_minute": {name: round(60 * 2 * tasks / statistics.median(rows)) for name, rows in wall.items()},
        "added": round(statistics.median(added), 4),
        "added_spread": [round(min(added), 4), round(max(added), 4)],
    }


def _other_skill(place: Path) -> Path:
    """A second condition that costs the same: the demo's skill under one more line."""
    skill = place / "skill" / BASE_SKILL.name
    skill.mkdir(parents=True)
    text = (BASE_SKILL / "SKILL.md").read_text(encoding="utf-8")
    (skill / "SKILL.md").write_text(f"{text}\nAnswer in English.\n", encoding="utf-8")
    return skill


def _plan(other: Path, tasks: int, processes: int) -> Plan:
    return Plan.model_validate(
        {
            "evaluation": 1,
            "tasks": {"set": "sheets", "limit": tasks},
            "agent": {"framework": "langchain", "factory": "python:examples.sheets.evaluated:langchain"},
            "conditions": {"base": {"skills": [BASE_SKILL]}, "other": {"skills": [other]}},
            "baseline": "base",
            "primary": {"condition": "other", "margin": 0.1},
            "concurrency": processes,
        }
    )


def _evaluated(other: Path, out: Path, tasks: int, processes: int) -> dict[str, float]:
    """Seconds from the first run's beginning to the last one's line; CPU seconds of everything, in all processes."""
    seen: list[float] = []

    def watch(now: Standing) -> None:
        if now.what == "runs":
            seen.append(time.perf_counter())

    before = _cpu()
    evaluate(_plan(other, tasks, processes), out, watch=watch)
    return {"wall": seen[-1] - seen[0], "cpu": _cpu() - before}


def _cpu() -> float:
    """Of this process and of those it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _bare_alone(other: Path, tasks: int) -> dict[str, float]:
    program = [sys.executable, "-m", "benchmarks.harness", BARE, str(other), str(tasks)]
    done = subprocess.run(program, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def bare(other: Path, count: int) -> dict[str, float]:
    """The same runs in a loop of their own; an agent is made and asked once before."""
    from examples.sheets.evaluated import langchain as build
    from examples.sheets.taskset import SheetTasks

    tasks = SheetTasks(count=count)
    with tempfile.TemporaryDirectory() as place:

        def run(name: str, task: Any, skill: Path) -> None:
            folder = Path(place) / name
            folder.mkdir()
            tasks.prepare(task, folder)
            build([skill], folder, 0)(tasks.instruction(task))
            tasks.grade(task, folder)

        run("first", tasks.tasks()[0], BASE_SKILL)
        began, cpu = time.perf_counter(), time.process_time()
        for number, task in enumerate(tasks.tasks()):
            for skill in (BASE_SKILL, other):
                run(f"{number}-{skill == other}", task, skill)
        return {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}


def lines(found: dict[str, Any]) -> list[str]:
    """The section of the page."""
    wall, minute = found["wall_s"], found["per_minute"]
    cpu = {name: f"{statistics.median(rows):.0f}" for name, rows in found["cpu_ms"].items()}
    names = {BARE: "agents alone, one process", "1": "`costcraft eval`, one process", "2": "`costcraft eval`, two"}
    rows = [
        [names[name], cpu.get(name, ""), f"{min(wall[name]):.1f}-{max(wall[name]):.1f}", minute[name]] for name in names
    ]
    low, high = found["added_spread"]
    return [
        "\n## Evaluating\n",
        f"{found['runs']} runs of the demo's agent on LangChain (simulated model: a run is all computing and no",
        "waiting, the hardest case), in turn, each in new processes; loading and the survey of the tasks are left out.",
        f"Alone they are graded too, and neither traced nor kept. {found['rounds']} rounds; processes that wanted",
        f"a core when each began: {', '.join(map(str, found['load']))}.\n",
        table(["", "CPU ms a run", "seconds, range", "runs per minute, median"], rows),
        f"\nAn evaluation adds {found['added']:.1%} to the CPU of a run (rounds: {low:.1%} to {high:.1%}): recording,",
        "its card, and its line on the disk. The card is compiled beside the next run, so that a run waits for",
        "less than that. Seconds are those of a shared machine: within a round the load is more alike.\n",
    ]


if __name__ == "__main__":
    if BARE in sys.argv:
        print(json.dumps(bare(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        print(json.dumps(measure(*map(int, sys.argv[1:])), indent=2))
