"""The planted truth, proven: each act is left out, and what comes of the run is graded."""

from collections import Counter

import pytest
from examples.planted import DOMAINS, Domain
from examples.planted.rehearsal import Rehearsed, rehearse
from examples.planted.truth import truth_of
from examples.planted.world import make_tasks


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_step_is_needed_exactly_where_the_run_comes_out_worse_without_it(domain: Domain) -> None:
    for task in make_tasks(domain, 5, seed=11):
        whole = rehearse(task)
        before: Counter[str] = Counter()
        for acted, truth in zip(whole.acted, truth_of(task), strict=True):
            aim = acted.act.aim
            less = rehearse(task, without=(aim, before[aim]))
            before[aim] += 1
            assert is_worse(less, whole) == truth.needed, (task.name, truth)


def is_worse(less: Rehearsed, whole: Rehearsed) -> bool:
    """One cell more shows what it should not, or a value is no longer written."""
    return bool(wrong(less) - wrong(whole)) or bool(written(whole) - written(less))


def wrong(run: Rehearsed) -> set[str]:
    """Cells that show something else than they should; in which form they hold it does not count here."""
    return {check.name for check in run.graded.checks if shown(check.expected) != shown(check.got)}


def shown(value: object) -> object:
    try:
        return round(float(str(value)), 2)
    except ValueError:
        return value


def written(run: Rehearsed) -> set[object]:
    return {acted.arguments["value"] for acted in run.acted if acted.tool == "write_cell"} - {None}
