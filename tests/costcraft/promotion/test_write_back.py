"""The level `interventional`: what an evaluation found of a prune, in stage files and lock, and at the gate."""

from collections.abc import Callable
from pathlib import Path

import pytest

from costcraft import Distillation, Prune, distill
from costcraft.evaluate.promotion import promote, written_back
from costcraft.evaluate.promotion.write_back import write_back
from costcraft.gate import held_back_because
from costcraft.patch import Grade
from costcraft.pipeline import read_distillation
from costcraft.stages import Weighed, write_stage
from costcraft.writers.lock import locked_rules

Evaluated = Callable[..., Path]
GRADE = Grade(level="interventional", holds=True, why="It was run.", numbers={"pairs": 30})
SINGLE = {"of": "full", "one_in": True}


def interventional(out: Path) -> dict[str, Grade]:
    """The grade of each prune that would be written."""
    found = read_distillation(out).guarded.patches
    return {
        patch.id: next(each for each in patch.grades if each.level == "interventional")
        for patch in found
        if isinstance(patch, Prune)
    }


@pytest.fixture
def prune(distilled: Distillation) -> str:
    """The id of the one prune of that distillation."""
    return next(patch.id for patch in distilled.guarded.patches if isinstance(patch, Prune))


def written(out: Path, condition: str = "full") -> list[str]:
    return list(written_back(out, condition=condition))


def test_a_skill_that_is_no_worse_vouches_for_its_prunes_and_says_that_they_were_judged_together(
    prune: str, evaluated: Evaluated, tmp_path: Path
) -> None:
    assert written(evaluated({"base": "+", "full": "+"})) == [prune]
    grade = interventional(tmp_path / "out")[prune]
    assert (grade.holds, grade.drop, grade.numbers["judged_with"]) == (True, False, 1)
    assert "judged together with 1 other rule:" in grade.why
    assert grade.numbers["pairs"] == 15


def test_a_skill_that_is_worse_blames_no_single_rule(prune: str, evaluated: Evaluated, tmp_path: Path) -> None:
    written(evaluated({"base": "+", "full": "-"}))
    grade = interventional(tmp_path / "out")[prune]
    assert (grade.holds, grade.drop) == (None, False)


def test_its_own_runs_say_more_than_those_of_the_whole_skill(prune: str, evaluated: Evaluated, tmp_path: Path) -> None:
    runs = {"base": "+", "full": "+", f"full-without-{prune}": "+"}
    written(evaluated(runs, rules=SINGLE))
    grade = interventional(tmp_path / "out")[prune]
    assert (grade.holds, grade.numbers["judged_with"]) == (True, 0)
    assert grade.why.startswith(f"full beside full-without-{prune}, which differ by this rule alone")


def test_a_shown_drop_is_the_rules_own_fault_and_the_gate_holds_it_back(
    prune: str, evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    runs = {"base": "+", "full": "------------+", f"full-without-{prune}": "+"}
    written(evaluated(runs, rules=SINGLE))
    grade = interventional(tmp_path / "out")[prune]
    assert (grade.holds, grade.drop) == (False, True)
    again = distill(None, skill, tmp_path / "out", start="counterfactual")
    assert prune not in {patch.id for patch in again.guarded.patches}
    assert again.merged is not None
    why = {each.patch.id: each.why for each in again.merged.candidates}[prune]
    assert why.startswith("quality drops without it (interventional): full beside")


def test_a_rule_put_in_alone_tells_as_well(prune: str, evaluated: Evaluated, tmp_path: Path) -> None:
    runs = {"base": "+", "full": "+", f"base+{prune}": "------------+"}
    written(evaluated(runs, rules=SINGLE))
    assert interventional(tmp_path / "out")[prune].drop


def test_runs_that_are_not_complete_tell_nothing(prune: str, evaluated: Evaluated, tmp_path: Path) -> None:
    runs = {"base": "+", "full": "+", f"full-without-{prune}": " +"}
    written(evaluated(runs, rules=SINGLE))
    assert interventional(tmp_path / "out")[prune].numbers["judged_with"] == 1
    assert written(evaluated({"base": "+", "full": " +"})) == []


def test_where_it_is_all_that_differs_the_whole_run_is_the_rules_own(
    prune: str, evaluated: Evaluated, tmp_path: Path
) -> None:
    conditions = {"base": {"distilled": tmp_path / "out", "without": [prune]}, "full": {"distilled": tmp_path / "out"}}
    written(evaluated({"base": "+", "full": "------------+"}, conditions=conditions))
    grade = interventional(tmp_path / "out")[prune]
    assert (grade.holds, grade.drop, grade.numbers["judged_with"]) == (False, True, 0)
    assert "the only rule that differs" in grade.why


def test_of_a_rule_that_the_baseline_has_too_the_whole_run_says_nothing(
    prune: str, evaluated: Evaluated, tmp_path: Path
) -> None:
    conditions = {"base": {"distilled": tmp_path / "out", "only": [prune]}, "full": {"distilled": tmp_path / "out"}}
    assert written(evaluated({"base": "+", "full": "+"}, conditions=conditions)) == []


def test_of_a_scripted_model_the_grade_says_simulated(prune: str, evaluated: Evaluated, tmp_path: Path) -> None:
    written(evaluated({"base": "+", "full": "+"}, simulated=True))
    grade = interventional(tmp_path / "out")[prune]
    assert grade.why.startswith("simulated: ")
    assert grade.numbers["simulated"] is True


def test_the_gate_admits_interventional_once_it_was_run_and_holds_back_what_was_not(
    prune: str, evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    strict = distill(None, skill, tmp_path / "out", start="counterfactual", admit="interventional")
    assert prune not in {patch.id for patch in strict.guarded.patches}
    distill(None, skill, tmp_path / "out", start="counterfactual")
    promote(evaluated({"base": "+", "full": "+"}, {"base": "0.02"}), skill.parent)
    found = distill(None, skill, tmp_path / "out", start="counterfactual", admit="interventional")
    admitted = next(patch for patch in found.guarded.patches if patch.id == prune)
    assert isinstance(admitted, Prune)
    assert admitted.level == "interventional"


def test_stages_that_run_again_find_the_same_patch(
    prune: str, evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    written(evaluated({"base": "+", "full": "+"}))
    before = read_distillation(tmp_path / "out")
    assert prune in {patch.id for patch in before.guarded.patches}
    for stage in ("counterfactual", "merged", "guard"):
        distill(None, skill, tmp_path / "out", start=stage)  # type: ignore[arg-type]
        assert read_distillation(tmp_path / "out") == before


def test_the_lock_beside_the_evolved_skills_says_the_same(prune: str, evaluated: Evaluated, tmp_path: Path) -> None:
    written(evaluated({"base": "+", "full": "+"}))
    told = locked_rules(tmp_path / "out" / "skills")[prune]
    assert told["level"] == "interventional"
    assert "interventional" in told["grades"]
    assert "level: interventional" in (tmp_path / "out" / "plan.diff").read_text(encoding="utf-8")


def test_edits_by_hand_of_the_evolved_skill_stay(prune: str, tmp_path: Path) -> None:
    path = tmp_path / "out" / "skills" / "sheets" / "SKILL.md"
    path.write_text(path.read_text("utf-8").replace("Write numbers", "Always write numbers"), encoding="utf-8")
    write_back(tmp_path / "out", {prune: GRADE})
    assert "Always write numbers" in path.read_text(encoding="utf-8")


def test_a_later_evaluation_takes_the_place_of_an_earlier_one_and_of_what_it_proved(
    prune: str, distilled: Distillation, tmp_path: Path
) -> None:
    before = next(patch for patch in distilled.guarded.patches if patch.id == prune)
    assert isinstance(before, Prune)
    for grade, level in (
        (GRADE, "interventional"),
        (GRADE.model_copy(update={"holds": None}), before.level),
        (GRADE, "interventional"),
        (GRADE.model_copy(update={"holds": False, "drop": True}), before.level),
    ):
        assert write_back(tmp_path / "out", {prune: grade}) == [prune]
        assert write_back(tmp_path / "out", {prune: grade}) == []
        stages = read_distillation(tmp_path / "out")
        for patches in (stages.weighed.patches, stages.merged.patches, stages.guarded.patches):
            now = next(patch for patch in patches if patch.id == prune)
            assert isinstance(now, Prune)
            assert now.level == level
            assert now.grades[-1] == grade
            assert bool(held_back_because(now)) == grade.drop


def test_a_drop_that_was_shown_stays_until_runs_show_that_there_is_none(
    prune: str, skill: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    drop = GRADE.model_copy(update={"holds": False, "drop": True, "numbers": {"evaluation": "a"}})
    assert write_back(out, {prune: drop}) == [prune]
    assert write_back(out, {prune: GRADE.model_copy(update={"holds": None, "numbers": {"evaluation": "b"}})}) == []
    assert interventional(out)[prune] == drop
    again = distill(None, skill, out, start="counterfactual")
    assert prune not in {patch.id for patch in again.guarded.patches}


def test_what_is_found_of_a_rule_is_found_of_those_that_were_joined_with_it(
    prune_of: Callable[..., Prune], skill: Path, tmp_path: Path
) -> None:
    kept = prune_of(("a", 1), ("b", 1), level="structural", rule_id="r-00000001", rule="Do not look at it twice.")
    other = prune_of(("c", 1), ("d", 1), level="structural", rule_id="r-00000002", rule="Do not look at it twice!")
    write_stage(tmp_path / "out", "counterfactual", Weighed(patches=[kept, other]))
    first = distill(None, skill, tmp_path / "out", start="counterfactual")
    assert first.merged is not None
    assert [(each.kept, each.joined) for each in first.merged.joined] == [(kept.id, other.id)]
    write_back(tmp_path / "out", {kept.id: GRADE})
    found = distill(None, skill, tmp_path / "out", start="counterfactual", admit="interventional")
    assert [patch.id for patch in found.guarded.patches] == [kept.id]
