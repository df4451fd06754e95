"""CostCraft: distil TraceCards into skill patches that keep quality and cut cost."""

from costcraft.errors import CostcraftError
from costcraft.patch import Patch, Preserve, Prune, Repair, patch_schema
from costcraft.pipeline import Distillation, distill
from costcraft.writers import Plan, apply, revert
from costcraft.writers.plan import read_plan

__all__ = [
    "CostcraftError",
    "Distillation",
    "Patch",
    "Plan",
    "Preserve",
    "Prune",
    "Repair",
    "apply",
    "distill",
    "patch_schema",
    "read_plan",
    "revert",
]
