"""Scalars as YAML text, for a card: one line each, quoted by PyYAML, numbers rounded here and nowhere else."""

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any

import yaml
from yaml.resolver import Resolver

_SAFE = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_TEXT = "tag:yaml.org,2002:str"
_RESOLVER = Resolver()
_HUGE = 10**15
_WIDE = Context(prec=2000)
KEY = 200
"""Characters of a key at most: YAML readers refuse keys beyond 1,024."""


@lru_cache(maxsize=8192)
def text(value: str) -> str:
    """A string as one line of YAML, fit for flow and block alike."""
    if _SAFE.match(value) and _reads_as_text(value):
        return value
    clean = value.encode("utf-8", "replace").decode("utf-8")
    style = '"' if not clean.isprintable() else None
    # Inside brackets PyYAML quotes what a flow map needs quoted; outside it that is harmless.
    line = yaml.dump(
        [clean],
        Dumper=yaml.SafeDumper,
        default_style=style,
        default_flow_style=True,
        allow_unicode=True,
        width=math.inf,
    )
    return line.strip()[1:-1]


def _reads_as_text(value: str) -> bool:
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag == _TEXT


def usd(value: Decimal, *, exact: bool = False) -> str:
    """US dollars: 4 decimals, or 2 significant digits where 4 decimals would show less; never a false 0.

    `exact` keeps 10 decimals, or 4 significant digits.
    """
    decimals, digits = (10, 4) if exact else (4, 2)
    return _number(value, decimals, digits)


def share(value: Decimal) -> str:
    """A share of the whole, 0 to 1, with 2 decimals."""
    return _number(value, 2, 1)


def number(value: float | Decimal) -> str:
    """A count, a score or seconds; a count beyond any sense is cut to its size."""
    if isinstance(value, int) and abs(value) < _HUGE:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, Decimal) and -4 <= int(value.as_tuple().exponent) <= 0 and abs(value) < _HUGE:
        return f"{value:f}"  # a score as it was given: 1.0 stays 1.0
    return _number(Decimal(str(value)), 4, 2)


def _number(value: Decimal, decimals: int, digits: int) -> str:
    if not value:
        return "0"
    size = value.adjusted()
    places = decimals if size >= digits - 1 - decimals else digits - 1 - size
    if size >= len(str(_HUGE)) - 1 or size < -10:
        return _scientific(value, digits)
    shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _WIDE)
    plain = f"{shown:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _scientific(value: Decimal, digits: int) -> str:
    """YAML 1.1 reads `1.0e-12` as a number, and neither `1e-12` nor `1.0e12`."""
    mantissa, _, exponent = f"{value:.{max(1, digits - 1)}e}".partition("e")
    return f"{mantissa}e{int(exponent):+03d}"


def flow(value: Any, *, exact: bool = False) -> str:
    """Any plain value in flow style on one line. A Decimal is money."""
    if isinstance(value, Mapping):
        pairs = (f"{text(str(key)[:KEY])}: {flow(item, exact=exact)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Decimal):
        return usd(value, exact=exact)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item, exact=exact) for item in value) + "]"
    return text(str(value))


def clip(value: str, length: int) -> str:
    """A string cut to that many characters; the cut is shown."""
    return value if len(value) <= length else value[: max(0, length - 1)] + "…"
