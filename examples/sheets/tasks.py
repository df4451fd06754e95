"""The tasks: real workbooks made from a seed, what is asked of each, and the values that answer it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import openpyxl

REGIONS = ("North", "South", "East", "West")
MATERIALS = ("Oak", "Pine", "Steel", "Glass", "Linen", "Wool", "Cork", "Brass", "Stone", "Reed")
THINGS = ("Lamp", "Desk", "Chair", "Shelf", "Clock", "Rug")
PRODUCTS = tuple(f"{material}{thing}" for thing in THINGS for material in MATERIALS)
SOLD = 6
"""How many of the products a data sheet sells: enough rows of each."""
NAMES = ("Orders", "Sales 2025", "Ledger", "Shipments")
COLUMNS = ("ID", "Region", "Product", "Units", "Price", "Amount", "Remark")
REMARKS = (
    "delivered to the loading dock, countersigned by the night shift",
    "collected by the customer, packaging returned the same week",
    "sent in two parts, the second one arrived a day behind the first",
    "invoice sent by post, reminder not yet due, discount as agreed",
)
DATA, PRICES, SUMMARY = "data", "Prices", "Summary"

Expected = Mapping[str, str | int | float]
Split = Literal["evolve", "held-out"]
SPLITS: tuple[Split, ...] = ("evolve", "held-out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the data sheet."""

    id: int
    region: str
    product: str
    units: int
    price: float
    remark: str

    @property
    def amount(self) -> float:
        return round(self.units * self.price, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What a workbook holds before the agent touches it."""

    data_name: str
    rows: tuple[Row, ...]
    prices: Mapping[str, float]

    def save(self, path: Path) -> None:
        """Write the .xlsx file: notes, data, price list and an empty summary."""
        book = openpyxl.Workbook(write_only=True)
        notes = book.create_sheet("Notes")
        notes.append(["Figures as exported; ask the warehouse about late rows."])
        data = book.create_sheet(self.data_name)
        data.append(COLUMNS)
        for row in self.rows:
            data.append([row.id, row.region, row.product, row.units, row.price, row.amount, row.remark])
        prices = book.create_sheet(PRICES)
        prices.append(["Product", "Price"])
        for item in self.prices.items():
            prices.append(item)
        summary = book.create_sheet(SUMMARY)
        summary.append(["Figure", "Value"])
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTask:
    """One thing to do in one workbook. `expected` maps `Sheet!A1` to the value that must stand there."""

    name: str
    kind: str
    split: Split
    request: str
    book: Book
    expected: Expected

    def prepare(self, folder: Path) -> Path:
        """A fresh workbook for one run of the task."""
        path = folder / f"{self.name}.xlsx"
        self.book.save(path)
        return path


def _total(book: Book, draw: random.Random, cell: str) -> tuple[str, Expected]:
    region = draw.choice(REGIONS)
    value = round(sum(row.amount for row in book.rows if row.region == region), 2)
    return f"Put the total Amount of all rows whose Region is {region} into Summary!{cell}.", {f"Summary!{cell}": value}


def _lookup(book: Book, draw: random.Random, cell: str) -> tuple[str, Expected]:
    product = draw.choice(PRODUCTS)
    ask = f"Look up the Price of the Product {product} in the sheet 'Prices' and put it into Summary!{cell}."
    return ask, {f"Summary!{cell}": book.prices[product]}


def _count(book: Book, draw: random.Random, cell: str) -> tuple[str, Expected]:
    product = draw.choice(book.rows).product
    value = sum(row.product == product for row in book.rows)
    return f"Count the rows whose Product is {product} and put the count into Summary!{cell}.", {
        f"Summary!{cell}": value
    }


def _average(book: Book, draw: random.Random, cell: str) -> tuple[str, Expected]:
    product = draw.choice(book.rows).product
    units = [row.units for row in book.rows if row.product == product]
    ask = f"Put the average Units of all rows whose Product is {product}, to 2 decimals, into Summary!{cell}."
    return ask, {f"Summary!{cell}": round(sum(units) / len(units), 2)}


def _top(book: Book, _draw: random.Random, cell: str) -> tuple[str, Expected]:
    totals: dict[str, float] = {}
    for row in book.rows:
        totals[row.region] = totals.get(row.region, 0) + row.amount
    ask = f"Put the name of the Region with the largest total Amount into Summary!{cell}."
    return ask, {f"Summary!{cell}": max(totals, key=lambda region: totals[region])}


def _share(book: Book, draw: random.Random, cell: str) -> tuple[str, Expected]:
    region = draw.choice(REGIONS)
    whole = sum(row.amount for row in book.rows)
    part = sum(row.amount for row in book.rows if row.region == region)
    ask = (
        f"Put the percentage of the total Amount that falls to the Region {region}, to 1 decimal, into Summary!{cell}."
    )
    return ask, {f"Summary!{cell}": round(100 * part / whole, 1)}


def _fill(book: Book, draw: random.Random, _cell: str) -> tuple[str, Expected]:
    rate = draw.choice((0.05, 0.07, 0.1, 0.12, 0.19, 0.2, 0.25))
    last = FILL_ROWS + 1
    ask = f"Fill H2:H{last} of '{book.data_name}' with the tax of each row: its Amount times {rate}, to 2 decimals."
    values = {
        f"{book.data_name}!H{n}": round(row.amount * rate, 2) for n, row in enumerate(book.rows[:FILL_ROWS], start=2)
    }
    return ask, values


Maker = Callable[[Book, random.Random, str], tuple[str, Expected]]
KINDS: dict[str, Maker] = {
    "total": _total,
    "lookup": _lookup,
    "count": _count,
    "average": _average,
    "top": _top,
    "share": _share,
    "fill": _fill,
}
FILL_ROWS = 3
NAMED = 0.6
"""How many requests say which sheet holds the figures."""
COUNT, SEED = 24, 200
"""One of the seeds under which both splits meet every kind of weather often enough to tell it from chance."""


def make_tasks(count: int = COUNT, seed: int = SEED) -> list[SheetTask]:
    """`count` tasks, the same for the same seed: five in eight to evolve on, the rest held out, kinds in turn."""
    kinds = list(KINDS)
    evolve = count * 5 // 8
    return [
        make_task(n, kinds[(n - 1) % len(kinds)], "evolve" if n <= evolve else "held-out", seed)
        for n in range(1, count + 1)
    ]


def make_task(number: int, kind: str, split: Split, seed: int) -> SheetTask:
    """The task of that number and kind; its workbook and request depend on the seed alone."""
    draw = random.Random(f"{seed}/{number}/{kind}")
    book = _book(draw)
    request, expected = KINDS[kind](book, draw, f"B{draw.randint(2, 9)}")
    if "'" not in request and draw.random() < NAMED:
        request += f" The figures are in the sheet '{book.data_name}'."
    return SheetTask(name=f"sheet-{number:02}", kind=kind, split=split, request=request, book=book, expected=expected)


def _book(draw: random.Random) -> Book:
    prices = {product: draw.randint(400, 9900) / 100 for product in PRODUCTS}
    sold = draw.sample(PRODUCTS, SOLD)
    rows = []
    for n in range(draw.randint(120, 200)):
        product = draw.choice(sold)
        region = draw.choice(REGIONS)
        units, remark = draw.randint(1, 40), draw.choice(REMARKS)
        rows.append(Row(id=1001 + n, region=region, product=product, units=units, price=prices[product], remark=remark))
    return Book(data_name=draw.choice(NAMES), rows=tuple(rows), prices=prices)
