"""A plan is run: every task under every condition, recorded, graded and kept."""

from decimal import Decimal

import pytest

from clawtrace_core import open_store
from clawtrace_core.card.read import read_card
from costcraft.evaluate.results import read_results


def test_every_task_is_run_under_every_condition_and_graded(project) -> None:
    found = project.evaluate(seeds=[1, 2])
    assert sorted(project.ran) == sorted(f"{c} n-{n} {s}" for c in ("plain", "better") for n in (1, 2) for s in (1, 2))
    assert found.stopped is None
    assert {key: done.success for key, done in found.graded.items()} == {
        (condition, task, seed): condition == "better" or task == "n-1" for condition, task, seed in found.wanted
    }
    assert found.opening.simulated
    assert found.opening.versions["small-framework"] == "1.0"
    assert (found.opening.floor.passed, found.opening.floor.of) == (0, 4)
    assert (project.out / "report.md").is_file()


def test_a_run_is_recorded_with_its_verdict_and_its_card(project) -> None:
    found = project.evaluate()
    for done in found.graded.values():
        tree = open_store(project.out / "store").read(done.session)
        assert tree.started.task == done.task
        assert tree.started.agent == f"{done.condition}, seed 0"
        assert tree.outcome is not None
        assert tree.outcome.success == done.success
        assert tree.outcome.checks[0].expected == done.checks[0].expected
        card = read_card((project.out / "cards" / f"{done.session}.yaml").read_text())
        assert card.cost.usd == done.usd
        assert done.usd == done.usd_known > 0
        assert (done.input_tokens, done.output_tokens, done.llm_calls) == (1000, 10, 1)
    assert found.usd == sum((done.usd for done in found.lines), Decimal(0))
    assert len(open_store(project.out / "store").session_ids()) == len(found.lines)


def test_what_an_agent_left_is_kept_and_the_answer_is_nowhere_else(project) -> None:
    project.evaluate()
    left = project.out / "runs" / "better" / "n-2" / "0"
    assert sorted(path.name for path in left.iterdir()) == ["answer.txt", "given.txt"]
    assert (left / "answer.txt").read_text() == "word2"
    held = [path for path in project.out.rglob("*") if path.is_file() and "answer" in path.name]
    assert sorted(path.parent.parent.parent.name for path in held) == ["better", "better", "plain", "plain"]


def test_what_agents_print_goes_to_a_file(project, capfd: pytest.CaptureFixture[str]) -> None:
    project.evaluate()
    assert "done n-1" in (project.out / "logs" / "process-1.log").read_text()
    assert capfd.readouterr().out == ""


def test_the_same_command_again_runs_nothing(project) -> None:
    first = project.evaluate()
    again = project.evaluate()
    assert len(project.ran) == 4
    assert again.lines == first.lines == read_results(project.out).lines


def test_an_agent_may_be_asynchronous(project) -> None:
    options = {"notes": str(project.notes)}
    found = project.evaluate(agent={"factory": "python:small_agents:build_async", "options": options})
    assert len(found.graded) == 4
    assert all(done.llm_calls == 1 for done in found.lines)


def test_two_processes_share_the_runs(project) -> None:
    found = project.evaluate(concurrency=2, tasks={"limit": 4})
    assert len(found.graded) == len(project.ran) == 8
    assert len(list((project.out / "logs").iterdir())) == 2
