"""Workbooks (XLSX): the first sheet that has something in it, every cell as text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook

from app.errors import RefusedFile
from app.packs.sheets.hostile import refuse_hostile_workbook
from app.packs.sheets.refusals import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    refused,
    too_long,
    too_many_columns,
    too_many_rows,
)
from app.packs.sheets.values import Sheet, SheetRow


def xlsx_sheet(content: bytes, name: str) -> Sheet:
    """Return the first sheet of a workbook that has anything in it.

    A cell with a formula is a fault of its row: what it would show is not known here, and is never calculated.

    Raises:
        RefusedFile: The workbook is damaged, too large, or made to do harm.
    """
    refuse_hostile_workbook(content, name)
    book = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            return _first_sheet(book)
    except RefusedFile:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a library makes of a broken file
        raise refused(
            f"The workbook is damaged and cannot be read ({type(error).__name__}).",
            "Save it again as XLSX or CSV in a spreadsheet.",
        ) from None
    finally:
        if book is not None:
            book.close()


def _first_sheet(book: Any) -> Sheet:  # noqa: ANN401 - openpyxl's own type says less
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or list(book.worksheets)
    for sheet in sheets:
        # What a sheet says of its own size need not be so, and is not what is read.
        sheet.reset_dimensions()
        rows = tuple(_rows(sheet))
        if rows:
            return Sheet("xlsx", rows, others=tuple(one.title for one in book.worksheets if one is not sheet))
    return Sheet("xlsx", ())


def _rows(sheet: Any) -> Iterator[SheetRow]:  # noqa: ANN401 - as above
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if len(cells) > MOST_COLUMNS and any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
            raise too_many_columns(number)
        row = _row(number, cells[:MOST_COLUMNS])
        if row is None:
            continue
        if number > MOST_ROWS + 1:
            raise too_many_rows()
        yield row


def _row(number: int, cells: Sequence[Any]) -> SheetRow | None:
    texts: list[str] = []
    faults: list[tuple[int, str, str]] = []
    for place, cell in enumerate(cells):
        value = cell.value
        if value is None:
            texts.append("")
            continue
        if cell.data_type == "f":
            faults.append((place, "cell.formula", "The cell has a formula. Put in what it shows, as plain text."))
            texts.append("")
            continue
        if cell.data_type == "e":
            faults.append((place, "cell.error", f"The cell shows the error {str(value)[:20]}."))
            texts.append("")
            continue
        text = value if isinstance(value, str) else _text(value)
        if len(text) > LONGEST_CELL:
            raise too_long(number)
        texts.append(text)
    while texts and not texts[-1].strip():
        texts.pop()
    return SheetRow(number, tuple(texts), faults=tuple(faults)) if texts or faults else None


def _text(value: object) -> str:
    """Return a number or date as a person would write it; dates as ISO 8601, so that no order is open."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _moment((value + timedelta(milliseconds=500)).replace(microsecond=0))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}" if value.second == 0 else f"{value:%H:%M:%S}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _moment(value: datetime) -> str:
    if value.time() == time():
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m-%d %H:%M}" if value.second == 0 else f"{value:%Y-%m-%d %H:%M:%S}"
