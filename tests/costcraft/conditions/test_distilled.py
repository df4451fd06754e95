"""The skills of a distillation with some of its rules."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costcraft import Distillation, apply, distill
from costcraft.errors import PlanInvalid, StageInvalid
from costcraft.evaluate.conditions import Materialised, digest_of, materialise
from costcraft.evaluate.plan import Condition
from costcraft.patch import Patch
from costcraft.stages import Merged, write_stage

Make = Callable[..., Materialised]


@pytest.fixture
def make(distilled: Distillation, tmp_path: Path) -> Make:
    """The condition of that distillation with these fields."""
    count = iter(range(99))
    return lambda **told: materialise(Condition(distilled=tmp_path / "out", **told), tmp_path / f"to-{next(count)}")


@pytest.fixture
def rules(distilled: Distillation) -> dict[str, str]:
    """Id of the rule of each scope."""
    return {patch.scope: patch.id for patch in distilled.guarded.patches}


def text_of(found: Materialised) -> str:
    return "".join((skill / "SKILL.md").read_text(encoding="utf-8") for skill in found.skills)


def test_all_rules_are_the_skills_that_apply_would_write(
    make: Make, distilled: Distillation, skill: Path, tmp_path: Path
) -> None:
    found = make()
    assert [each.name for each in found.skills] == ["sheets", "cost-discipline"]
    assert set(found.rules) == {patch.id for patch in distilled.guarded.patches}
    apply(distilled.plan, skill.parent)
    assert digest_of([skill, skill.parent / "cost-discipline"]) == found.digest
    written = (skill / "costcraft.lock.yaml").read_bytes()
    assert (tmp_path / "to-0" / "sheets" / "costcraft.lock.yaml").read_bytes() == written


def test_no_rules_are_the_skill_it_started_from(make: Make, skill: Path) -> None:
    before = digest_of([skill])
    (skill / "costcraft.lock.yaml").write_text("", encoding="utf-8")
    found = make(only=())
    assert (found.digest, found.rules) == (before, ())


def test_no_rules_are_the_skill_it_started_from_though_rules_were_applied_to_that_since(
    make: Make, distilled: Distillation, skill: Path
) -> None:
    before = digest_of([skill])
    apply(distilled.plan, skill.parent)
    found = make(only=())
    assert found.digest == before
    assert not (found.skills[0] / "costcraft.lock.yaml").exists()


def test_one_rule_put_in_and_the_others_left_out_are_the_same(make: Make, rules: dict[str, str]) -> None:
    one = make(only=(rules["domain"],))
    other = make(without=(rules["portable"],))
    assert one.rules == other.rules == (rules["domain"],)
    assert one.digest == other.digest
    assert [each.name for each in one.skills] == ["sheets"]


def test_a_scope_picks_its_rules(make: Make, rules: dict[str, str]) -> None:
    assert make(scopes=("portable",)).rules == (rules["portable"],)
    assert make(scopes=("domain",)).rules == (rules["domain"],)
    assert make(scopes=()).digest == make(only=()).digest


def test_files_beside_the_skill_come_along(make: Make, skill: Path) -> None:
    (skill / "reference.md").write_text("Cells have names.", encoding="utf-8")
    for found in (make(), make(only=())):
        assert (found.skills[0] / "reference.md").read_text(encoding="utf-8") == "Cells have names."


def test_edits_by_hand_are_in_what_is_run(make: Make, rules: dict[str, str], tmp_path: Path) -> None:
    evolved = tmp_path / "out" / "skills" / "sheets" / "SKILL.md"
    evolved.write_text(evolved.read_text("utf-8").replace("Write numbers", "Always write numbers"), encoding="utf-8")
    for found in (make(), make(only=(rules["domain"],)), make(without=(rules["portable"],))):
        assert "Always write numbers" in text_of(found)
    assert "Always write numbers" not in text_of(make(only=()))


def test_rules_that_are_not_there_are_named_with_those_that_are(make: Make, rules: dict[str, str]) -> None:
    with pytest.raises(PlanInvalid, match=f"holds no rule r-00000000; the rules there are: {rules['domain']}"):
        make(only=("r-00000000",))
    with pytest.raises(PlanInvalid, match="holds no rule r-11111111"):
        make(without=("r-11111111",))


def test_a_skill_that_is_gone_is_told(make: Make, skill: Path) -> None:
    (skill / "SKILL.md").unlink()
    with pytest.raises(PlanInvalid, match="is not there any more"):
        make()


def test_a_skill_beside_a_distillation_may_not_bear_the_name_of_one_it_made(
    distilled: Distillation, tmp_path: Path
) -> None:
    other = tmp_path / "others" / "cost-discipline"
    other.mkdir(parents=True)
    (other / "SKILL.md").write_text('---\nname: cost-discipline\ndescription: "Mine."\n---\n', encoding="utf-8")
    assert distilled.guarded.patches
    with pytest.raises(PlanInvalid, match="a second skill of the name 'cost-discipline'"):
        materialise(Condition(skills=(other,), distilled=tmp_path / "out"), tmp_path / "to")


def test_a_directory_that_is_no_distillation_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageInvalid, match=r"plan\.json: cannot be read"):
        materialise(Condition(distilled=tmp_path), tmp_path / "to")


@pytest.fixture
def second(rule_of: Callable[..., Patch], skill: Path, tmp_path: Path) -> dict[str, str]:
    """A distillation for a skill that has rules of an earlier one: one that stays, one that gives way."""
    stays, gone = rule_of("repair", "Name the cell that was filled in."), rule_of("prune", "Always read the sheet.")
    _distilled([stays, gone], skill, tmp_path / "first")
    new, contrary = rule_of("repair", "Write the total last."), rule_of("repair", "Never read the sheet.")
    _distilled([new, contrary], skill, tmp_path / "out")
    return {"stays": stays.id, "gone": gone.id, "new": new.id, "contrary": contrary.id}


def _distilled(patches: list[Patch], skill: Path, out: Path) -> None:
    write_stage(out, "merged", Merged(patches=patches))
    apply(distill(None, skill, out, start="merged").plan, skill.parent)


def test_rules_of_an_earlier_distillation_belong_to_the_skill_it_started_from(
    second: dict[str, str], tmp_path: Path
) -> None:
    base = materialise(Condition(distilled=tmp_path / "out", only=()), tmp_path / "base")
    assert set(base.rules) == {second["stays"], second["gone"]}
    one = materialise(Condition(distilled=tmp_path / "out", only=(second["new"],)), tmp_path / "one")
    assert set(one.rules) == {second["stays"], second["gone"], second["new"]}
    none = materialise(Condition(distilled=tmp_path / "out", scopes=("portable",)), tmp_path / "none")
    assert none.digest == base.digest


def test_what_gave_way_to_a_rule_is_there_again_without_that_rule(second: dict[str, str], tmp_path: Path) -> None:
    full = materialise(Condition(distilled=tmp_path / "out"), tmp_path / "full")
    assert set(full.rules) == {second["stays"], second["new"], second["contrary"]}
    left = materialise(Condition(distilled=tmp_path / "out", without=(second["contrary"],)), tmp_path / "left")
    assert set(left.rules) == {second["stays"], second["new"], second["gone"]}
    other = materialise(Condition(distilled=tmp_path / "out", without=(second["new"],)), tmp_path / "other")
    assert set(other.rules) == {second["stays"], second["contrary"]}


def test_a_rule_that_stood_there_before_can_be_left_out_too(second: dict[str, str], tmp_path: Path) -> None:
    left = materialise(Condition(distilled=tmp_path / "out", without=(second["stays"],)), tmp_path / "left")
    assert second["stays"] not in left.rules


@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_put_in_and_what_is_left_out_are_two_ways_to_say_one_thing(
    make: Make, rules: dict[str, str], data: st.DataObject
) -> None:
    ids = sorted(rules.values())
    chosen = tuple(data.draw(st.lists(st.sampled_from(ids), unique=True)))
    left = tuple(rule for rule in ids if rule not in chosen)
    found = make(only=chosen)
    assert set(found.rules) == set(chosen)
    assert found.digest == make(without=left).digest == make(only=chosen, without=left).digest
