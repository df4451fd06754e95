"""The TraceCards of an evaluation's runs, read from its output directory."""

from collections.abc import Iterable
from pathlib import Path

from clawtrace_core import ClawTraceError
from clawtrace_core.card import TraceCard, read_card
from costcraft.evaluate.results import CARDS


def read_cards(out: Path, sessions: Iterable[str]) -> dict[str, TraceCard]:
    """The cards of these sessions. One that is not there, or damaged, is left out: nothing is told of it."""
    found = {}
    for session in sessions:
        path = out / CARDS / f"{session}.yaml"
        try:
            found[session] = read_card(path.read_text(encoding="utf-8"), source=str(path))
        except (OSError, UnicodeDecodeError, ClawTraceError):
            continue
    return found
