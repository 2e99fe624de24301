"""An agency's own spreadsheet: its headings are mapped to fields by a person, or by likeness and then confirmed."""

from __future__ import annotations

from app.packs.sheets.columns import checked_mapping, header_of, lay_out, suggested_mapping
from app.packs.sheets.fields import FIELDS
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.moments import Forms
from app.packs.sheets.tabular import Rules, read_rows
from app.packs.sheets.values import ImportTarget, Question, Reading, ReadOptions, Sheet

SLUG = "spreadsheet"
_RULES = Rules(Forms.ISO | Forms.NUMBERS)


def _score(_sheet: Sheet) -> int:
    return 10


def _read(sheet: Sheet, options: ReadOptions, target: ImportTarget) -> Reading:
    headings = header_of(sheet)
    if options.columns is not None:
        layout = lay_out(sheet, checked_mapping(options.columns, headings))
        return read_rows(SLUG, sheet, layout, options, target, _RULES)
    suggested = suggested_mapping(headings)
    reading = read_rows(SLUG, sheet, lay_out(sheet, suggested), options, target, _RULES)
    return Reading(
        SLUG, reading.rows, (_question(suggested), *reading.questions), reading.unused_columns, reading.encoding
    )


def _question(suggested: dict[str, str]) -> Question:
    if "text" in suggested.values():
        said = ", ".join(f"{heading}={field}" for heading, field in suggested.items())
        message = f"The file is of no known format. Are its columns these? {said}"
    else:
        message = "The file is of no known format, and none of its columns reads like a post's text. Which is which?"
    return Question("columns", message, "columns", FIELDS, suggested)


FORMAT = SheetFormat(SLUG, "A spreadsheet of your own", "Its first row are headings.", _score, _read)
