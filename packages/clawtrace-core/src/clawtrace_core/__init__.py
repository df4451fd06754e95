"""ClawTrace: record what each step of an LLM agent costs, and compile a session into a TraceCard."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from clawtrace_core.capture.settings import Settings
from clawtrace_core.errors import ClawTraceError
from clawtrace_core.model.event import Check
from clawtrace_core.session import Session, compile_session, open_session, record_outcome
from clawtrace_core.skill import read_skill
from clawtrace_core.store.open import open_store
from clawtrace_core.store.store import Store

if TYPE_CHECKING:  # importing this package stays light: these two bring pydantic and the price catalogue with them
    from clawtrace_core.card import TraceCard
    from clawtrace_core.pricing import PriceBook

__all__ = [
    "Check",
    "ClawTraceError",
    "PriceBook",
    "Session",
    "Settings",
    "Store",
    "TraceCard",
    "compile_session",
    "open_session",
    "open_store",
    "read_skill",
    "record_outcome",
]

_HEAVY = {"PriceBook": "clawtrace_core.pricing", "TraceCard": "clawtrace_core.card"}


def __getattr__(name: str) -> Any:
    if name in _HEAVY:
        found = getattr(import_module(_HEAVY[name]), name)
    elif name == "__version__":
        found = version("clawtrace-core")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_HEAVY, "__version__"])
