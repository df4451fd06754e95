"""What an argument or a value is, in a word, without the value itself; and what a tool does, by its name."""

import math
import re
from typing import Any, Literal

Effect = Literal["reads", "writes", "unknown"]

_READS = frozenset(
    "read get list find search show view fetch check verify inspect describe lookup query open load peek head tail cat "
    "grep glob ls count validate compare preview scan browse retrieve calculate think".split()
)
_WRITES = frozenset(
    "write set save update create delete remove insert append add edit put post send apply fill replace rename move "
    "copy clear execute run exec commit push book cancel submit upload transfer store modify patch change".split()
)
_CELLS = re.compile(r"(?:[^!\s]+!)?\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?")
_PATH = re.compile(r"(?:\S*/)+\S*|[^\s/]+\.[A-Za-z]{1,5}\d?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def words_of(name: str) -> list[str]:
    """The words a name is made of, lower-case: `readRange2` and `read_range-2` give read, range, 2."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def effect_of(tool: str) -> Effect:
    """Whether a tool reads or writes, told by the first telling word of its name; `unknown` when none tells."""
    for word in words_of(tool):
        if word in _READS:
            return "reads"
        if word in _WRITES:
            return "writes"
    return "unknown"


def shape_of(value: Any) -> str:
    """A value's shape in a word or two."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return _text_shape(value.strip())
    return "list" if isinstance(value, list | tuple) else "map" if isinstance(value, dict) else "text"


def _text_shape(text: str) -> str:
    if text.startswith("=") and len(text) > 1:
        return "formula"
    if number_in(text) is not None:
        return "number as text"
    if _CELLS.fullmatch(text):
        return "cells"
    return "path" if _PATH.fullmatch(text) else "text"


def number_in(value: Any) -> float | None:
    """The number a value is, or that a text spells out with separators, currency or percent sign; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = value.strip().strip("'").removeprefix("$").removeprefix("\u20ac").removeprefix("\u00a3").strip()
    if _GROUPED.fullmatch(text.removesuffix("%").strip()):
        text = text.replace(",", "")
    percent = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    if not math.isfinite(number) or "_" in text:
        return None
    return number / 100 if percent else number
