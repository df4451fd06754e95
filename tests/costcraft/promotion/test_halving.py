"""The fewest rules to leave out: laws of the search."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from costcraft.evaluate.promotion.halving import least

RULES = [f"r-{n:08x}" for n in range(16)]


class Gate:
    """A gate that passes once all rules at fault are left out; it counts how often it is asked."""

    def __init__(self, at_fault: Sequence[str], answers: int = 10_000) -> None:
        self.at_fault, self.answers, self.asked = set(at_fault), answers, 0

    def __call__(self, left_out: Sequence[str]) -> bool | None:
        self.asked += 1
        return self.at_fault <= set(left_out) if self.asked <= self.answers else None


@given(at_fault=st.lists(st.sampled_from(RULES), unique=True, min_size=1), data=st.data())
def test_exactly_the_rules_at_fault_are_left_out(at_fault: list[str], data: st.DataObject) -> None:
    gate = Gate(at_fault)
    found = least(data.draw(st.permutations(RULES)), gate)
    assert (set(found.left_out), found.settled) == (set(at_fault), True)


@given(at_fault=st.sampled_from(RULES))
def test_one_rule_at_fault_of_sixteen_takes_at_most_eight_questions(at_fault: str) -> None:
    gate = Gate([at_fault])
    least(RULES, gate)
    assert gate.asked <= 8


@given(
    pairs=st.sets(st.tuples(st.sampled_from(RULES[:8]), st.sampled_from(RULES[:8])), max_size=4),
    lone=st.sets(st.sampled_from(RULES[:8]), max_size=2),
)
def test_with_any_single_one_back_it_does_not_pass(pairs: set[tuple[str, str]], lone: set[str]) -> None:
    def passes(left_out: Sequence[str]) -> bool:
        """Some rules harm alone, some only together."""
        kept = set(RULES[:8]) - set(left_out)
        return not kept & lone and not any({one, other} <= kept for one, other in pairs)

    found = least(RULES[:8], passes)
    assert found.settled
    if len(found.left_out) > 1:
        assert passes(found.left_out)
        assert not any(passes([rule for rule in found.left_out if rule != back]) for back in found.left_out)


@given(at_fault=st.lists(st.sampled_from(RULES), unique=True, min_size=1), answers=st.integers(0, 30))
def test_a_search_that_is_cut_short_still_leaves_out_what_is_at_fault(at_fault: list[str], answers: int) -> None:
    gate = Gate(at_fault, answers)
    found = least(RULES, gate)
    assert set(at_fault) <= set(found.left_out)
    assert found.settled == (gate.asked <= answers)
