"""Token counts of texts."""

from pathlib import Path
from typing import NamedTuple


class Count(NamedTuple):
    """A number of tokens, and whether it is exact (the model's own encoding) or an estimate."""

    tokens: int
    exact: bool


class Counter:
    """Counts tokens without ever touching the network."""

    def __init__(self, encodings: str | Path | None = None) -> None:
        self._encodings = encodings

    def count(self, text: str, model: str | None = None) -> Count:
        """The tokens of a text; exact only for models whose own encoding is at hand."""
        _ = model
        return Count(-(-len(text.encode()) // 4), exact=False)
