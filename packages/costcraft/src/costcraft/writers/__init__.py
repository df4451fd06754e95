"""Writers: from rules to changes of files, shown as a diff, applied at once or not at all, and taken back."""

from costcraft.writers.journal import revert
from costcraft.writers.plan import FileChange, Plan
from costcraft.writers.writer import apply

__all__ = ["FileChange", "Plan", "apply", "revert"]
