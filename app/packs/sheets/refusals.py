"""What no honest spreadsheet holds is refused whole, before anything of it is read."""

from __future__ import annotations

from app.errors import RefusedFile

#: The largest file, in bytes.
LARGEST_FILE = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200
#: What a cell of a spreadsheet holds at most, in characters.
LONGEST_CELL = 32_767


def refused(message: str, hint: str) -> RefusedFile:
    """Return the error for a file that is not read."""
    return RefusedFile(message, hint=hint)


def refuse_large(content: bytes) -> None:
    """Refuse a file that is too large.

    Raises:
        RefusedFile: It is.
    """
    if len(content) > LARGEST_FILE:
        raise refused(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.", "Import it in several files.")


def too_many_rows() -> RefusedFile:
    """Return the error for a sheet with too many rows."""
    return refused(f"The sheet has more than {MOST_ROWS:,} rows.", "Import it in several files.")


def too_many_columns(row: int) -> RefusedFile:
    """Return the error for a row with too many columns."""
    return refused(
        f"Row {row} has more than {MOST_COLUMNS} columns.", "Keep the columns that belong to posts, and save it again."
    )


def too_long(row: int) -> RefusedFile:
    """Return the error for a cell that is too long."""
    return refused(
        f"A cell of row {row} has more than {LONGEST_CELL:,} characters.",
        "No post is as long. If it is a CSV file, see whether a quotation mark that opens a cell is never closed.",
    )


#: What other files begin with, and what they are.
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x1f\x8b", "a compressed file"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuse_other_kinds(content: bytes) -> None:
    """Refuse what is plainly no CSV file.

    Raises:
        RefusedFile: It is something else, or has NUL characters in it.
    """
    if content.startswith(_OLD_OFFICE):
        raise refused(
            "This is a workbook of an old Excel (.xls), or one that is locked with a password.",
            "Save it as XLSX without a password, or as CSV.",
        )
    start = content[:64].lstrip()
    for mark, what in _OTHERS:
        if start[: len(mark)].lower() == mark.lower() and not (mark == b"MZ" and content.isascii()):
            raise refused(f"This is {what}, not a spreadsheet.", "Give a CSV or XLSX file, or a pack (YAML, JSON).")
