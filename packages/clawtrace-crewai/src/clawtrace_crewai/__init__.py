"""ClawTrace for CrewAI. Importing it does not import CrewAI, which takes seconds: its first use does."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from clawtrace_crewai._trace import install, trace
from clawtrace_crewai.skills import load_skill

if TYPE_CHECKING:  # its base class is CrewAI's
    from clawtrace_crewai._listener import ClawTraceListener

__all__ = ["ClawTraceListener", "install", "load_skill", "trace"]


def __getattr__(name: str) -> Any:
    if name != "ClawTraceListener":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module("clawtrace_crewai._listener"), name)
    return found
