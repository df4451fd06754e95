"""Skill directories that a condition names: copied whole, told apart by what is in them."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costcraft.errors import CostcraftError, PlanInvalid, SkillInvalid
from costcraft.evaluate.conditions import digest_of, materialise
from costcraft.evaluate.plan import Condition

FRONT = '---\nname: {}\ndescription: "Made for a test."\n---\n\n# Made\n'


def made(folder: Path, name: str = "notes") -> Path:
    """A skill with a script beside it."""
    skill = folder / name
    (skill / "scripts").mkdir(parents=True)
    (skill / "SKILL.md").write_text(FRONT.format(name), encoding="utf-8")
    (skill / "scripts" / "run.sh").write_text("echo 1\n", encoding="utf-8")
    (skill / "scripts" / "run.sh").chmod(0o755)
    return skill


def test_a_skill_is_copied_whole_with_its_scripts_and_without_litter(tmp_path: Path) -> None:
    skill = made(tmp_path)
    (skill / "__pycache__").mkdir()
    (skill / "__pycache__" / "x.pyc").write_bytes(b"x")
    found = materialise(Condition(skills=(skill,)), tmp_path / "to")
    assert found.skills == (tmp_path / "to" / "notes",)
    assert (found.skills[0] / "SKILL.md").read_bytes() == (skill / "SKILL.md").read_bytes()
    assert os.access(found.skills[0] / "scripts" / "run.sh", os.X_OK)
    assert not (found.skills[0] / "__pycache__").exists()
    assert found.rules == ()


def test_what_is_edited_after_the_copy_changes_nothing(tmp_path: Path) -> None:
    skill = made(tmp_path)
    found = materialise(Condition(skills=(skill,)), tmp_path / "to")
    (skill / "SKILL.md").write_text(FRONT.format("notes") + "More.\n", encoding="utf-8")
    assert digest_of(found.skills) == found.digest
    assert digest_of([skill]) != found.digest


def test_a_condition_may_load_no_skill_at_all(tmp_path: Path) -> None:
    found = materialise(Condition(), tmp_path / "to")
    assert (found.skills, found.rules) == ((), ())


def test_the_order_in_which_skills_are_named_is_kept_and_no_part_of_their_digest(tmp_path: Path) -> None:
    one, two = made(tmp_path / "a", "one"), made(tmp_path / "b", "two")
    first = materialise(Condition(skills=(two, one)), tmp_path / "x")
    other = materialise(Condition(skills=(one, two)), tmp_path / "y")
    assert [skill.name for skill in first.skills] == ["two", "one"]
    assert first.digest == other.digest


@pytest.mark.parametrize("change", ["a byte", "a name", "one file more", "the skill's own name"])
def test_whatever_the_agent_could_read_is_in_the_digest(change: str, tmp_path: Path) -> None:
    skill = made(tmp_path)
    before = digest_of([skill])
    if change == "a byte":
        (skill / "scripts" / "run.sh").write_text("echo 2\n", encoding="utf-8")
    elif change == "a name":
        (skill / "scripts" / "run.sh").rename(skill / "scripts" / "ran.sh")
    elif change == "one file more":
        (skill / "empty").touch()
    else:
        skill = skill.rename(tmp_path / "other")
    assert digest_of([skill]) != before


def test_who_vouches_for_a_rule_is_no_part_of_the_digest(tmp_path: Path) -> None:
    skill = made(tmp_path)
    before = digest_of([skill])
    (skill / "costcraft.lock.yaml").write_text("costcraft: 1\n", encoding="utf-8")
    assert digest_of([skill]) == before


@given(files=st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=6), min_size=1), data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_two_different_directories_have_one_digest(
    files: dict[str, bytes], data: st.DataObject, tmp_path: Path
) -> None:
    others = data.draw(st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=6), min_size=1))
    found = []
    for name, wanted in (("x", files), ("y", others)):
        skill = tmp_path / name / "skill"
        shutil.rmtree(skill, ignore_errors=True)
        skill.mkdir(parents=True)
        for file, content in wanted.items():
            (skill / file).write_bytes(content)
        found.append(digest_of([skill]))
    assert (found[0] == found[1]) == (files == others)


def test_a_link_to_a_file_of_the_skill_becomes_that_file(tmp_path: Path) -> None:
    skill = made(tmp_path)
    (skill / "also.sh").symlink_to(skill / "scripts" / "run.sh")
    found = materialise(Condition(skills=(skill,)), tmp_path / "to")
    copied = found.skills[0] / "also.sh"
    assert not copied.is_symlink()
    assert copied.read_text(encoding="utf-8") == "echo 1\n"


@pytest.mark.parametrize("kind", ["file", "folder", "dangling"])
def test_a_link_out_of_a_skill_is_not_followed(kind: str, tmp_path: Path) -> None:
    skill = made(tmp_path)
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "gold").write_text("42", encoding="utf-8")
    target = {"file": secret / "gold", "folder": secret, "dangling": tmp_path / "nothing"}[kind]
    (skill / "more").symlink_to(target)
    with pytest.raises(PlanInvalid, match="more: is"):
        materialise(Condition(skills=(skill,)), tmp_path / "to")


def test_a_skill_that_is_not_there_or_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SkillInvalid, match="there is no such directory"):
        materialise(Condition(skills=(tmp_path / "nothing",)), tmp_path / "to")
    (tmp_path / "bare").mkdir()
    with pytest.raises(SkillInvalid, match=r"it holds no SKILL\.md"):
        materialise(Condition(skills=(tmp_path / "bare",)), tmp_path / "to")


def test_two_skills_of_one_name_are_told(tmp_path: Path) -> None:
    one, two = made(tmp_path / "a"), made(tmp_path / "b")
    with pytest.raises(PlanInvalid, match="a second skill of the name 'notes'"):
        materialise(Condition(skills=(one, two)), tmp_path / "to")


def test_a_skill_is_not_copied_into_itself(tmp_path: Path) -> None:
    skill = made(tmp_path)
    with pytest.raises(PlanInvalid, match="choose another directory"):
        materialise(Condition(skills=(skill,)), skill / "out")


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    skill = made(tmp_path)
    with pytest.raises(PlanInvalid, match="is not empty"):
        materialise(Condition(skills=(skill,)), tmp_path)


@pytest.mark.parametrize(
    "told", [{"only": ("r-00000000",)}, {"without": ("r-00000000",)}, {"ablation": "gate"}, {"scopes": ("portable",)}]
)
def test_rules_are_asked_of_a_distillation_only(told: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(CostcraftError, match="name its --out directory"):
        materialise(Condition.model_validate({"skills": [made(tmp_path)], **told}), tmp_path / "to")
