"""What tests of adapters are built of: the conformance table and its checker, a clock that steps, sinks that list
or fail."""

from clawtrace_core.testing.conformance import NotConforming, check, gaps
from clawtrace_core.testing.scenario import Scenario
from clawtrace_core.testing.scenarios import SCENARIOS
from clawtrace_core.testing.shape import Shape
from clawtrace_core.testing.sinks import FailingSink, ListSink, StepClock, events_of, lines_of
from clawtrace_core.testing.stage import Stage

__all__ = [
    "SCENARIOS",
    "FailingSink",
    "ListSink",
    "NotConforming",
    "Scenario",
    "Shape",
    "Stage",
    "StepClock",
    "check",
    "events_of",
    "gaps",
    "lines_of",
]
