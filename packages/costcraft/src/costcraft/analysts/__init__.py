"""Analysts: each reads the evidence and proposes patches. `rules` needs no model and is the default."""

from costcraft.analysts.rules import propose

__all__ = ["propose"]
