"""The gate and a model's words: what is proven of steps is not proven of everything a rule about them says."""

from collections.abc import Callable
from itertools import permutations

import pytest

from costcraft.merge import merge
from costcraft.patch import Level, Prune

Make = Callable[..., Prune]
WIDE = "Never read a sheet twice, even after you have written to it."
SAID = "Never call a reading tool again with the same arguments when nothing was changed in between."
STEPS = (("a.s", 3), ("b.s", 4))


@pytest.fixture
def claim(prune_of: Make) -> Make:
    def make(*steps: tuple[str, int], level: Level = "structural") -> Prune:
        return prune_of(*(steps or STEPS), level=level, rule=WIDE, rule_id="r-0000aaaa")

    return make


@pytest.fixture
def own(prune_of: Make) -> Make:
    """What the rules analyst says."""

    def make(*steps: tuple[str, int], rule: str = SAID, rule_id: str = "r-0000bbbb") -> Prune:
        return prune_of(*steps, level="structural", analyst="rules", rule=rule, rule_id=rule_id)

    return make


@pytest.mark.parametrize("level", ["structural", "observational", "replayed"])
def test_a_claim_about_steps_that_the_rules_name_too_is_staged_with_the_reason(
    claim: Make, own: Make, level: Level
) -> None:
    found = merge([claim(level=level), own(*STEPS, ("c.s", 1))])
    assert [patch.rule for patch in found.patches] == [SAID]
    (staged,) = found.candidates
    assert staged.patch.rule == WIDE
    assert "r-0000bbbb" in staged.why
    assert level in staged.why


def test_several_rules_may_name_the_steps_between_them(claim: Make, own: Make) -> None:
    one = own(STEPS[0], ("c.s", 1))
    other = own(STEPS[1], ("d.s", 1), rule="Ask for the names of the files first.", rule_id="r-0000cccc")
    for order in permutations([claim(), one, other]):
        found = merge(order)
        assert {patch.id for patch in found.patches} == {one.id, other.id}
        assert "r-0000bbbb and r-0000cccc" in found.candidates[0].why


def test_a_claim_about_a_step_that_no_rule_names_is_admitted_as_before(claim: Make, own: Make) -> None:
    found = merge([claim(*STEPS, ("e.s", 9)), own(*STEPS, ("c.s", 1))])
    assert {patch.rule for patch in found.patches} == {WIDE, SAID}


def test_a_rule_that_is_itself_held_back_stands_in_for_nothing(claim: Make, own: Make) -> None:
    alone = own(STEPS[0], ("a.other", 4))  # one task
    found = merge([claim(STEPS[0], ("b.s", 4)), alone])
    assert [patch.rule for patch in found.patches] == [WIDE]


def test_sessions_run_again_with_the_rule_vouch_for_its_words(claim: Make, own: Make) -> None:
    found = merge([claim(level="interventional"), own(*STEPS, ("c.s", 1))], admit="interventional")
    assert [patch.rule for patch in found.patches] == [WIDE]


def test_who_admits_claims_and_who_adopts_one_gets_it(claim: Make, own: Make) -> None:
    rules = own(*STEPS, ("c.s", 1))
    assert {patch.rule for patch in merge([claim(), rules], admit="claimed").patches} == {WIDE, SAID}
    taken = claim().model_copy(update={"adopted": "tried for a week"})
    assert WIDE in {patch.rule for patch in merge([taken, rules]).patches}
