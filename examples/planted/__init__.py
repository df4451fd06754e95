"""Tasks whose truth is planted: which steps are needed is known, so that what is distilled can be graded.

The agents are scripted and every figure is simulated. README.md says what is planted.
"""

from pathlib import Path
from typing import Literal

Domain = Literal["ledger", "stock"]
DOMAINS: tuple[Domain, ...] = ("ledger", "stock")


def skill_dirs(domain: Domain) -> tuple[Path, ...]:
    """The skills an agent of this domain starts with."""
    return (Path(__file__).parent / "skills" / f"{domain}-tasks",)
