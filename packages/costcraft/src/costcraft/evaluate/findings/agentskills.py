"""The runs in the files that agentskills.io's guide to evaluating skills describes, for tools that read those. Pure.

Shapes, from <https://agentskills.io/skill-creation/evaluating-skills> (sections "Capturing timing data", "Grading
outputs" and "Aggregating results"), in a workspace of `eval-NAME/with_skill/` and `eval-NAME/without_skill/`:

    timing.json     {"total_tokens": 84852, "duration_ms": 23332}
    grading.json    {"assertion_results": [{"text": ..., "passed": true, "evidence": ...}],
                     "summary": {"passed": 3, "failed": 1, "total": 4, "pass_rate": 0.75}}
    benchmark.json  {"run_summary": {"with_skill": {"pass_rate": {"mean": 0.83, "stddev": 0.06},
                                                    "time_seconds": {...}, "tokens": {...}},
                                     "without_skill": {...},
                                     "delta": {"pass_rate": 0.50, "time_seconds": 13.0, "tokens": 1700}}}

The skill-creator of <https://github.com/anthropics/skills> (references/schemas.md) calls the list `expectations` and
has `metadata`, `runs`, `notes`, `min` and `max` in benchmark.json, and `total_duration_seconds` in timing.json; several
runs of an evaluation stand in `run-1/`, `run-2/` there.
Both are written, so that readers of either find theirs. `usd` is an addition of ours.

`with_skill` is the condition of the primary endpoint, `without_skill` the baseline, which may hold a skill too:
`metadata` names both. A pass rate is the share of a run's checks; success is another thing, and is in the report.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from costcraft.evaluate.findings.changed import evidence
from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.summary import lead
from costcraft.evaluate.results import Done, Results

FOLDER = "agentskills"
_PLACES = 6


def workspace(results: Results, found: Findings) -> dict[str, Any]:
    """What each file of the workspace holds, by its path; nothing where a side has no graded run."""
    sides = {"with_skill": found.primary.asked.condition, "without_skill": found.baseline}
    runs = [each for side, condition in sides.items() for each in _runs(results, side, condition)]
    if {side for side, _, _ in runs} != set(sides):
        return {}
    several = len(results.opening.plan.seeds) > 1
    files: dict[str, Any] = {"benchmark.json": _benchmark(results, found, sides, runs)}
    for side, number, done in runs:
        place = f"eval-{_named(done.task)}/{side}" + (f"/run-{number}" if several else "")
        files[f"{place}/grading.json"] = {**_graded(done), "assertion_results": _expectations(done)}
        files[f"{place}/timing.json"] = {
            "total_tokens": _tokens(done),
            "duration_ms": round(1000 * done.seconds),
            "total_duration_seconds": round(done.seconds, 3),
        }
    return files


_Run = tuple[str, int, Done]
"""Its side, the number of its seed from 1, and the run."""


def _runs(results: Results, side: str, condition: str) -> Iterator[_Run]:
    for task in results.opening.tasks:
        for number, seed in enumerate(results.opening.plan.seeds, start=1):
            done = results.graded.get((condition, task.id, seed))
            if done is not None and done.success is not None:
                yield side, number, done


def _benchmark(results: Results, found: Findings, sides: Mapping[str, str], runs: Sequence[_Run]) -> dict[str, Any]:
    tasks = {task.id: number for number, task in enumerate(results.opening.tasks, start=1)}
    means = {name: _summary([done for side, _, done in runs if side == name]) for name in sides}
    delta = {
        name: round(mean["mean"] - means["without_skill"][name]["mean"], _PLACES)
        for name, mean in means["with_skill"].items()
        if name in means["without_skill"]
    }
    return {
        "metadata": {
            "skill_name": sides["with_skill"],
            "configurations": dict(sides),
            "simulated": found.simulated,
            "timestamp": found.at,
            "evals_run": list(tasks.values()),
            "runs_per_configuration": len(found.seeds),
        },
        "runs": [_run(side, number, done, tasks[done.task]) for side, number, done in runs],
        "run_summary": {**means, "delta": delta},
        "notes": [" ".join(filter(None, (line.question, line.answer, line.text))) for line in lead(found)],
    }


def _run(side: str, number: int, done: Done, task: int) -> dict[str, Any]:
    graded = _graded(done)
    return {
        "eval_id": task,
        "eval_name": done.task,
        "configuration": side,
        "run_number": number,
        "result": {
            **graded["summary"],
            "time_seconds": round(done.seconds, 3),
            "tokens": _tokens(done),
            "tool_calls": done.tool_calls,
            "errors": int(done.why is not None),
            "usd": None if done.usd is None else float(done.usd),
        },
        "expectations": graded["expectations"],
        "notes": [done.why] if done.why else [],
    }


def _graded(done: Done) -> dict[str, Any]:
    told = _expectations(done)
    passed = sum(each["passed"] for each in told)
    rate = round(passed / len(told), _PLACES)
    summary = {"passed": passed, "failed": len(told) - passed, "total": len(told), "pass_rate": rate}
    return {"expectations": told, "summary": summary}


def _expectations(done: Done) -> list[dict[str, Any]]:
    """Its checks; the verdict itself where the grader tells none."""
    if not done.checks:
        return [{"text": "the task is done", "passed": done.success is True, "evidence": f"score {done.score}"}]
    return [{"text": each.name, "passed": each.passed, "evidence": evidence(each)} for each in done.checks]


def _tokens(done: Done) -> int:
    return done.input_tokens + done.output_tokens


def _summary(runs: Sequence[Done]) -> dict[str, dict[str, float]]:
    priced = [float(done.usd) for done in runs if done.usd is not None]
    amounts = {
        "pass_rate": [_graded(done)["summary"]["pass_rate"] for done in runs],
        "time_seconds": [done.seconds for done in runs],
        "tokens": [_tokens(done) for done in runs],
        **({"usd": priced} if len(priced) == len(runs) else {}),
    }
    return {
        name: {
            "mean": round(fmean(each), _PLACES),
            "stddev": round(stdev(each), _PLACES) if len(each) > 1 else 0.0,
            "min": round(min(each), _PLACES),
            "max": round(max(each), _PLACES),
        }
        for name, each in amounts.items()
    }


def _named(task: str) -> str:
    """A task's id as part of a folder's name, its own even where two look alike."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", task)[:60].strip("-.")
    return plain if plain == task else f"{plain}-{hashlib.sha256(task.encode()).hexdigest()[:8]}".lstrip("-")


def encoded(content: Any) -> bytes:
    """A file's bytes."""
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
