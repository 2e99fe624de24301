"""CSV files, whatever parts their cells, with cells of several lines."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from app.packs.sheets.encodings import decoded
from app.packs.sheets.refusals import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    refuse_other_kinds,
    refused,
    too_long,
    too_many_columns,
    too_many_rows,
)
from app.packs.sheets.values import Sheet, SheetRow

_DELIMITERS = ",;\t|"
_SAMPLE = 65_536
_SAMPLE_ROWS = 40


def csv_sheet(content: bytes) -> Sheet:
    """Return the sheet in a CSV file.

    Raises:
        RefusedFile: It is no text, or no table of a size and shape that posts have.
    """
    refuse_other_kinds(content)
    text, encoding = decoded(content)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refused(f"Line {line} has a NUL character, as no text has.", "Save the file again as CSV UTF-8.")
    delimiter = _delimiter(text)
    return Sheet("csv", tuple(_rows(text, delimiter)), encoding, delimiter)


def _rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    """Yield the rows with something in them; empty ones count, as they do in a spreadsheet."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, line = 0, 1
    try:
        for cells in reader:
            number += 1
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                if number > MOST_ROWS + 1:
                    raise too_many_rows()
                if len(cells) > MOST_COLUMNS:
                    raise too_many_columns(number)
                if max(map(len, cells)) > LONGEST_CELL:
                    raise too_long(number)
                yield SheetRow(number, tuple(cells), line)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            raise too_long(number + 1) from None
        raise refused(
            f"Row {number + 1} (from line {line} on) cannot be read: {_why(error)}.",
            'A cell with a quotation mark in it stands between quotation marks, its own ones doubled: "a ""b""".',
        ) from None


def _why(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quotation mark opens a cell, and none closes it"
    return "something stands behind the quotation mark that closes a cell"


def _delimiter(text: str) -> str:
    """Return what parts the cells: what gives most rows the same number of cells, and more than one."""
    sample = text[:_SAMPLE]
    return max(_DELIMITERS, key=lambda delimiter: (_regularity(sample, delimiter), -_DELIMITERS.index(delimiter)))


def _regularity(sample: str, delimiter: str) -> tuple[float, int]:
    widths: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if cells:
                widths.append(len(cells))
            if len(widths) == _SAMPLE_ROWS:
                break
    except csv.Error:
        # The sample may end within a cell; what was read until then counts.
        pass
    if not widths or widths[0] < 2:  # noqa: PLR2004 - one cell is parted by nothing
        return 0.0, 0
    width, rows = Counter(widths).most_common(1)[0]
    return (rows / len(widths), width) if width > 1 else (0.0, 0)
