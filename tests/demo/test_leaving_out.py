"""Each step of the demo's sessions left out in turn, in the demo's world, against what the scripted policy needs."""

from collections.abc import Mapping

import pytest
from examples.sheets.demo import BASE_SKILL
from examples.sheets.environment import SheetEnvironment
from examples.sheets.frameworks import LANGCHAIN
from examples.sheets.play import play
from examples.sheets.tasks import make_tasks

from clawtrace_core import open_store
from costcraft.counterfactual import StepTest, compare_with_truth, leave_one_out

pytestmark = pytest.mark.xdist_group("demo")
COUNT = 12


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> list[StepTest]:
    """Every step of twelve tasks, played by the simulated model under the base skill."""
    out = tmp_path_factory.mktemp("demo")
    for _ in play(
        make_tasks(COUNT), framework=LANGCHAIN, skills=(BASE_SKILL,), store=out / "runs", books=out / "books"
    ):
        pass
    return list(leave_one_out(open_store(out / "runs"), SheetEnvironment(out / "worlds", COUNT)))


def truth_of(tests: list[StepTest]) -> Mapping[tuple[str, int], bool]:
    """What the policy needs: to read a sheet once, its writes, and to read back what it then mends. Whether it needs to
    list the names once, or to read back what was right, it does not say."""
    truth: dict[tuple[str, int], bool] = {}
    read: set[tuple[str, str | None]] = set()
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        mends = following is not None and (following.session, following.tool) == (test.session, "write_cell")
        if test.tool == "read_sheet":
            truth[test.session, test.n] = "Sheet1" not in (test.args or "") and (test.session, test.args) not in read
        elif test.tool == "write_cell" or (test.tool == "read_range" and mends):
            truth[test.session, test.n] = True
        elif test.tool == "list_sheets" and (test.session, "list") in read:
            truth[test.session, test.n] = False
        read.add(
            (test.session, test.args if test.tool == "read_sheet" else "list" if test.tool == "list_sheets" else None)
        )
    return truth


def test_both_tests_together_let_go_no_step_that_the_policy_needs(tests: list[StepTest]) -> None:
    found = compare_with_truth(tests, truth_of(tests))
    assert found.untold <= found.steps // 4
    assert found.both.wrong == 0
    assert found.both.right >= (found.steps - found.needed) * 3 // 4


def test_either_test_alone_lets_go_steps_that_the_policy_needs(tests: list[StepTest]) -> None:
    found = compare_with_truth(tests, truth_of(tests))
    assert found.replay.wrong > 0
    assert found.unquoted.wrong > 0


def test_a_sheet_read_again_is_let_go_and_has_a_price(tests: list[StepTest]) -> None:
    truth = truth_of(tests)
    again = [test for test in tests if test.tool == "read_sheet" and truth[test.session, test.n] is False]
    let_go = [test for test in again if test.both_approve]
    assert len(let_go) >= len(again) * 3 // 4
    assert all(test.usd is not None and test.usd > 0 for test in let_go)
