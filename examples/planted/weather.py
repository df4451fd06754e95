"""What befalls a run: which slips and habits show, drawn from the request and the run's seed."""

from dataclasses import dataclass
from hashlib import sha256

SHARES = {
    "guess": 0.5,
    "relist": 0.6,
    "browse": 0.4,
    "browse old": 0.5,
    "reread": 0.6,
    "misform": 0.25,
    "slip": 0.8,
    "slip again": 0.3,
    "verify": 0.5,
}
"""How many runs meet each. `misform`: values are written in the wrong form. `slip`: the last value lands one column too
far. `slip again`: so does its mending."""


@dataclass(frozen=True, slots=True)
class Weather:
    """One run's. The same request and seed meet the same under any instructions."""

    request: str
    seed: int = 0

    def meets(self, what: str) -> bool:
        """Whether the run meets it."""
        drawn = int.from_bytes(sha256(f"{self.seed}|{what}|{self.request}".encode()).digest()[:4])
        return drawn < SHARES[what] * 2**32
