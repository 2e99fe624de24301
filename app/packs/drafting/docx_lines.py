"""A Word file's paragraphs and tables as lines. Links come out as Markdown writes them, as in a text file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from docx import Document
from docx.table import Table
from docx.text.hyperlink import Hyperlink
from docx.text.paragraph import Paragraph

from app.errors import InvalidInput
from app.packs.drafting.lines import BULLET, Line

_MOST_ENTRIES = 5_000
_MOST_BYTES = 100_000_000
#: A part that unpacks to so many times its size is made to fill the memory; real ones stay below a tenth of it.
_MOST_TIMES, _SMALL = 200, 1_000_000
_HEADING = re.compile(r"heading ([1-9])|title", re.IGNORECASE)
_DEEPEST = 3


def docx_lines(content: bytes, name: str) -> tuple[Line, ...]:
    """Return a DOCX file's lines in reading order.

    Raises:
        InvalidInput: It is none, has macros, or unpacks to far more than it should.
    """
    _refuse_harmful(content, name)
    try:
        document = Document(io.BytesIO(content))
        return tuple(_lines(document.iter_inner_content()))
    except Exception as error:  # noqa: BLE001 - whatever the library meets in a broken file
        raise InvalidInput(
            f"{name} cannot be read as a Word file ({type(error).__name__}).", hint="Open it in Word and save it again."
        ) from None


def _refuse_harmful(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise InvalidInput(f"{name} is a broken archive.", hint="Save the toolkit as DOCX again.") from None
    names = {entry.filename for entry in entries}
    if "word/document.xml" not in names:
        raise InvalidInput(f"{name} is no Word file.", hint="Give a text, DOCX or PDF file.")
    if any(entry.lower().endswith("vbaproject.bin") for entry in names):
        raise InvalidInput(f"{name} has macros.", hint="Save it as DOCX, which has none.")
    swollen = any(
        entry.file_size > _SMALL and entry.file_size > _MOST_TIMES * max(1, entry.compress_size) for entry in entries
    )
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES or swollen:
        raise InvalidInput(f"{name} unpacks to far more than a toolkit holds.", hint="Save it without pictures.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise InvalidInput(f"{name} is locked by a password.", hint="Save it unlocked.")


def _lines(blocks: Iterator[Paragraph | Table], before: str = "", depth: int = 0) -> Iterator[Line]:
    paragraphs = tables = 0
    for block in blocks:
        if isinstance(block, Paragraph):
            paragraphs += 1
            yield from _paragraph(block, f"{before}paragraph {paragraphs}")
        elif depth < _DEEPEST:
            tables += 1
            for number, row in enumerate(block.rows, start=1):
                for cell in row.cells:
                    yield from _lines(cell.iter_inner_content(), f"{before}table {tables}, row {number}, ", depth + 1)


def _paragraph(paragraph: Paragraph, where: str) -> Iterator[Line]:
    style = (paragraph.style.name if paragraph.style is not None else "") or ""
    heading = _HEADING.match(style)
    text = "".join(_piece(piece) for piece in paragraph.iter_inner_content())
    listed = style.lower().startswith("list") or _is_numbered(paragraph)
    for at, part in enumerate(text.split("\n")):
        bullet = at == 0 and heading is None and (listed or BULLET.match(part) is not None)
        # A blank line says where one paragraph ends: the lines inside one belong together.
        yield Line(where, part, int(heading[1] or 1) if heading and part.strip() else None, bullet)
    yield Line(where, "")


def _piece(piece: object) -> str:
    if isinstance(piece, Hyperlink):
        visible, address = piece.text, piece.url
        return f"[{visible}]({address})" if address and visible and visible != address else visible
    return str(getattr(piece, "text", ""))


def _is_numbered(paragraph: Paragraph) -> bool:
    properties = paragraph._p.pPr  # noqa: SLF001 - the library's own way to what it has no name for
    return properties is not None and properties.numPr is not None
