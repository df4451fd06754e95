"""Rules that a person took in by hand, and how the distillation they were taken from was made: two files beside the
stages', so that neither is lost when the stages run again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from costcraft.errors import StageInvalid
from costcraft.patch import Level, Patch
from costcraft.stages import read_value, write_value
from costcraft.value import Value

ADOPTED_FILE = "adopted.yaml"
RUN_FILE = "run.yaml"


class Adopted(Value):
    """The rules a person took in against the gate; each says why in `adopted`."""

    costcraft: Literal[1] = 1
    patches: list[Patch] = Field(default_factory=list)


class Made(Value):
    """How a distillation was made, as far as its later stages need to know."""

    costcraft: Literal[1] = 1
    skill: str
    strict: bool
    admit: Level
    least_tasks: int
    cap: int
    store: str | None = None
    """Where its sessions lie; None: not known."""


def read_adopted(out: Path) -> Adopted:
    """What was adopted in an output directory; nothing when there is no such file. Raises StageInvalid."""
    path = out / ADOPTED_FILE
    return read_value(path, Adopted) if path.is_file() else Adopted()


def write_adopted(out: Path, adopted: Adopted) -> None:
    """Raises TargetUnwritable."""
    write_value(out / ADOPTED_FILE, adopted)


def read_made(out: Path) -> Made:
    """How the distillation in an output directory was made. Raises StageInvalid."""
    if not (out / RUN_FILE).is_file():
        raise StageInvalid(f"{out}: holds no {RUN_FILE}; name the --out directory of a distillation, or run it again")
    return read_value(out / RUN_FILE, Made)


def known_store(out: Path) -> str | None:
    """Where the sessions of an earlier distillation into this directory lie; None where that is not known."""
    return read_value(out / RUN_FILE, Made).store if (out / RUN_FILE).is_file() else None


def write_made(out: Path, made: Made) -> None:
    """Raises TargetUnwritable."""
    write_value(out / RUN_FILE, made)


def with_adopted(
    patches: Sequence[Patch], adopted: Adopted, before: Mapping[str, str], refused: Sequence[str] = ()
) -> list[Patch]:
    """The patches with their adoption; those adopted that nobody proposes any more come as they were adopted.

    `before` are the rules that stand in the skill adopted, and why. What the sessions now contradict (`refused`) is not
    brought back.
    """
    reasons = {**before, **{each.id: each.adopted or "" for each in adopted.patches}}
    found = [
        patch.model_copy(update={"adopted": reasons[patch.id]}) if patch.id in reasons else patch for patch in patches
    ]
    known = {patch.id for patch in patches} | set(refused)
    return [*found, *(each for each in adopted.patches if each.id not in known)]
