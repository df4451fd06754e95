"""What was evaluated, found again: the condition of a result, and its skills as they would be made now."""

from pathlib import Path

from costcraft.errors import ResultsInvalid
from costcraft.evaluate.conditions import Materialised, materialise
from costcraft.evaluate.plan import Condition
from costcraft.evaluate.results import Opening


def condition_of(told: Opening, name: str) -> Condition:
    """The condition of that name, that of a single rule too. Raises ResultsInvalid."""
    plan, found = told.plan, told.conditions[name]
    if name in plan.conditions:
        return plan.conditions[name]
    of = None if plan.rules is None else plan.conditions.get(plan.rules.of)
    if of is None or found.rule is None or found.role == "plan":
        raise ResultsInvalid(f"condition {name}: the plan does not say what it is; the file was damaged")
    if found.role == "leave-one-out":
        return of.model_copy(update={"without": (*of.without, found.rule)})
    return of.model_copy(update={"only": (found.rule,), "without": ()})


def made_again(told: Opening, name: str, to: Path) -> Materialised:
    """The skills of a condition as they would be made now, in the folder `to`.

    Raises:
        ResultsInvalid: they are not those that were evaluated.
    """
    made = materialise(condition_of(told, name), to)
    if made.digest != told.conditions[name].digest:
        raise ResultsInvalid(
            f"condition {name}: its skills are not those that were evaluated (edited, distilled again, or the skill it "
            "started from was changed); nothing was written. Put them back, or evaluate them into a new directory"
        )
    return made
