"""The card room: a session and its prices in, a ledger, flags and a TraceCard out. Pure."""

from clawtrace_core.card.card import Flag, Step, TraceCard
from clawtrace_core.card.compile import compile_card
from clawtrace_core.card.ledger import Ledger, build_ledger, verify_ledger

__all__ = ["Flag", "Ledger", "Step", "TraceCard", "build_ledger", "compile_card", "verify_ledger"]
