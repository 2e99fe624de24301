"""The formats: one small module each, and a line here."""

from __future__ import annotations

import difflib

from app.errors import InvalidInput
from app.packs.sheets.formats import ayrshare, buffer, focusweek, hootsuite, own, sprout
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.values import ReadOptions, Sheet

PACK = "pack"
FORMATS: tuple[SheetFormat, ...] = (
    focusweek.FORMAT,
    buffer.FORMAT,
    hootsuite.FORMAT,
    sprout.FORMAT,
    ayrshare.FORMAT,
    own.FORMAT,
)
#: The names that a person may give.
NAMES = (*(form.slug for form in FORMATS), PACK)


def format_of(slug: str) -> SheetFormat:
    """Return the format with this name.

    Raises:
        InvalidInput: There is none.
    """
    found = next((form for form in FORMATS if form.slug == slug.lower()), None)
    if found is None:
        near = difflib.get_close_matches(slug.lower(), NAMES, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InvalidInput(f"There is no format {slug[:40]!r}.", hint=f"{meant}Known: {', '.join(NAMES)}.")
    return found


def chosen_format(sheet: Sheet, options: ReadOptions) -> SheetFormat:
    """Return the format that is named, an agency's own where columns are mapped, else the one most alike.

    Raises:
        InvalidInput: There is no such format, or the sheet is plainly not of the one that is named.
    """
    if options.format is not None:
        form = format_of(options.format)
        if form.score(sheet) == 0:
            raise InvalidInput(f"The file is not as {form.name} has them.", hint=form.looks)
        return form
    if options.columns is not None:
        return own.FORMAT
    return max(FORMATS, key=lambda form: form.score(sheet))
