"""Domain A, `ledger`: amounts of regions go beside labels, as numbers."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from examples.planted.books import Book, Cell, Row

TARGET, RATES, ARCHIVE, CONTACTS = "Summary", "Rates", "Archive", "Contacts"
NAMES = ("Orders", "Sales 2025", "Ledger", "Shipments")
COLUMNS = ("ID", "Region", "Client", "Units", "Price", "Amount", "Remark")
REGIONS = ("North", "North-East", "South", "South-West", "East", "West")
TWINS = (("North", "North-East"), ("South", "South-West"))
"""Names that are almost the same, and are not."""
CLIENTS = ("Abel", "Borg", "Cato", "Dorn", "Egge", "Falk", "Gorm", "Hult")
ENDS = ("brook", "field", "ford", "ham", "wick", "worth")
REMARKS = (
    "delivered to the loading dock, countersigned by the night shift",
    "collected by the customer, packaging returned the same week",
    "sent in two parts, the second one arrived a day behind the first",
    "invoice sent by post, reminder not yet due, discount as agreed",
)
FIRST = ("Ada", "Bela", "Cleo", "Dario", "Edda", "Fina", "Gero", "Hanno", "Ilse", "Jorin")
LAST = ("Marbach", "Nordlund", "Ostberg", "Pellegrin", "Quandt", "Rosling", "Stavenow", "Tidemand", "Ulvang", "Vesper")
STREETS = ("Mill Lane", "Harbour Row", "Chapel Hill", "Station Yard", "Orchard Close", "Foundry Street")
PLACES = tuple(f"{start}{end}" for start in ("Ash", "Birch", "Elm", "Fern", "Heath", "Moss") for end in ENDS)
NOTES = (
    "as the quarterly report prints it",
    "checked by the auditor every spring",
    "goes to the board with the minutes",
)
SURCHARGE = "Surcharge"
PART = 30
"""Rows of a sheet that are read at once where it is read in parts."""
STEP = 0.25
"""Rates are kept in steps of this many percent, upwards."""


class Made(NamedTuple):
    """What a kind of task makes of a workbook."""

    request: str
    beside: Mapping[str, Cell]
    """Label -> the value that must stand beside it."""
    changed: Mapping[str, Cell] = {}
    """What must change elsewhere, by `Sheet!A1`."""


def kept(percent: float) -> float:
    """The rate that holds once this one was set."""
    steps = -(-round(percent * 100) // round(STEP * 100))
    return steps * STEP


def make_book(draw: random.Random) -> Book:
    """A ledger of 36 to 58 rows, last year's as large, rates, and the labels that figures go beside."""
    rates: list[Row] = [("Name", "Percent"), *((name, draw.randint(10, 70) * STEP) for name in REGIONS)]
    rates.append((SURCHARGE, draw.randint(1001, 3999) / 100))
    labels = [*(f"{name} total" for name in REGIONS), *(f"{name} rate" for name in REGIONS)]
    labels += [*(f"{name} rows" for name in CLIENTS), SURCHARGE]
    draw.shuffle(labels)
    target: list[Row] = [("Label", "Value", None, "Note"), *((name, None, None, draw.choice(NOTES)) for name in labels)]
    return Book(
        sheets={
            "Notes": [("Figures as exported; ask the office about late rows.",)],
            draw.choice(NAMES): _rows(draw, 1001),
            ARCHIVE: _rows(draw, 501),
            CONTACTS: _contacts(draw),
            RATES: rates,
            TARGET: target,
        }
    )


def _rows(draw: random.Random, first: int) -> list[Row]:
    rows: list[Row] = [COLUMNS]
    for n in range(draw.randint(36, 58)):
        units, price = draw.randint(1, 40), draw.randint(400, 9900) / 100
        amount = round(units * price, 2)
        region = REGIONS[n] if n < len(REGIONS) else draw.choice(REGIONS)
        rows.append((first + n, region, draw.choice(CLIENTS), units, price, amount, draw.choice(REMARKS)))
    return rows


def _contacts(draw: random.Random) -> list[Row]:
    rows: list[Row] = [("Office", "Person", "Mail")]
    for place in draw.sample(PLACES, 24):
        person = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        rows.append((f"{place} {draw.choice(STREETS)}", person, f"{person.split()[1].lower()}@{place.lower()}.example"))
    return rows


def _sum(book: Book, region: str) -> float:
    return round(sum(float(str(row["Amount"])) for row in book.records(NAMES) if row["Region"] == region), 2)


def _rate(book: Book, name: str) -> float:
    return next(float(str(row[1])) for row in book.sheets[RATES] if row[0] == name)


def _total(book: Book, draw: random.Random) -> Made:
    return _totals(book, (draw.choice(REGIONS),))


def _pair(book: Book, draw: random.Random) -> Made:
    return _totals(book, draw.choice(TWINS))


def _totals(book: Book, regions: tuple[str, ...]) -> Made:
    asks = [f"Put the total Amount of the Region {name} beside '{name} total'." for name in regions]
    return Made(" ".join(asks), {f"{name} total": _sum(book, name) for name in regions})


def _halves(book: Book, draw: random.Random) -> Made:
    client = draw.choice(sorted(both_parts([str(row["Client"]) for row in book.records(NAMES)])))
    count = sum(row["Client"] == client for row in book.records(NAMES))
    ask = f"Count the rows whose Client is {client} and put the count beside '{client} rows'."
    return Made(f"{ask} The figures have {len(book.records(NAMES)) + 1} rows.", {f"{client} rows": count})


def both_parts(values: Sequence[str]) -> set[str]:
    """What stands in the first rows as well as in the rest, where rows are read in two parts."""
    return set(values[: PART - 1]) & set(values[PART - 1 :])


def _settle(book: Book, draw: random.Random) -> Made:
    ask, values, _ = _totals(book, tuple(draw.sample(REGIONS, 4)))
    first = f"Take the {SURCHARGE} from the sheet {RATES} first."
    last = f"Put the {SURCHARGE} beside '{SURCHARGE}' last."
    return Made(f"{first} {ask} {last}", {**values, SURCHARGE: _rate(book, SURCHARGE)})


def _raise(book: Book, draw: random.Random) -> Made:
    name, more = draw.choice(REGIONS), draw.choice((0.5, 0.6, 0.7, 1.1, 1.3))
    ask = f"Raise the Percent of {name} in the sheet {RATES} by {more}, and put what then holds beside '{name} rate'."
    holds = kept(_rate(book, name) + more)
    row = next(n for n, (each, _) in enumerate(book.sheets[RATES], start=1) if each == name)
    return Made(ask, {f"{name} rate": holds}, {f"{RATES}!B{row}": holds})


KINDS: Mapping[str, Callable[[Book, random.Random], Made]] = {
    "total": _total,
    "pair": _pair,
    "settle": _settle,
    "raise": _raise,
    "halves": _halves,
}
