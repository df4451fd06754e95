"""Counterfactuals: what a session would have been without the steps that a prune names, and who vouches for it."""

from costcraft.counterfactual.environment import Environment, load_environment
from costcraft.counterfactual.grading import attach, graded
from costcraft.counterfactual.leaving_out import leave_one_out
from costcraft.counterfactual.step_test import FlowVerdict, ReplayVerdict, StepTest
from costcraft.counterfactual.truth import Scores, compare_with_truth
from costcraft.counterfactual.weighing import weigh

__all__ = [
    "Environment",
    "FlowVerdict",
    "ReplayVerdict",
    "Scores",
    "StepTest",
    "attach",
    "compare_with_truth",
    "graded",
    "leave_one_out",
    "load_environment",
    "weigh",
]
