"""JSON text of plain values. Decimals become text, so that no digit of an amount is lost on the way."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_json(value: Any) -> str:
    """JSON text with Decimals as strings. Anything a file held beyond JSON's own words is written as text."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=True, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    return _digits(value) if isinstance(value, Decimal) else str(value)


def _digits(value: Decimal) -> str:
    """Without an exponent, unless the number is beyond anything that money or a score can be."""
    return f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 40 else str(value)
