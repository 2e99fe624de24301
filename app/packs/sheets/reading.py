"""Bytes to a sheet, and a sheet (or pack) to the drafts of posts."""

from __future__ import annotations

from app.errors import InvalidInput
from app.packs.sheets.csv_sheets import csv_sheet
from app.packs.sheets.formats import PACK, chosen_format, format_of
from app.packs.sheets.pack_posts import is_pack, read_pack_posts
from app.packs.sheets.refusals import refuse_large
from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, Sheet


def read_sheet(content: bytes, name: str) -> Sheet:
    """Return the sheet in a CSV or XLSX file; `name` is the file's.

    Raises:
        RefusedFile: It is no such file, too large, damaged, or made to do harm.
    """
    refuse_large(content)
    sheet = _workbook(content, name) if content.startswith(b"PK") else csv_sheet(content)
    if not sheet.rows:
        raise InvalidInput("The file is empty.", hint="Give a file with a row for each post.")
    return sheet


def read_posts(content: bytes, name: str, options: ReadOptions, target: ImportTarget) -> Reading:
    """Return the posts in a file, each with what is wrong in it; nothing is dropped.

    Raises:
        RefusedFile: The file is not read at all.
        InvalidPack: It is a pack, and no valid one.
        InvalidInput: It is not of the format that is named, or a column's field is none.
    """
    if options.format == PACK or (options.format is None and is_pack(content, name)):
        refuse_large(content)
        return read_pack_posts(content, name, target)
    if options.format is not None:
        # A name that is none is said before anything is read.
        format_of(options.format)
    sheet = read_sheet(content, name)
    return chosen_format(sheet, options).read(sheet, options, target)


def _workbook(content: bytes, name: str) -> Sheet:
    # What reads workbooks is large and seldom needed: a running service does without it until then.
    from app.packs.sheets.xlsx_sheets import xlsx_sheet  # noqa: PLC0415 - as said above

    return xlsx_sheet(content, name)
