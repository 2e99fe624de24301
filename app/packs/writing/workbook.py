"""A sheet's rows as a workbook (XLSX). What writes it is large and seldom needed: import this where it is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

#: What the file says of when it was made; the same posts give the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_WIDE, _NARROW = 60, 16
_TOP, _BOLD = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_WIDE_COLUMNS = ("text", "link")


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
