"""Infrastructure is never a failure of the agent; what the agent itself raises is."""

import os
import re
from decimal import Decimal

import pytest

from clawtrace_core import open_store

ONE = {"only": ["n-2"]}


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("refused", "ConnectionError: the provider does not answer"),
        ("dies", r"its process died \(signal 9\)"),
        ("hangs", "ran longer than the plan's timeout of 2 s"),
        ("unforeseen", "the grader raised KeyError"),
    ],
)
def test_what_is_cut_short_is_tried_again_and_never_graded(project, how, why) -> None:
    tasks = {"set": "python:small_tasks:Raising", **ONE}
    found = project.evaluate(agent=project.agents({"n-2": how}), tasks=tasks, attempts=2, timeout=2)
    assert not found.graded
    assert {done.status for done in found.lines} == {"infrastructure"}
    assert sorted(done.attempt for done in found.lines) == [1, 1, 2, 2]
    assert all(done.success is None and done.score is None for done in found.lines)
    assert all(re.search(why, done.why or "") for done in found.lines)
    assert len(found.cut_short) == 2
    if how != "dies":  # at once, before what was recorded is on the disk
        assert found.usd == sum((done.usd_known for done in found.lines), Decimal(0)) > 0
        assert {done.session for done in found.lines} == set(open_store(project.out / "store").session_ids())


def test_a_run_that_is_refused_once_is_graded_the_second_time(project) -> None:
    found = project.evaluate(agent=project.agents({"n-2": "refused 1"}), tasks=ONE)
    assert len(found.graded) == 2
    assert sorted((done.status, done.attempt) for done in found.lines) == [
        ("graded", 1),
        ("graded", 2),
        ("infrastructure", 1),
    ]
    assert found.stopped is None


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("bug", "the agent raised RecursionError: too deep"),
        ("leaves", "the agent raised SystemExit: 3"),
        ("cancelled", "the agent raised CancelledError"),
        ("mute", "the agent raised Mute"),
        ("undecodable", "the agent raised ValueError: a name ?"),
    ],
)
def test_what_the_agent_itself_raises_is_graded_on_what_it_left(project, how, why) -> None:
    found = project.evaluate(agent=project.agents({"n-2": how}), tasks=ONE)
    assert len(found.graded) == len(found.lines) == 2
    assert {(done.success, done.score, done.why) for done in found.lines} == {(False, Decimal(0), why)}


def test_a_run_that_nothing_was_recorded_of_is_no_run(project) -> None:
    found = project.evaluate(agent=project.agents({"n-2": "silent"}), tasks=ONE, attempts=1)
    assert {done.why for done in found.lines} == {"nothing was recorded: does the agent run on small?"}
    assert not found.graded


def test_it_stops_where_everything_is_cut_short(project) -> None:
    does = {f"n-{number}": "refused" for number in range(1, 5)}
    found = project.evaluate(agent=project.agents(does), tasks={"limit": None}, pause=100)
    assert found.stopped is not None
    assert "5 attempts in a row were cut short by infrastructure, the last: ConnectionError" in found.stopped
    assert 5 <= len(project.ran) < 8
    assert (project.out / "report.md").is_file()


def test_the_same_command_tries_again_what_was_cut_short(project) -> None:
    agents = project.agents({"n-2": "refused 4"})
    first = project.evaluate(agent=agents, tasks=ONE, attempts=2)
    assert not first.graded
    again = project.evaluate(agent=agents, tasks=ONE, attempts=2)
    assert len(again.graded) == 2
    assert {done.attempt for done in again.graded.values()} == {3}


def test_an_agent_that_forks_is_one_run(project) -> None:
    found = project.evaluate(agent=project.agents({"n-1": "forks", "n-2": "forks"}))
    assert [done.status for done in found.lines] == ["graded"] * 4
    assert found.stopped is None


def test_what_an_agent_left_at_work_does_not_reach_the_next_run(project) -> None:
    for name in ("first", "second"):
        os.mkfifo(project.root / name)
    found = project.evaluate(agent=project.agents({"n-1": "haunts"}), tasks={"only": ["n-1"]})
    assert [done.success for done in found.lines] == [True, True]
