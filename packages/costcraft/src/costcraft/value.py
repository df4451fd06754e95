"""What every value of CostCraft is: frozen, and strict about its fields, so that a slip in a file edited by
hand is told and not ignored.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Ablation = Literal["costs", "prune", "gate", "scopes"]
"""What a distillation was made without, on request: to see what it is worth."""


class StageFile(Value):
    """What a file between the stages begins with."""

    costcraft: Literal[1] = 1
    """The version of its form."""
    stage: str
    """Which of them it is."""
    without: list[Ablation] = Field(default_factory=list)
    """What the distillation was made without, on request."""
