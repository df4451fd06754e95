"""The arms: the same sessions, distilled in different ways."""

from collections.abc import Mapping
from typing import NamedTuple

from costcraft.options import Choices


class Arm(NamedTuple):
    """One way to distil."""

    title: str
    choices: Choices
    claims: bool = True
    """The scripted analyst is asked beside the rules: it claims right things and wrong ones."""
    replays: bool = False
    """Recorded calls are run again without the steps that a prune names."""
    executed: bool = False
    """Each prune is put in alone and run on the tasks that were learned from."""


FULL = "full"
CARRIED = "carried-"
"""What the names of arms begin with that were distilled in the other domain."""
ARMS: Mapping[str, Arm] = {
    FULL: Arm("full: as by default, `--admit structural`", {}),
    "rules": Arm("rules analyst alone, no claims", {}, claims=False),
    "no-costs": Arm("no costs in the cards", {"costs": False}),
    "no-prune": Arm("no prune", {"prune": False}),
    "one-scope": Arm("one scope instead of two", {"scopes": False}),
    "no-gate": Arm("no gate", {"gate": False}),
    "claimed": Arm("gate at `claimed`", {"admit": "claimed"}),
    "observational": Arm("gate at `observational`", {"admit": "observational"}),
    "replayed": Arm("gate at `replayed`", {"admit": "replayed"}, replays=True),
    "interventional": Arm("gate at `interventional`", {"admit": "interventional"}, replays=True, executed=True),
}

CARRIED_TITLES = {
    f"{CARRIED}both": "rules of both scopes, from the other domain",
    f"{CARRIED}portable": "portable rules alone, from the other domain",
}
TITLES = {**{name: arm.title for name, arm in ARMS.items()}, **CARRIED_TITLES}
BRIEF = {name: ARMS[name] for name in (FULL, "rules")}
"""The arms of frameworks that are looked at beside the first."""
