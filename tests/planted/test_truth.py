"""The planted truth, proven: each act is left out, the others adapt, and what comes of the run is graded."""

from collections import Counter
from collections.abc import Callable

import pytest
from examples.planted import DOMAINS, Domain
from examples.planted.effects import README, table_of, with_table
from examples.planted.rehearsal import Rehearsed, rehearse
from examples.planted.table import PERFECT, Success, habits, success_of
from examples.planted.truth import StepTruth, truth_of
from examples.planted.world import make_tasks

SEEDS = 20

Worse = Callable[[Rehearsed, Rehearsed], bool]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_step_is_needed_exactly_where_the_run_comes_out_worse_without_it(domain: Domain, is_worse: Worse) -> None:
    for seed in range(SEEDS):
        for task in make_tasks(domain, 5, seed):
            whole = rehearse(task, seed=seed)
            before: Counter[str] = Counter()
            for acted, truth in zip(whole.acted, truth_of(task, seed=seed), strict=True):
                aim = acted.act.aim
                less = rehearse(task, seed=seed, without=(aim, before[aim]))
                before[aim] += 1
                assert is_worse(less, whole) == truth.needed, (seed, task.name, truth)


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_may_be_removed_may_all_be_removed_at_once(domain: Domain) -> None:
    """Waste and nothing else goes with these sentences: the same cells, and no needed call less."""
    says = " ".join(each.says for each in habits() if each.rule == "prune")
    for seed in range(SEEDS):
        for task in make_tasks(domain, 5, seed):
            truths = truth_of(task, seed=seed)
            lean = [_call(each) for each in truth_of(task, says, seed)]
            assert lean == [_call(each) for each in truths if each.label != "removable"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_trap_is_there(domain: Domain) -> None:
    steps = [step for seed in range(4) for task in make_tasks(domain, 10, seed) for step in truth_of(task, seed=seed)]
    met = {(step.label, step.needed) for step in steps}
    assert {("load-bearing", True), ("insurance", False)} <= met  # 1
    assert {step.trap for step in steps if step.label == "removable"} == {None, 2}  # 2
    assert ("different-work", True) in met  # 3
    assert {("recheck", True), ("recheck", False)} <= met  # 4
    assert ("used-later", True) in met  # 5
    assert {("transient", True), ("retry", True)} <= met  # 6


def test_a_value_that_is_read_first_is_written_ten_calls_later() -> None:
    for domain in DOMAINS:
        task = next(task for task in make_tasks(domain, 5, seed=2) if task.kind == "settle")
        aims = [acted.act.aim for acted in rehearse(task, "Read back what you wrote.").acted]
        last = max(at for at, aim in enumerate(aims) if aim in {"write", "slip"})
        assert last - aims.index("far") >= 10


def test_what_is_read_again_after_a_change_was_asked_for_with_the_same_arguments_before() -> None:
    for domain, kind in (("ledger", "raise"), ("stock", "book")):
        task = next(task for task in make_tasks(domain, 5, seed=2) if task.kind == kind)
        calls = [(step.label, step.tool, dict(step.arguments)) for step in truth_of(task)]
        [again] = [at for at, call in enumerate(calls) if call[0] == "recheck" and call[1] != "check_label"][:1]
        assert calls[again][1:] in [call[1:] for call in calls[:again]]
        assert any(call[1] in {"set_rate", "book_out"} for call in calls[:again])


@pytest.mark.parametrize("domain", DOMAINS)
def test_perfect_instructions_solve_every_task_and_the_agents_as_they_are_about_half(domain: Domain) -> None:
    assert success_of(domain, PERFECT[domain]) == 1
    assert 0.4 <= success_of(domain, "") <= 0.7


@pytest.mark.parametrize("trap", [1, 3, 4, 5, 6, 7, 8])
def test_a_wrong_rule_costs_success_where_the_table_says_so(trap: int) -> None:
    [habit] = [each for each in habits() if each.trap == trap]
    for domain in DOMAINS:
        told = success_of(domain, habit.says)
        assert habit.success[domain] == Success(before=success_of(domain, ""), told=told)
        assert (told < success_of(domain, "") - 0.05) == (not habit.is_right(domain))


def test_the_page_shows_the_table_as_the_file_has_it() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_table(text, table_of(habits())) == text


def _call(step: StepTruth) -> tuple[str, dict[str, object]]:
    return step.tool, dict(step.arguments)
