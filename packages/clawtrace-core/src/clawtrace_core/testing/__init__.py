"""For tests of what records: a clock that steps, sinks that list or fail, and a reader of what they took."""

from clawtrace_core.testing.sinks import FailingSink, ListSink, StepClock, events_of, lines_of

__all__ = ["FailingSink", "ListSink", "StepClock", "events_of", "lines_of"]
