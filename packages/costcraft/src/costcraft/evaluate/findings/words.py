"""Words and figures as every report writes them. Pure."""

from decimal import Decimal
from math import floor, log10

from costcraft.evaluate.statistics.interval import Estimate, points, usd_says


def counted(count: int, one: str, more: str | None = None) -> str:
    """`1 run`, `2 runs`, `12,000 runs`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def percent(part: int, whole: int) -> str:
    """A share; a dash where there is nothing to share."""
    return f"{Decimal(100 * part) / whole:.1f}%" if whole else "-"


def usd(amount: Decimal | float | None) -> str:
    """USD; `unpriced` where it is not known."""
    if amount is None:
        return "unpriced"
    sign = "-" if amount < 0 else ""
    return sign + usd_says(abs(Decimal(amount)))


def usd_change(found: Estimate | None) -> str:
    """A difference in USD with its interval, signed, to three figures of the largest."""
    if found is None or found.value is None:
        return "not known"
    whole = [each for each in (found.value, found.low, found.high) if each is not None]
    places = places_of(*whole)
    value = _signed(found.value, places)
    if found.low is None or found.high is None:
        return f"{value} (no interval)"
    return f"{value} ({_signed(found.low, places)} to {_signed(found.high, places)})"


def ratio(found: Estimate) -> str:
    """A ratio with its interval, short: `0.61 (0.52 to 0.71)`."""
    if found.value is None:
        return "not defined"
    if found.low is None and found.high is None:
        return f"{found.value:.3g} (no interval)"
    low = "0" if found.low is None else f"{found.low:.3g}"
    high = "no limit" if found.high is None else f"{found.high:.3g}"
    return f"{found.value:.3g} ({low} to {high})"


def rate_change(found: Estimate) -> str:
    """A difference of success rates in points with its interval."""
    if found.value is None:
        return "not defined"
    if found.low is None or found.high is None:
        return f"{points(found.value)} (no interval)"
    return f"{points(found.value)} ({points(found.low)} to {points(found.high)})"


def p_value(p: float | None) -> str:
    """A p-value for a table."""
    if p is None:
        return "-"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def usd_to(amount: Decimal, places: int) -> str:
    """USD to so many places; what is there and rounds to 0 is not written as 0."""
    written = f"{amount:.{places}f}"
    return f"< ${Decimal(1).scaleb(-places):f}" if amount > 0 and not Decimal(written) else f"${written}"


def places_of(*amounts: Decimal | float) -> int:
    """Decimal places that show three figures of the largest amount; at least two, as USD have."""
    largest = max((abs(float(each)) for each in amounts), default=0.0)
    return min(12, max(2, 2 - floor(log10(largest)))) if largest else 2


def _signed(amount: float, places: int) -> str:
    written = f"{abs(amount):.{places}f}"
    return f"${written}" if not float(written) else f"{'-' if amount < 0 else '+'}${written}"
