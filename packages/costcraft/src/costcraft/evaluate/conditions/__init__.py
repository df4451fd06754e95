"""Conditions: what the runs of an evaluation load, as skill directories of their own."""

from costcraft.evaluate.conditions.folders import digest_of
from costcraft.evaluate.conditions.materialising import Materialised, materialise
from costcraft.evaluate.conditions.singles import Single, rule_conditions

__all__ = ["Materialised", "Single", "digest_of", "materialise", "rule_conditions"]
