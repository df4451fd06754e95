"""The gate: whether what vouches for a rule is enough for writing it without asking anybody."""

from collections.abc import Iterable

from costcraft.patch import LEVELS, Level, Patch, Prune, Repair

LEAST_TASKS = 2
"""What only one task vouches for is staged, not merged."""


def precedence(patch: Patch) -> int:
    """0 is the strongest: repair, prune with evidence, preserve, prune without."""
    return precedence_of(patch.kind, patch.level if isinstance(patch, Prune) else "")


def precedence_of(kind: str, level: str) -> int:
    """The same of a rule that is known by its kind and level alone; of an unknown kind the weakest."""
    if kind == "prune":
        return 1 if level in LEVELS[LEVELS.index("structural") :] else 3
    return {"repair": 0, "preserve": 2}.get(kind, 3)


def held_back_because(patch: Patch, admit: Level = "structural", least_tasks: int = LEAST_TASKS) -> str:
    """Why a rule is staged as a candidate; empty when it is admitted.

    A prune needs evidence of at least the level `admit`, and none that quality drops without its steps. Every rule
    needs `least_tasks` tasks behind it, but for a repair whose failure was made to happen again. What a person adopted
    is admitted.
    """
    if patch.adopted is not None or (isinstance(patch, Repair) and patch.confirmed == "reproduced"):
        return ""
    if isinstance(patch, Prune):
        if patch.drop is not None:
            return f"quality drops without it ({patch.drop.level}): {patch.drop.why}"
        if LEVELS.index(patch.level) < LEVELS.index(admit):
            return f"its evidence is {patch.level}; {admit} is the least that is admitted"
    tasks = len(patch.tasks)
    if tasks < least_tasks:
        vouch = "task vouches" if tasks == 1 else "tasks vouch"
        return f"{tasks} {vouch} for it; {least_tasks} are needed"
    if isinstance(patch, Repair) and patch.confirmed == "once":
        return "the failure was seen once, which may be weather; it must be seen twice or reproduced"
    return ""


def words_held_back_because(patch: Patch, beside: Iterable[Patch], admit: Level = "structural") -> str:
    """Why a prune that a model worded is staged although its evidence is enough; empty when it is not.

    Every level but `interventional` looks at steps: it shows that these were needless, and nothing of what else an
    agent leaves out that reads the model's words ("never read twice, whatever was changed"). Where the rules among
    `beside` name all of its steps, they say what the evidence shows, and are written alone. Sessions re-run with the
    rule vouch for its words too.
    """
    if not isinstance(patch, Prune) or patch.adopted is not None or patch.analyst == "rules" or admit == LEVELS[0]:
        return ""
    if patch.level == LEVELS[-1]:
        return ""
    named = {(step.session, step.n) for step in patch.steps}
    theirs = {
        rule.id: named & {(step.session, step.n) for step in rule.steps}
        for rule in beside
        if isinstance(rule, Prune) and rule.analyst == "rules"
    }
    if not named or named - set().union(*theirs.values()):
        return ""
    ids = " and ".join(sorted(rule for rule, shared in theirs.items() if shared))
    return (
        f"its steps are those of {ids}, and {patch.level} evidence vouches for steps, not for other words about them: "
        "what they say beyond that only sessions re-run with them can show"
    )
