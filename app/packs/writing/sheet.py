"""Posts as a Focusweek sheet: the same rows as CSV and as XLSX, which the importer reads back unchanged."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from app.packs.cells import Link, guarded, write_lines, write_links, write_list, write_moment

#: The columns of every sheet; those of the texts per network stand behind `text`.
_BEFORE = ("key", "week", "section", "resource", "text")
_AFTER = ("link", "image", "alt", "language", "pins", "tags", "platforms", "at")
#: Columns that only stand there where a post has something to say in them.
_WHERE_NEEDED = ("accounts", "left_out")
_QUOTED = re.compile('[",;\t\r\n]')
#: What the file says of when it was made; the same posts give the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_WIDE, _NARROW = 60, 16
_TOP, _BOLD = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_WIDE_COLUMNS = ("text", "link")


@dataclass(frozen=True, slots=True)
class SheetPost:
    """A post as a sheet holds it. `at` is aware; `images` are (address, alt text)."""

    key: str
    week: int
    text: str
    language: str
    section: str = ""
    resource: str = ""
    variants: dict[str, str] = field(default_factory=dict)
    links: Sequence[Link] = ()
    images: Sequence[tuple[str, str]] = ()
    pins: Sequence[date] = ()
    tags: Sequence[str] = ()
    platforms: Sequence[str] | None = None
    accounts: Sequence[str] | None = None
    left_out: str | None = None
    at: datetime | None = None


def sheet_rows(posts: Sequence[SheetPost], zone: ZoneInfo) -> list[list[str]]:
    """Return the header and a row for each post, as texts; moments are told in the campaign's zone."""
    networks = sorted({network for post in posts for network in post.variants})
    extra = [name for name in _WHERE_NEEDED if any(getattr(post, name) is not None for post in posts)]
    header = [*_BEFORE, *(f"text_{network}" for network in networks), *_AFTER, *extra]
    return [header, *([_cell(post, column, zone) for column in header] for post in posts)]


def _cell(post: SheetPost, column: str, zone: ZoneInfo) -> str:
    if column.startswith("text_"):
        return post.variants.get(column.removeprefix("text_"), "")
    made = {
        "week": lambda: str(post.week),
        "link": lambda: write_links(post.links),
        "image": lambda: write_lines(url for url, _ in post.images),
        "alt": lambda: write_lines(" ".join(alt.split()) for _, alt in post.images).rstrip("\n"),
        "pins": lambda: write_list([pin.isoformat() for pin in post.pins]),
        "tags": lambda: write_list(post.tags),
        "platforms": lambda: write_list(post.platforms),
        "accounts": lambda: write_list(post.accounts),
        "left_out": lambda: post.left_out or "",
        "at": lambda: write_moment(post.at, zone),
    }
    return made[column]() if column in made else str(getattr(post, column))


def csv_bytes(rows: Iterable[Sequence[str]], *, formula_safe: bool = True) -> bytes:
    """Return rows as CSV (RFC 4180) in UTF-8. A cell that a spreadsheet would calculate gets an apostrophe in front."""
    lines = (",".join(_csv_cell(guarded(cell) if formula_safe else cell) for cell in row) for row in rows)
    return "".join(f"{line}\r\n" for line in lines).encode()


def _csv_cell(text: str) -> str:
    # A semicolon is quoted as well: some spreadsheets part cells at it and would calculate what follows.
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


def xlsx_bytes(rows: Sequence[Sequence[str]], *, title: str) -> bytes:
    """Return rows as a workbook of one sheet in which every cell is text and none a formula.

    Line breaks are line feeds there, and what XML cannot hold is left out.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for place, name in enumerate(rows[0]):
        letter = _letter(place)
        sheet.column_dimensions[letter].width = _WIDE if name.startswith(_WIDE_COLUMNS) else _NARROW
    for number, row in enumerate(rows):
        sheet.append([_xlsx_cell(sheet, text, bold=number == 0) for text in row])
    made = io.BytesIO()
    book.save(made)
    return _without_time(made.getvalue())


def _xlsx_cell(sheet: Any, text: str, *, bold: bool) -> Any:  # noqa: ANN401 - as openpyxl declares them
    if not text:
        return None
    cell: Any = WriteOnlyCell(sheet, value=_NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    # Said outright: whatever it begins with, it is text and no formula, number or date.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = _TOP
    if bold:
        cell.font = _BOLD
    return cell


def _letter(place: int) -> str:
    """Return a column's letters: A, B, ..., Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _without_time(content: bytes) -> bytes:
    """Return a workbook without the moment at which it was made."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in given.namelist():
            data = given.read(name)
            if name == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\2", data)
            kept.writestr(zipfile.ZipInfo(name, _NO_TIME), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
