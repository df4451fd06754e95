"""Workbooks as values: what stands in each sheet, and the .xlsx file of it.

Thousands of runs each write and read one, so the file is written by hand, with nothing in it but cells: any program
that reads .xlsx opens it. It is read with openpyxl.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile, ZipInfo

import openpyxl

Cell = str | int | float | None
Row = Sequence[Cell]
Sheets = Mapping[str, Sequence[Row]]
"""Name -> rows, in the workbook's order."""

LETTERS = "ABCDEFGHIJ"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True, kw_only=True)
class Book:
    """What a workbook holds before the agent touches it."""

    sheets: Sheets

    @cached_property
    def file(self) -> bytes:
        """The .xlsx file."""
        return file_of(self.sheets)

    def save(self, path: Path) -> None:
        """Write the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.file)

    def records(self, names: Sequence[str]) -> list[dict[str, Cell]]:
        """The rows of the sheet that has one of these names, by column."""
        rows = next(rows for name, rows in self.sheets.items() if name in names)
        return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]

    @cached_property
    def cells(self) -> Mapping[str, Cell]:
        """Every cell that holds something, by `Sheet!A1`."""
        return MappingProxyType(dict(cells_in(self.sheets)))


def file_of(sheets: Sheets) -> bytes:
    """The .xlsx file of these sheets; the same sheets, the same bytes."""
    named = list(enumerate(sheets, start=1))
    entries = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in named)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n, _ in named
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in named
    )
    first = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>{parts}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELS}">{first}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELS}">{links}</Relationships>',
        **{part_of(n): _sheet(rows) for n, rows in enumerate(sheets.values(), start=1)},
    }
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(name), _HEAD + text)  # a ZipInfo has a fixed date
    return made.getvalue()


def part_of(number: int) -> str:
    """Where the sheet of that number stands in a file that was written here."""
    return f"xl/worksheets/sheet{number}.xml"


def _sheet(rows: Sequence[Row]) -> str:
    lines = [
        f'<row r="{n}">{"".join(_cell(f"{LETTERS[at]}{n}", value) for at, value in enumerate(row))}</row>'
        for n, row in enumerate(rows, start=1)
    ]
    widest = max((len(row) for row in rows), default=1)
    size = f'<dimension ref="A1:{LETTERS[max(widest, 1) - 1]}{max(len(rows), 1)}"/>'
    return f'<worksheet xmlns="{_MAIN}">{size}<sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


@lru_cache(maxsize=512)
def read_sheets(file: bytes) -> Sheets:
    """The sheets of a file. Raises what openpyxl raises where it is no workbook."""
    book = openpyxl.load_workbook(BytesIO(file), read_only=True)
    return MappingProxyType({page.title: tuple(page.iter_rows(values_only=True)) for page in book.worksheets})


def read_cells(file: bytes, given: Book) -> Mapping[str, Cell]:
    """Every cell that holds something. A sheet that stands there byte for byte as it was `given` is not read anew.

    Raises what openpyxl raises where it is no workbook.
    """
    book = openpyxl.load_workbook(BytesIO(file), read_only=True)
    names = list(given.sheets)
    if book.sheetnames != names:
        return dict(cells_in(read_sheets(file)))
    with ZipFile(BytesIO(file)) as here, ZipFile(BytesIO(given.file)) as there:
        own = set(here.namelist())
        same = {
            name: part_of(n) in own and here.read(part_of(n)) == there.read(part_of(n))
            for n, name in enumerate(names, start=1)
        }
    return dict(
        cells_in(
            {
                name: given.sheets[name] if same[name] else tuple(book[name].iter_rows(values_only=True))
                for name in names
            }
        )
    )


def cells_in(sheets: Sheets) -> Iterator[tuple[str, Cell]]:
    """Every cell that holds something, by `Sheet!A1`."""
    for name, rows in sheets.items():
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value is not None:
                    yield f"{name}!{LETTERS[column]}{number}", value
