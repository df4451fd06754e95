"""Which rules are at fault, found by further evaluations of a world in which that is known."""

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from pathlib import Path

import pytest

from costcraft import Distillation, distill
from costcraft.errors import ResultsInvalid
from costcraft.evaluate.plan import Plan
from costcraft.evaluate.promotion import promote
from costcraft.evaluate.promotion.bisecting import Bisection, bisect
from costcraft.evaluate.results import RESULTS_FILE, Done, Results, line_of, read_results
from costcraft.patch import Patch, Prune
from costcraft.pipeline import read_distillation
from costcraft.stages import Merged, write_stage

Evaluated = Callable[..., Path]


class World:
    """Runs what is missing of a plan: every third task fails where a rule stands that is at fault, or pays twice."""

    def __init__(self, harmful: Collection[str] = (), dear: Collection[str] = (), runs: int = 10_000) -> None:
        self.harmful, self.dear, self.left = set(harmful), set(dear), runs
        self.made: list[tuple[str, str]] = []

    def __call__(self, plan: Plan, out: Path) -> Results:
        results = read_results(out)
        spent = results.usd
        for condition, task, seed in results.wanted:
            rules = set(results.opening.conditions[condition].rules)
            usd = Decimal("0.02" if rules & self.dear else "0.01")
            if (condition, task, seed) in results.graded or self.left == 0:
                continue
            if plan.budget is not None and spent + usd > plan.budget:
                break
            self.left -= 1
            spent += usd
            self.made.append((condition, task))
            fails = bool(rules & self.harmful) and int(task.removeprefix("t-")) % 3 == 0
            done = Done(condition=condition, task=task, seed=seed, status="graded", success=not fails, usd=usd,
                        usd_known=usd)  # fmt: skip
            with (out / RESULTS_FILE).open("ab") as file:
                file.write(line_of(done))
        return read_results(out)

    @property
    def conditions(self) -> list[str]:
        """Those it ran, in order."""
        return list(dict.fromkeys(condition for condition, _ in self.made))


@pytest.fixture
def failed(rules: list[str], evaluated: Evaluated) -> Callable[..., Path]:
    """The evaluation of all rules in a world; with runs of single rules where the plan asks for them."""

    def make(world: World, **more: object) -> Path:
        assert rules
        out = evaluated({}, **more)
        results = world(read_results(out).opening.plan, out)
        assert len(results.graded) == len(results.wanted)
        world.made.clear()
        return out

    return make


def faults(found: Bisection) -> set[str]:
    return {fault.rule for fault in found.at_fault}


def test_one_harmful_rule_is_found_in_a_few_runs_and_the_rest_passes(
    rules: list[str], failed: Callable[..., Path]
) -> None:
    world = World(harmful=[rules[4]])
    found = bisect(failed(world), world, budget=None)
    assert not found.judgement.passes
    assert faults(found) == {rules[4]}
    assert found.rest is not None
    assert found.rest.passes
    assert found.kept == tuple(rule for rule in rules if rule != rules[4])
    assert found.runs <= 5
    assert found.usd == Decimal("0.01") * 15 * found.runs
    assert "regressed" in found.at_fault[0].figures[1]


def test_the_baseline_is_never_run_again(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[0]])
    found = bisect(failed(world), world, budget=None)
    assert found.runs
    assert all(name.startswith("full-without-") for name in world.conditions)


def test_a_dear_rule_and_a_harmful_one_are_both_found(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[1]], dear=[rules[5]])
    found = bisect(failed(world), world, budget=None)
    assert faults(found) == {rules[1], rules[5]}
    told = {fault.rule: " ".join(fault.figures) for fault in found.at_fault}
    assert "5 regressed" in told[rules[1]]
    assert "2 (95% interval 2 to 2) times what it was" in told[rules[5]]


def test_when_every_rule_is_at_fault_no_part_passes_and_the_incumbent_is_kept(
    rules: list[str], failed: Callable[..., Path], skill: Path
) -> None:
    world, before = World(harmful=rules), (skill / "SKILL.md").read_bytes()
    found = bisect(failed(world), world, budget=None, take_rest=skill.parent)
    assert (found.promotion, (skill / "SKILL.md").read_bytes()) == (None, before)
    assert (found.rest, found.at_fault, found.kept) == (None, (), ())
    assert found.says().startswith("no part of full was found that passes")


def test_a_skill_without_its_only_rule_is_the_baseline_and_no_rest(
    distilled: Distillation, rule_of: Callable[..., Patch], evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    assert distilled.guarded.patches
    write_stage(tmp_path / "out", "merged", Merged(patches=[rule_of("prune", "Do not look twice at one sheet.")]))
    (rule,) = distill(None, skill, tmp_path / "out", start="merged").guarded.patches
    runs = {"base": "+", "full": "-", f"full-without-{rule.id}": "+"}
    out = evaluated(runs, rules={"of": "full"})
    found = bisect(out, World(), budget=None, take_rest=skill.parent)
    assert (found.rest, found.promotion, found.at_fault) == (None, None, ())
    assert found.says().startswith("no part of full was found that passes")


def test_runs_of_single_rules_that_tell_already_make_further_ones_needless(
    rules: list[str], failed: Callable[..., Path]
) -> None:
    world = World(harmful=[rules[2]])
    found = bisect(failed(world, rules={"of": "full"}), world, budget=Decimal(0))
    assert faults(found) == {rules[2]}
    assert (world.made, found.runs, found.usd) == ([], 0, 0)


def test_rules_that_do_harm_by_their_own_runs_are_left_out_first(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[0], rules[3]])
    out = failed(world, rules={"of": "full", "leave_one_out": False, "one_in": True})
    found = bisect(out, world, budget=None)
    assert faults(found) == {rules[0], rules[3]}
    assert world.conditions[0] == f"full-without-{'-'.join(sorted([rules[0], rules[3]]))}"
    assert found.runs == 3


def test_a_kill_costs_no_run_twice(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[4]])
    out = failed(world)
    world.left = 20
    first = bisect(out, world, budget=None)
    assert first.stopped is not None
    assert "not run yet" in first.stopped
    world.left = 10_000
    found = bisect(out, world, budget=None)
    assert faults(found) == {rules[4]}
    assert len(world.made) == len(set(world.made))


def test_what_breaks_off_before_the_first_line_is_begun_anew(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[4]])
    out = failed(world)
    for name in ("cards", "conditions"):
        (out / "bisect" / f"full-without-{'-'.join(sorted(rules[:3]))}" / name).mkdir(parents=True)
    assert faults(bisect(out, world, budget=None)) == {rules[4]}


def test_the_budget_is_kept_and_a_larger_one_goes_on(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[4]])
    out = failed(world)
    found = bisect(out, world, budget=Decimal("0.20"))
    assert found.rest is None
    assert found.usd <= Decimal("0.20")
    assert found.stopped is not None
    more = bisect(out, world, budget=Decimal(9))
    assert (faults(more), more.stopped) == ({rules[4]}, None)
    assert len(world.made) == len(set(world.made))


def test_a_search_that_is_cut_short_says_that_fewer_rules_may_do(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[0]])
    out = failed(world)
    world.left = 20  # enough to leave out the first half, and no smaller part
    found = bisect(out, world, budget=None)
    assert found.rest is not None
    assert rules[0] in faults(found)
    assert len(found.at_fault) == 3
    assert "left out, and fewer may do: " in found.says()
    assert found.says().splitlines()[-1].startswith("stopped: ")


def test_a_budget_that_pays_for_no_run_starts_none(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World(harmful=[rules[4]])
    found = bisect(failed(world), world, budget=Decimal("0.001"))
    assert world.made == []
    assert found.stopped is not None
    assert "the budget of 0.001 USD" in found.stopped


def test_the_rest_can_be_promoted(rules: list[str], failed: Callable[..., Path], skill: Path) -> None:
    world = World(harmful=[rules[4]])
    out = failed(world)
    assert not promote(out, skill.parent).promoted
    found = bisect(out, world, budget=None, take_rest=skill.parent)
    assert found.promotion is not None
    assert found.promotion.promoted
    standing = set(re.findall(r"r-[0-9a-f]{8}", (skill / "SKILL.md").read_text(encoding="utf-8")))
    assert standing == set(rules) - {rules[4]}


def test_a_prune_at_fault_is_graded_by_its_own_runs(
    rules: list[str], failed: Callable[..., Path], tmp_path: Path
) -> None:
    stages = read_distillation(tmp_path / "out")
    prune = next(patch.id for patch in stages.guarded.patches if isinstance(patch, Prune))
    world = World(harmful=[prune])
    assert faults(bisect(failed(world), world, budget=None)) == {prune}
    graded = {patch.id: patch for patch in read_distillation(tmp_path / "out").guarded.patches}[prune]
    assert isinstance(graded, Prune)
    assert graded.drop is not None
    assert graded.drop.numbers["judged_with"] == 0
    assert rules
    assert not promote(tmp_path / "eval", tmp_path / "skills").graded  # the whole skill's run says less of it


def test_a_skill_that_passes_has_no_rule_at_fault(rules: list[str], failed: Callable[..., Path]) -> None:
    world = World()
    found = bisect(failed(world), world, budget=None)
    assert rules
    assert found.says() == "full passes as it is: no rule is at fault"
    assert world.made == []


def test_too_few_tasks_for_anything_to_pass_are_told_before_a_run(
    rules: list[str], failed: Callable[..., Path]
) -> None:
    world = World(harmful=[rules[0]])
    out = failed(world, primary={"condition": "full", "margin": 0.05})
    with pytest.raises(ResultsInvalid, match=r"no skill could pass on these tasks.*Evaluate on more tasks"):
        bisect(out, world, budget=None)
    assert world.made == []


def test_an_evaluation_that_is_not_complete_is_to_be_completed_first(rules: list[str], evaluated: Evaluated) -> None:
    assert rules
    with pytest.raises(ResultsInvalid, match="not run yet"):
        bisect(evaluated({"base": "+", "full": " -"}), World(), budget=None)


def test_a_skill_that_was_not_distilled_has_no_rules_to_leave_out(
    rules: list[str], evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    hand = tmp_path / "by-hand" / "sheets"
    hand.mkdir(parents=True)
    (hand / "SKILL.md").write_bytes((skill / "SKILL.md").read_bytes() + b"More.\n")
    conditions = {"base": {"skills": [skill]}, "full": {"skills": [hand]}}
    assert rules
    with pytest.raises(ResultsInvalid, match="comes of no distillation"):
        bisect(evaluated({"base": "+", "full": "-"}, conditions=conditions), World(), budget=None)
