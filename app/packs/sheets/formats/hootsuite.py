"""Hootsuite's bulk composer: date and time, message, link, as a rule without headings; on five-minute marks."""

from __future__ import annotations

import re

from app.packs.sheets.columns import Column, Layout, header_of, letters
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.formats.finishing import append_link
from app.packs.sheets.moments import Forms
from app.packs.sheets.tabular import Rules, read_rows
from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, RowDraft, RowError, Sheet

_DATE = re.compile(r"\s*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{1,2}-\d{1,2})[ T,]+\d{1,2}:\d{2}.*", re.DOTALL)
_HEADINGS = {
    "at": {"date", "date and time", "datetime", "date/time", "date & time", "time", "scheduled time", "schedule"},
    "text": {"message", "text", "post", "content"},
    "appended_link": {"link", "url", "link (optional)", "links"},
}
_PLACES = ("at", "text", "appended_link")
_CALLED = ("Date", "Message", "Link")
_MARK = 5
_MOST_COLUMNS = 3
_LOOKED_AT = 20


def _headings(sheet: Sheet) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(header_of(sheet)):
        for field, names in _HEADINGS.items():
            if heading.lower() in names:
                found.setdefault(field, place)
    return found if {"at", "text"} <= found.keys() else {}


def _dated(sheet: Sheet, first: int, place: int) -> float:
    """Return the share of rows that begin with a date and time."""
    rows = sheet.rows[first : first + _LOOKED_AT]
    return sum(bool(_DATE.fullmatch(row.cell(place))) for row in rows) / len(rows) if rows else 0.0


def _score(sheet: Sheet) -> int:
    if found := _headings(sheet):
        others = len([heading for heading in header_of(sheet) if heading]) - len(found)
        return 85 if not others else 30
    width = max(len(row.cells) for row in sheet.rows)
    if not _DATE.fullmatch(sheet.rows[0].cell(0)) and _dated(sheet, 1, 0) < 1:
        return 0
    share = _dated(sheet, 0, 0)
    return round(90 * share) if width <= _MOST_COLUMNS and share else round(50 * share)


def _layout(sheet: Sheet) -> Layout:
    places = _headings(sheet)
    headings = header_of(sheet) if places else _CALLED
    if not places:
        places = {field: place for place, field in enumerate(_PLACES)}
    first = 1 if headings != _CALLED or header_of(sheet) == _CALLED else 0
    columns = tuple(Column(place, headings[place], field) for field, place in places.items())
    used = set(places.values())
    width = max(len(row.cells) for row in sheet.rows)
    unused = [
        (headings[place] if place < len(headings) else "") or letters(place)
        for place in range(width)
        if place not in used and any(row.cell(place).strip() for row in sheet.rows)
    ]
    return Layout(columns, first, (*unused, *sheet.others), headings)


def _finish(draft: RowDraft, target: ImportTarget) -> None:
    append_link(draft, target)
    at = draft.values.get("at")
    if at is not None and (at.minute % _MARK or at.second):
        message = "Hootsuite's times are on five-minute marks (:00, :05, :10 ...)."
        draft.errors.append(RowError(draft.row, _CALLED[0], "at.not_on_mark", message))
    if "at" in draft.values and at is None:
        draft.errors.append(RowError(draft.row, _CALLED[0], "at.missing", "The row has no date and time."))


_RULES = Rules(Forms.ISO | Forms.NUMBERS, most=350, finish=_finish)


def _read(sheet: Sheet, options: ReadOptions, target: ImportTarget) -> Reading:
    return read_rows("hootsuite", sheet, _layout(sheet), options, target, _RULES)


FORMAT = SheetFormat(
    "hootsuite",
    "Hootsuite",
    "It has three columns: date and time (01/11/2027 14:30), message, link; headings are not needed.",
    _score,
    _read,
)
