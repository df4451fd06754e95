"""Capture: the one seam adapters plug into. They hand over what a framework tells them, and never wait."""

from clawtrace_core.capture.channel import Fork
from clawtrace_core.capture.guard import Guard
from clawtrace_core.capture.recorder import Recorder, epoch_ns
from clawtrace_core.capture.redact import redact_secrets
from clawtrace_core.capture.settings import Settings
from clawtrace_core.capture.signal import Draft, Ended, Remarked, Started
from clawtrace_core.capture.sink import Sink

__all__ = [
    "Draft",
    "Ended",
    "Fork",
    "Guard",
    "Recorder",
    "Remarked",
    "Settings",
    "Sink",
    "Started",
    "epoch_ns",
    "redact_secrets",
]
