"""The office the clerk works in: a real workbook, notes, customers, exports, rates; and the tools on them."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from examples.sheets.tasks import PRODUCTS, REGIONS, REMARKS
from examples.sheets.tools import SheetError, SheetTools

from tests.golden.labels.clerk.notes import CITIES, PEOPLE, make_notes, search

SURNAMES = ("Meyer", "Meier", "Maier", "Larsen", "Larson", "Novak", "Nowak", "Smith", "Smyth")
TRADES = ("Trading", "Logistics", "Timber")
CURRENCIES = ("USD", "GBP", "SEK", "PLN", "CZK", "CHF")


class World:
    """Everything there is, made from one random source."""

    def __init__(self, draw: random.Random, folder: Path) -> None:
        """Write the workbook into `folder`."""
        self._draw = draw
        self.rows = [
            (
                1001 + n,
                draw.choice(REGIONS),
                draw.choice(PRODUCTS[:12]),
                units := draw.randint(1, 40),
                price := draw.randint(400, 9900) / 100,
                round(units * price, 2),
                draw.choice(REMARKS) if draw.random() < 0.5 else "",
            )
            for n in range(draw.choice((12, 25, 40, 60, 90, 140, 220, 320)))
        ]
        self.stock = {product: draw.randint(0, 900) for product in PRODUCTS[: draw.randint(8, 40)]}
        self.path = folder / "office.xlsx"
        self._save()
        self.sheets = SheetTools(self.path)
        self.notes = make_notes(draw, draw.randint(15, 70))
        self.customers = self._make_customers()
        self.rates = {currency: round(draw.uniform(0.2, 12), 4) for currency in CURRENCIES}
        self.exports: dict[str, list[str]] = {}
        self.logs = {month: self._make_log(month) for month in draw.sample(range(1, 13), 3)}
        self.fails = draw.random() * 0.6
        """How often the rates' server does not answer."""
        self.told = draw.random() < 0.6
        """Whether the tools say of themselves which of them only read."""

    def _save(self) -> None:
        book = openpyxl.Workbook(write_only=True)
        orders = book.create_sheet("Orders")
        orders.append(["ID", "Region", "Product", "Units", "Price", "Amount", "Remark"])
        for row in self.rows:
            orders.append(row)
        stock = book.create_sheet("Stock")
        stock.append(["Product", "Pieces", "Shelf"])
        for n, (product, pieces) in enumerate(self.stock.items()):
            stock.append([product, pieces, f"{'ABCDEF'[n % 6]}{n + 11}"])
        book.create_sheet("Summary").append(["Figure", "Value"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        book.save(self.path)

    def _make_customers(self) -> dict[str, str]:
        draw, found = self._draw, {}
        for number in range(draw.randint(6, 24)):
            name = f"{draw.choice(SURNAMES)} {draw.choice(TRADES)}"
            name = f"{name} {draw.randint(1, 3)}" if draw.random() < 0.4 else name
            found[name] = (
                f"id: C-{4000 + 17 * number}\nname: {name}\ncity: {draw.choice(CITIES)}\n"
                f"terms: net {draw.choice((10, 14, 30, 45, 60))}\ncredit limit: {draw.randint(10, 990) * 100} EUR\n"
                f"contact: {draw.choice(PEOPLE)}\nextension: {draw.randint(200, 999)}\n"
                f"customer since: 20{draw.randint(10, 25)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            )
        return found

    def _make_log(self, month: int) -> list[tuple[str, str]]:
        """Lines of the gate's log: the pallet, and what stands in the log."""
        draw, lines = self._draw, []
        for n in range(draw.choice((10, 30, 80, 150, 300))):
            pallet = f"PQ-{draw.randint(1000, 9999)}{draw.choice('KLMN')}"
            day, gate = 1 + n * 27 // 300, draw.randint(1, 9)
            at = f"2026-{month:02}-{day:02} {draw.randint(6, 21):02}:{draw.randint(0, 59):02}"
            lines.append((pallet, f"{at} gate {gate} pallet {pallet} {draw.randint(900, 9999) / 10} kg"))
        return lines

    def reading(self) -> list[Callable[..., str]]:
        """Tools that change nothing."""
        sheets = self.sheets
        found = [sheets.list_sheets, sheets.read_sheet, sheets.read_range, self.search_notes, self.open_note]
        return [*found, self.read_log, self.find_customer, self.export_status, self.fetch_rate, self.calculate]

    def writing(self) -> list[Callable[..., str]]:
        """Tools that change something."""
        return [self.sheets.write_cell, self.start_export]

    def search_notes(self, query: str) -> str:
        """Search the office's notes by words."""
        return search(self.notes, query)

    def open_note(self, note: str) -> str:
        """Open one note by its number, such as N-104."""
        if note not in self.notes:
            raise SheetError(f"there is no note {note!r}")
        known = self.notes[note]
        return f"{known.name}\n{known.title}\n\n{known.text}"

    def read_log(self, month: int) -> str:
        """Read the whole log of the gate of one month, 1 to 12."""
        if month not in self.logs:
            raise SheetError(f"there is no log of month {month}; there are: {', '.join(map(str, self.logs))}")
        return "\n".join(line for _, line in self.logs[month])

    def find_customer(self, name: str) -> str:
        """The record of one customer, by the exact name."""
        if name not in self.customers:
            near = [known for known in self.customers if known.split()[0][:2] == name[:2]]
            raise SheetError(f"no customer is called {name!r}; similar names: {', '.join(near) or 'none'}")
        return self.customers[name]

    def start_export(self, sheet: str) -> str:
        """Start the export of a sheet to the archive. It takes a while; ask for its status."""
        number = f"E{len(self.exports) + 31}"
        steps = sorted(self._draw.sample(range(1, 99), self._draw.randint(0, 6)))
        told = [f"export {number} of {sheet}: {step} % done" for step in steps]
        stuck = [line for line in told for _ in range(self._draw.choice((1, 1, 1, 2, 3)))]
        lines = len(self.rows) if sheet == "Orders" else len(self.stock)
        self.exports[number] = [*stuck, f"export {number} of {sheet}: ready, {lines} lines, archive A-{lines * 7 + 3}"]
        return f"export {number} was queued"

    def export_status(self, export: str) -> str:
        """How far an export is."""
        told = self.exports.get(export)
        if told is None:
            raise SheetError(f"there is no export {export!r}")
        return told.pop(0) if len(told) > 1 else told[0]

    def fetch_rate(self, currency: str, day: str) -> str:
        """The exchange rate of a currency to EUR on a day."""
        if currency not in self.rates:
            raise SheetError(f"unknown currency {currency!r}; known: {', '.join(self.rates)}")
        if self._draw.random() < self.fails:
            raise SheetError("the server of the rates did not answer: timed out after 30 s")
        return f"1 EUR = {self.rates[currency]} {currency} ({day}, reference rate)"

    def calculate(self, left: float, sign: str, right: float) -> str:
        """Work out left sign right; sign is one of + - * /."""
        sums: dict[str, Callable[[float, float], float]] = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "/": lambda a, b: a / b,
        }
        if sign not in sums or (sign == "/" and not right):
            raise SheetError(f"cannot work out {left} {sign} {right}")
        return str(round(sums[sign](left, right), 4))

    def edit(self, product: str) -> None:
        """Somebody else changes the stock of a product, unseen."""
        page: Any
        book = openpyxl.load_workbook(self.path)
        page = book["Stock"]
        for row in page.iter_rows(min_row=2):
            if row[0].value == product:
                self.stock[product] = row[1].value = self._draw.randint(0, 900)
        book.save(self.path)
