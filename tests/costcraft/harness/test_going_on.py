"""It can be stopped at any time, and the same command goes on: nothing that is done is run again."""

import os
import signal
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from clawtrace_core import open_store
from costcraft.errors import PlanInvalid, ResultsInvalid
from costcraft.evaluate.results import RESULTS_FILE, read_results

HERE = Path(__file__).parent
RUN_USD = Decimal("0.00265")
"""What a run of the small agents costs: a thousand tokens in, ten out."""


def start(*command: str, **streams: int) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(HERE / "small"), *sys.path])
    return subprocess.Popen([sys.executable, *command], env={**os.environ, "PYTHONPATH": path}, **streams)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_whole(project, *, most: int) -> None:
    """Every run is graded once, its agent ran, no more ran than may have, and each session's cost is counted once."""
    found = read_results(project.out)
    graded = Counter(done.key for done in found.lines if done.status == "graded")
    assert graded == Counter(dict.fromkeys(found.wanted, 1))
    assert len(found.wanted) <= len(project.ran) <= most
    sessions = [done.session for done in found.lines if done.session is not None]
    assert len(sessions) == len(set(sessions))
    assert set(sessions) == set(open_store(project.out / "store").session_ids())
    assert not list((project.out / "under_way").iterdir())


@pytest.mark.parametrize("point", [3, 12, 15, 18, 25])
def test_a_kill_at_any_moment_costs_no_more_than_the_runs_under_way(project, point) -> None:
    plan = project.file(concurrency=1)
    dead = start(str(HERE / "dying_evaluation.py"), str(plan), str(project.out), str(point)).wait()
    assert dead in {-signal.SIGKILL, 0}
    before = len(project.ran)
    found = project.evaluate(concurrency=1)
    assert found.stopped is None
    is_whole(project, most=4 + min(before, 2))


def test_what_a_kill_left_of_the_first_line_is_swept_away(project) -> None:
    (project.out / "under_way").mkdir(parents=True)
    half = project.out / f".{RESULTS_FILE}.abcd1234.costcraft"
    half.write_bytes(b'{"kind":"pl')
    assert project.evaluate().stopped is None
    assert not half.exists()
    is_whole(project, most=4)


def test_a_kill_ends_the_agents_and_what_they_spent_is_counted(project) -> None:
    os.mkfifo(project.root / "pipe")
    told = {"agent": project.agents({"n-2": "tells"})}
    dying = start(str(HERE / "dying_evaluation.py"), str(project.file(**told)), str(project.out), "0")
    agent = int((project.root / "pipe").read_text())
    dying.kill()
    dying.wait()
    while is_alive(agent):  # it ends as soon as it hears that nobody reads what it says
        pass
    assert len(read_results(project.out).graded) in {1, 2}  # the second may not have been written yet
    del told["agent"]["options"]["does"]["n-2"]
    with pytest.raises(ResultsInvalid, match=r"agent\.options\.does\.n-2 was removed"):
        project.evaluate(**told)


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(project) -> None:
    os.mkfifo(project.root / "pipe")
    plan = project.file(agent=project.agents({"n-2": "tells 3"}))
    command = ["-c", "from costcraft.cli import main; main()", "eval", str(plan), "--out", str(project.out)]
    stopped = start(*command, stderr=subprocess.PIPE)
    agent = int((project.root / "pipe").read_text())
    stopped.send_signal(signal.SIGINT)
    said = stopped.communicate()[1].decode()
    assert stopped.returncode == 130
    assert said == "costcraft: stopped; what was recorded is kept, and the same command goes on\n"
    assert not is_alive(agent)
    found = read_results(project.out)
    assert [done.status for done in found.lines] == ["graded", "graded", "infrastructure"]
    assert found.lines[-1].why == "the evaluation was stopped in the middle of it"
    assert start(*command, stdout=subprocess.DEVNULL).wait() == 0
    is_whole(project, most=5)


def test_a_torn_last_line_is_run_again(project) -> None:
    project.evaluate()
    path = project.out / RESULTS_FILE
    path.write_bytes(path.read_bytes()[:-20])
    again = project.evaluate()
    assert len(again.graded) == 4
    assert len(project.ran) == 5
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize("limit", [1, 3])
def test_a_used_up_budget_stops_at_whole_pairs_and_a_larger_one_goes_on(project, limit) -> None:
    budget = RUN_USD * 2 * limit + RUN_USD
    first = project.evaluate(tasks={"limit": 4}, usd_per_run=RUN_USD, budget=budget)
    assert first.stopped is not None
    assert f"the budget of {budget} USD" in first.stopped
    assert first.usd <= budget
    assert Counter(done.condition for done in first.lines) == {"plain": limit, "better": limit}
    again = project.evaluate(tasks={"limit": 4}, budget=RUN_USD * 8, concurrency=2)
    assert again.stopped is None
    assert again.usd == RUN_USD * 8
    is_whole(project, most=8)


def test_a_budget_and_no_price_stop_after_the_first_run(project) -> None:
    found = project.evaluate(agent=project.agents(model="nobody-sells-this"), tasks={"limit": 4}, budget=1)
    assert found.stopped is not None
    assert "has no price, so the budget cannot be kept" in found.stopped
    assert 1 <= len(project.ran) <= 2
    assert {done.usd for done in found.lines} == {None}


def test_without_a_budget_a_run_without_a_price_is_graded(project) -> None:
    found = project.evaluate(agent=project.agents(model="nobody-sells-this"))
    assert len(found.graded) == 4
    assert {done.usd for done in found.lines} == {None}


CHANGED = [
    ({"seeds": [0, 1]}, r"seeds was \[0\] and is \[0, 1\]"),
    ({"primary": {"margin": 0.2}}, r"primary\.margin was 0\.1 and is 0\.2"),
    ({"tasks": {"limit": 3}}, r"tasks\.limit was 2 and is 3"),
    ({"agent": {"options": {"tokens": 5}}}, r"agent\.options\.tokens was added"),
    ({"conditions": {"third": {"skills": []}}}, r"conditions\.third was added"),
]


def test_another_plan_does_not_go_on_and_is_told_what_differs(project) -> None:
    project.evaluate(tasks={"only": None})
    for changes, told in CHANGED:
        with pytest.raises(ResultsInvalid, match=told):
            project.evaluate(**changes)
    assert len(project.ran) == 4


def test_a_skill_that_is_edited_does_not_change_the_runs_and_is_told_afterwards(project) -> None:
    skill = project.root / "better"
    skill.mkdir()
    (skill / "SKILL.md").write_bytes((HERE / "small" / "skills" / "better" / "SKILL.md").read_bytes())
    conditions = {"conditions": {"better": {"skills": [str(skill)]}}}
    project.evaluate(**conditions)
    held = (skill / "SKILL.md").read_text()
    (skill / "SKILL.md").write_text(held.replace("carefully", "with care"))
    with pytest.raises(ResultsInvalid, match="skills of better were changed"):
        project.evaluate(**conditions)
    (skill / "SKILL.md").write_text(held)
    copy = project.out / "conditions" / "better" / "better" / "SKILL.md"
    copy.write_text(held.replace("carefully", "with care"))
    with pytest.raises(ResultsInvalid, match="was changed since the evaluation began"):
        project.evaluate(**conditions)


def test_damaged_results_are_told_and_left(project) -> None:
    project.out.mkdir()
    (project.out / RESULTS_FILE).write_text("{}\n")
    with pytest.raises(ResultsInvalid):
        project.evaluate()
    assert (project.out / RESULTS_FILE).read_text() == "{}\n"


def test_a_factory_that_is_broken_since_is_told_at_once(project, monkeypatch) -> None:
    (project.root / "mine.py").write_text("from small_agents import build\n")
    monkeypatch.syspath_prepend(project.root)
    told = {"agent": {"factory": "python:mine:build"}, "tasks": {"limit": 4}, "usd_per_run": RUN_USD}
    project.evaluate(**told, budget=RUN_USD * 2)
    (project.root / "mine.py").write_text("")
    with pytest.raises(PlanInvalid, match=r"agent\.factory 'python:mine:build': mine has no build"):
        project.evaluate(**told, budget=1)
    assert len(read_results(project.out).lines) == 2
    (project.root / "mine.py").write_text("from small_agents import build\n")
    assert len(project.evaluate(**told, budget=1).graded) == 8
