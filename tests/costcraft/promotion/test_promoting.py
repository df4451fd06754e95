"""Promotion writes what was evaluated, over what it was compared with, or nothing at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from costcraft import revert
from costcraft.errors import ResultsInvalid, TargetChanged, TargetUnwritable
from costcraft.evaluate.conditions import digest_of
from costcraft.evaluate.promotion import promote
from costcraft.evaluate.results import read_results

Evaluated = Callable[..., Path]
CHEAPER = {"base": "0.02", "full": "0.01"}


def content(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_passes_stands_in_the_incumbents_place_and_revert_takes_it_back(evaluated: Evaluated, skill: Path) -> None:
    out, root = evaluated({"base": "+", "full": "+"}, CHEAPER), skill.parent
    before = content(root)
    found = promote(out, root)
    assert found.promoted
    assert set(found.changed) >= {"sheets/SKILL.md", "cost-discipline/SKILL.md", "sheets/costcraft.lock.yaml"}
    told = read_results(out).opening.conditions["full"]
    assert digest_of([root / "sheets", root / "cost-discipline"]) == told.digest
    revert(root)
    assert content(root) == before


def test_what_does_not_pass_leaves_the_incumbent_byte_for_byte(evaluated: Evaluated, skill: Path) -> None:
    out, root = evaluated({"base": "+", "full": "-"}), skill.parent
    before = content(root)
    found = promote(out, root)
    assert (found.promoted, found.changed) == (False, [])
    assert content(root) == before


def test_promoting_twice_changes_nothing_more(evaluated: Evaluated, skill: Path) -> None:
    out = evaluated({"base": "+", "full": "+"}, CHEAPER)
    assert promote(out, skill.parent).changed
    before = content(skill.parent)
    again = promote(out, skill.parent)
    assert (again.promoted, again.changed, again.graded) == (True, [], [])
    assert content(skill.parent) == before


def test_the_lock_of_what_was_promoted_tells_what_the_evaluation_found(evaluated: Evaluated, skill: Path) -> None:
    promote(evaluated({"base": "+", "full": "+"}, CHEAPER), skill.parent)
    lock = (skill.parent / "cost-discipline" / "costcraft.lock.yaml").read_text(encoding="utf-8")
    assert "level: interventional" in lock
    assert "full beside base" in lock


def test_a_directory_elsewhere_that_holds_the_same_incumbent_takes_it_too(
    evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    there = tmp_path / "production" / "sheets"
    there.mkdir(parents=True)
    (there / "SKILL.md").write_bytes((skill / "SKILL.md").read_bytes())
    out = evaluated({"base": "+", "full": "+"}, CHEAPER)
    before = content(skill.parent)
    assert promote(out, there.parent).promoted
    assert content(skill.parent) == before
    assert "costcraft:begin" in (there / "SKILL.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("incumbent", ["edited", "missing", "one skill more"])
def test_an_incumbent_that_is_not_the_baseline_is_left_alone(
    incumbent: str, evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    out = evaluated({"base": "+", "full": "+"}, CHEAPER)
    root = tmp_path / "production"
    root.mkdir()
    if incumbent != "missing":
        (root / "sheets").mkdir()
        text = (skill / "SKILL.md").read_text(encoding="utf-8")
        (root / "sheets" / "SKILL.md").write_text(text + ("And more.\n" if incumbent == "edited" else ""), "utf-8")
    if incumbent == "one skill more":
        (root / "cost-discipline").mkdir()
    before = content(root)
    with pytest.raises(TargetChanged, match="than the baseline base that was evaluated"):
        promote(out, root)
    assert content(root) == before


@pytest.mark.parametrize("edited", ["rules", "base"])
def test_skills_that_are_not_those_that_were_evaluated_are_not_written(
    edited: str, evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    out = evaluated({"base": "+", "full": "+"}, CHEAPER)
    if edited == "rules":
        path = tmp_path / "out" / "skills" / "sheets" / "SKILL.md"
        path.write_text(path.read_text("utf-8").replace("Write numbers", "Never write numbers"), encoding="utf-8")
    else:
        (skill / "more.md").write_text("More.", encoding="utf-8")
    before = content(tmp_path / "out"), content(skill.parent)
    with pytest.raises(ResultsInvalid, match="are not those that were evaluated"):
        promote(out, skill.parent)
    assert (content(tmp_path / "out"), content(skill.parent)) == before


def test_a_condition_that_is_no_distillation_can_be_promoted_as_well(
    evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    hand = tmp_path / "by-hand" / "sheets"
    hand.mkdir(parents=True)
    (hand / "SKILL.md").write_bytes((skill / "SKILL.md").read_bytes() + b"\nWrite numbers as numbers.\n")
    conditions = {"base": {"skills": [skill]}, "full": {"skills": [hand]}}
    found = promote(evaluated({"base": "+", "full": "+"}, CHEAPER, conditions=conditions), skill.parent)
    assert (found.changed, found.graded) == (["sheets/SKILL.md"], [])


@pytest.mark.parametrize("kind", ["a file would have to go", "a skill would have to go", "a file that is no text"])
def test_what_cannot_be_written_as_text_is_left_to_a_person(
    kind: str, evaluated: Evaluated, skill: Path, tmp_path: Path
) -> None:
    hand = tmp_path / "by-hand" / ("notes" if kind == "a skill would have to go" else "sheets")
    hand.mkdir(parents=True)
    text = (skill / "SKILL.md").read_text(encoding="utf-8")
    (hand / "SKILL.md").write_text(text.replace("name: sheets", f"name: {hand.name}"), encoding="utf-8")
    if kind == "a file would have to go":
        (skill / "more.md").write_text("More.", encoding="utf-8")
    if kind == "a file that is no text":
        (hand / "picture.png").write_bytes(b"\x89PNG\xff")
    conditions = {"base": {"skills": [skill]}, "full": {"skills": [hand]}}
    out = evaluated({"base": "+", "full": "+"}, CHEAPER, conditions=conditions)
    before = content(skill.parent)
    with pytest.raises(TargetUnwritable, match="by hand"):
        promote(out, skill.parent)
    assert content(skill.parent) == before


def test_a_single_rules_condition_can_be_promoted(evaluated: Evaluated, skill: Path) -> None:
    out = evaluated({"base": "+", "full": "+"}, CHEAPER, rules={"of": "full", "one_in": True})
    names = [name for name, told in read_results(out).opening.conditions.items() if told.role == "leave-one-out"]
    runs = {"base": "+", "full": "-", names[0]: "+"}
    out = evaluated(runs, {"base": "0.02"}, rules={"of": "full", "one_in": True})
    assert not promote(out, skill.parent).promoted
    assert promote(out, skill.parent, condition=names[0]).promoted
