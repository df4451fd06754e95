"""Domain B, `stock`: codes of items go beside labels, as text with their leading zeros."""

import random
from collections.abc import Callable, Mapping

from examples.planted.books import Book, Cell, Row
from examples.planted.ledger import FIRST, LAST, PLACES, Made, both_parts

TARGET, LEVELS, ARCHIVE, DRIVERS = "Picklist", "Levels", "Old stock", "Drivers"
NAMES = ("Inventory", "Goods", "Stock list", "Warehouse 3")
COLUMNS = ("No", "Code", "Item", "Bin", "Shelf", "Weight", "Remark")
ITEMS = tuple(
    f"{material}{thing}" for thing in ("Lamp", "Desk", "Chair", "Rug") for material in ("Oak", "Pine", "Cork")
)
BINS = ("A-1", "A-11", "B-2", "B-22", "C-3", "C-33")
TWINS = (("A-1", "A-11"), ("B-2", "B-22"), ("C-3", "C-33"))
"""Bins whose names are almost the same."""
SHELVES = ("upper", "lower", "middle", "corner", "floor", "rack", "cage", "gate")
REMARKS = (
    "counted by hand in the last week of the month, label renewed",
    "wrapped in film, keep dry, two persons are needed to lift it",
    "came back from the fair with scratches, still to be looked at",
    "reserved by telephone, confirmation is on its way by letter",
)
NOTES = ("the driver signs for it at the ramp", "printed on the green slip in two copies", "goes with the morning van")
BATCH = "Batch"
BOX = 4
"""What is booked out leaves in whole boxes of so many."""


def booked(units: int) -> int:
    """What really leaves the stock when so many units are booked out."""
    return -(-units // BOX) * BOX


def make_book(draw: random.Random) -> Book:
    """A stock list of 36 to 58 rows, an old one as large, levels, and the labels of a pick list."""
    levels: list[Row] = [("Item", "Units"), *((name, draw.randint(30, 90)) for name in ITEMS)]
    labels = [*(f"{name} code" for name in ITEMS), *(f"{name} left" for name in ITEMS)]
    labels += [*(f"{bin_} code" for bin_ in BINS), *(f"{name} rows" for name in SHELVES), BATCH]
    draw.shuffle(labels)
    target: list[Row] = [("Label", "Value", None, "Note"), *((name, None, None, draw.choice(NOTES)) for name in labels)]
    return Book(
        sheets={
            "Notes": [("List as exported; ask the warehouse about late rows.",)],
            draw.choice(NAMES): _rows(draw, 1),
            ARCHIVE: _rows(draw, 301),
            DRIVERS: _drivers(draw),
            "Packs": [("Name", "Value"), (BATCH, f"0{draw.randint(10000, 99999)}"), ("Box", BOX)],
            LEVELS: levels,
            TARGET: target,
        }
    )


def _rows(draw: random.Random, first: int) -> list[Row]:
    rows: list[Row] = [COLUMNS]
    codes = draw.sample(range(100, 9999), 60)
    for n in range(draw.randint(36, 58)):
        item = ITEMS[n] if n < len(ITEMS) else f"{draw.choice(ITEMS)}-{n}"
        bin_ = BINS[n] if n < len(BINS) else f"{draw.choice('DEFG')}-{n}"
        code, weight = f"{codes[n]:06}", draw.randint(10, 900) / 10
        rows.append((first + n, code, item, bin_, draw.choice(SHELVES), weight, draw.choice(REMARKS)))
    shuffled = rows[1:]
    draw.shuffle(shuffled)
    return [rows[0], *shuffled]


def _drivers(draw: random.Random) -> list[Row]:
    rows: list[Row] = [("Firm", "Driver", "Van")]
    for place in draw.sample(PLACES, 24):
        driver = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        rows.append((f"{place} Carriers", driver, f"{place[:2].upper()}-{draw.choice(LAST)[:3].upper()} {place[2:]}"))
    return rows


def _code(book: Book, by: str, value: str) -> Cell:
    return next(row["Code"] for row in book.records(NAMES) if row[by] == value)


def _codes(book: Book, by: str, values: tuple[str, ...]) -> Made:
    asks = [f"Put the Code of the {by} {value} beside '{value} code'." for value in values]
    return Made(" ".join(asks), {f"{value} code": _code(book, by, value) for value in values})


def _one(book: Book, draw: random.Random) -> Made:
    return _codes(book, "Item", (draw.choice(ITEMS),))


def _pair(book: Book, draw: random.Random) -> Made:
    return _codes(book, "Bin", draw.choice(TWINS))


def _halves(book: Book, draw: random.Random) -> Made:
    shelf = draw.choice(sorted(both_parts([str(row["Shelf"]) for row in book.records(NAMES)])))
    count = sum(row["Shelf"] == shelf for row in book.records(NAMES))
    ask = f"Count the rows whose Shelf is {shelf} and put the count beside '{shelf} rows'."
    return Made(f"{ask} The figures have {len(book.records(NAMES)) + 1} rows.", {f"{shelf} rows": count})


def _settle(book: Book, draw: random.Random) -> Made:
    ask, values, _ = _codes(book, "Item", tuple(draw.sample(ITEMS, 4)))
    batch = next(row[1] for row in book.sheets["Packs"] if row[0] == BATCH)
    first = f"Take the {BATCH} from the sheet Packs first."
    return Made(f"{first} {ask} Put the {BATCH} beside '{BATCH}' last.", {**values, BATCH: batch})


def _book_out(book: Book, draw: random.Random) -> Made:
    item = draw.choice(ITEMS)
    level = next(int(str(row[1])) for row in book.sheets[LEVELS] if row[0] == item)
    ask = f"Book out half of the Units of {item} in the sheet {LEVELS}, rounded down, and put what is left"
    left = level - booked(level // 2)
    row = next(n for n, (each, _) in enumerate(book.sheets[LEVELS], start=1) if each == item)
    return Made(f"{ask} beside '{item} left'.", {f"{item} left": left}, {f"{LEVELS}!B{row}": left})


KINDS: Mapping[str, Callable[[Book, random.Random], Made]] = {
    "one": _one,
    "pair": _pair,
    "settle": _settle,
    "book": _book_out,
    "halves": _halves,
}
