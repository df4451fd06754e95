"""Running an evaluation: a plan, its runs in processes of their own, and what came of each."""

from costcraft.evaluate.harness.evaluation import evaluate
from costcraft.evaluate.harness.making import Standing
from costcraft.evaluate.harness.plan_file import read_plan

__all__ = ["Standing", "evaluate", "read_plan"]
