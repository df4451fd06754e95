"""Money, tokens and time as a person reads them. Rounded here and nowhere before."""

from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal

UNKNOWN = "-"
UNPRICED = "unpriced"
THIN = "\u202f"
"""A narrow space between groups of three digits: it reads as one number and cannot be taken for a decimal sign."""

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)


def usd(amount: Decimal | None) -> str:
    """`$12.35`, `$0.0214`; tiny amounts keep two significant digits; a positive amount is never `$0.00`.

    None is an amount that is not known, which is not 0.
    """
    if amount is None:
        return UNPRICED
    if not amount.is_finite():
        return "$?"
    if amount == 0:
        return "$0"
    if not -12 < amount.adjusted() < 15:
        return f"${amount:.1e}"
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    rounded = _round(size, _places(size))
    rounded = _round(rounded, _places(rounded))  # 0.99999 has become 1.0000, which is shown as 1.00
    return f"{sign}${rounded:,f}".replace(",", THIN)


def _places(size: Decimal) -> int:
    if size >= 1:
        return 2
    return max(4, 1 - size.adjusted())


def _round(size: Decimal, places: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(-places), context=_EXACT)


def tokens(count: int | None) -> str:
    """All digits, in groups: `48 211`."""
    return UNKNOWN if count is None else f"{count:,}".replace(",", THIN)


def tokens_short(count: int | None) -> str:
    """At most five characters up to a billion: `812`, `48.2k`, `3.1M`."""
    if count is None:
        return UNKNOWN
    if abs(count) < 1000:
        return str(count)
    for unit, size in (("k", 10**3), ("M", 10**6), ("G", 10**9)):
        value = count / size
        if abs(value) < 99.95:
            return f"{value:.1f}{unit}"
        if abs(value) < 999.5 or unit == "G":
            return f"{value:.0f}{unit}"
    return str(count)


def seconds(value: float | None) -> str:
    """`38 ms`, `41.2 s`, `3m 07s`, `2h 05m`, `3d 04h`."""
    if value is None or value < 0:
        return UNKNOWN
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    minutes = round(value / 60)
    if minutes < 24 * 60:
        return f"{minutes // 60}h {minutes % 60:02d}m"
    hours = round(value / 3600)
    return f"{hours // 24}d {hours % 24:02d}h"


def share(part: Decimal | None) -> str:
    """A part of one as a percentage: `36 %`, `0.4 %`."""
    if part is None:
        return UNKNOWN
    percent = part * 100
    if percent == 0:
        return "0 %"
    if abs(percent) < Decimal("0.1"):
        return "< 0.1 %"
    return f"{percent:.1f} %" if abs(percent) < 1 else f"{percent:.0f} %"


def moment(at_ns: int, zone: tzinfo | None = None, *, short: bool = False) -> str:
    """Epoch nanoseconds as `2026-03-01 14:05:09`, or `03-01 14:05`, in `zone` (None: the reader's own)."""
    try:
        when = datetime.fromtimestamp(at_ns // 10**9, tz=UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "?"
    return when.strftime("%m-%d %H:%M" if short else "%Y-%m-%d %H:%M:%S")


def iso(at_ns: int) -> str | None:
    """Epoch nanoseconds as ISO 8601 in UTC, to the microsecond; None where no calendar reaches."""
    whole, rest = divmod(at_ns, 10**9)
    try:
        return datetime.fromtimestamp(whole, tz=UTC).replace(microsecond=rest // 1000).isoformat()
    except (OverflowError, ValueError, OSError):
        return None
