"""The runs as agentskills.io's guide to evaluating skills has them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from costcraft.evaluate.findings import write_reports

Make = Callable[..., Any]
NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def shape(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields}


RESULT = shape(text={"type": "string"}, passed={"type": "boolean"}, evidence={"type": "string"})
RESULTS = {"type": "array", "minItems": 1, "items": RESULT}
SUMMARY = shape(passed=COUNT, failed=COUNT, total=COUNT, pass_rate=SHARE)
SPREAD = shape(mean=NUMBER, stddev={"type": "number", "minimum": 0}, min=NUMBER, max=NUMBER)
SIDE = shape(pass_rate=SPREAD, time_seconds=SPREAD, tokens=SPREAD)
DELTA = shape(pass_rate=NUMBER, time_seconds=NUMBER, tokens=NUMBER)
# As on agentskills.io, "Evaluating skill output quality".
GRADING = shape(assertion_results=RESULTS, summary=SUMMARY)
TIMING = shape(total_tokens=COUNT, duration_ms=COUNT, total_duration_seconds=NUMBER)
BENCHMARK = shape(run_summary=shape(with_skill=SIDE, without_skill=SIDE, delta=DELTA))
# As in references/schemas.md of the skill-creator, whose viewer reads these names.
RUN = shape(
    eval_id={"type": "integer"},
    eval_name={"type": "string"},
    configuration={"enum": ["with_skill", "without_skill"]},
    run_number={"type": "integer", "minimum": 1},
    result=shape(pass_rate=SHARE, passed=COUNT, total=COUNT, time_seconds=NUMBER, tokens=COUNT, errors=COUNT),
    expectations=RESULTS,
    notes={"type": "array", "items": {"type": "string"}},
)
CREATOR = shape(
    metadata=shape(skill_name={"type": "string"}, timestamp={"type": "string"}, evals_run={"type": "array"}),
    runs={"type": "array", "minItems": 1, "items": RUN},
    notes={"type": "array", "items": {"type": "string"}},
)


def valid(content: Any, *schemas: Any) -> Any:
    for schema in schemas:
        Draft202012Validator(schema).validate(content)
    return content


@pytest.fixture
def made(world: Make, written: Callable[..., Path]) -> Callable[..., Path]:
    """The workspace of an evaluation."""

    def make(**told: Any) -> Path:
        out = written(world(**told).results())
        write_reports(out)
        return out / "agentskills"

    return make


def test_the_benchmark_has_the_shape_of_both_sources(made: Callable[..., Path]) -> None:
    told = json.loads((made(seeds=(3, 5), tasks=6) / "benchmark.json").read_text(encoding="utf-8"))
    valid(told, BENCHMARK, CREATOR)
    assert len(told["runs"]) == 24
    for side in ("with_skill", "without_skill"):
        for spread in told["run_summary"][side].values():
            assert spread["min"] <= spread["mean"] <= spread["max"]
    assert {run["run_number"] for run in told["runs"]} == {1, 2}
    assert told["metadata"]["configurations"] == {"with_skill": "distilled", "without_skill": "base"}


def test_every_run_has_its_grading_and_its_timing(made: Callable[..., Path]) -> None:
    folder = made(tasks=4)
    places = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("grading.json"))
    assert places[:2] == ["eval-task-000/with_skill/grading.json", "eval-task-000/without_skill/grading.json"]
    assert len(places) == 8
    for place in places:
        told = valid(json.loads((folder / place).read_text(encoding="utf-8")), GRADING)
        assert told["expectations"] == told["assertion_results"]
        assert told["summary"]["passed"] == sum(each["passed"] for each in told["assertion_results"])
        timing = json.loads((folder / place).with_name("timing.json").read_text(encoding="utf-8"))
        assert valid(timing, TIMING) == {
            "total_tokens": 4300,
            "duration_ms": 1500,
            "total_duration_seconds": 1.5,
        }


def test_several_seeds_stand_side_by_side(made: Callable[..., Path]) -> None:
    folder = made(tasks=2, seeds=(7, 8))
    assert (folder / "eval-task-001" / "with_skill" / "run-2" / "grading.json").is_file()


def test_the_delta_is_what_the_skill_changes(made: Callable[..., Path]) -> None:
    told = json.loads((made() / "benchmark.json").read_text(encoding="utf-8"))
    runs = told["runs"]

    def mean(side: str, what: str) -> float:
        own = [run["result"][what] for run in runs if run["configuration"] == side]
        return float(sum(own) / len(own))

    for name in ("pass_rate", "tokens", "usd"):
        delta = told["run_summary"]["delta"][name]
        assert delta == pytest.approx(mean("with_skill", name) - mean("without_skill", name), abs=1e-5)


def test_names_of_tasks_become_folders_that_are_safe_and_apart(made: Callable[..., Path]) -> None:
    folder = made(odd=True, tasks=6)
    names = {path.name for path in folder.iterdir() if path.is_dir()}
    assert len(names) == 6
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") for name in names)


def test_an_unknown_price_is_no_figure(made: Callable[..., Path]) -> None:
    told = json.loads((made(unpriced=0.5) / "benchmark.json").read_text(encoding="utf-8"))
    valid(told, BENCHMARK, CREATOR)
    assert "usd" not in told["run_summary"]["with_skill"]
    assert {run["result"]["usd"] is None for run in told["runs"]} == {True, False}


def test_without_a_graded_run_on_both_sides_there_is_no_workspace(made: Callable[..., Path]) -> None:
    assert not made(missing=1.0).exists()


def test_a_scripted_model_is_told(made: Callable[..., Path]) -> None:
    told = json.loads((made(simulated=True) / "benchmark.json").read_text(encoding="utf-8"))
    assert told["metadata"]["simulated"] is True
    assert told["notes"][0].startswith("The model was scripted.")
