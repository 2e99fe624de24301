"""A PDF's text as lines, page by page, without what stands at the head and foot of every page."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence

from pypdf import PdfReader

from app.errors import InvalidInput
from app.packs.drafting.lines import BULLET, Line

_MOST_PAGES, _MOST_CHARACTERS = 500, 5_000_000
_PAGE_NUMBER = re.compile(r"(?:page\s+)?[0-9]{1,3}(?:\s*(?:/|of)\s*[0-9]{1,3})?", re.IGNORECASE)
#: A line that stands first or last on so many pages is no text.
_REPEATED_ON = 3


def pdf_lines(content: bytes, name: str) -> tuple[Line, ...]:
    """Return a PDF's lines in reading order, each with its page and its line there.

    Raises:
        InvalidInput: It is broken, locked by a password, or holds far more than a toolkit does.
    """
    pages = [page.splitlines() for page in _pages(content, name)]
    edges = Counter(line.strip() for page in pages for line in {*_edges(page)})
    repeated = {line for line, times in edges.items() if times >= _REPEATED_ON}
    found: list[Line] = []
    for number, page in enumerate(pages, start=1):
        for at, text in enumerate(page, start=1):
            if text.strip() in repeated or _PAGE_NUMBER.fullmatch(text.strip()):
                continue
            found.append(Line(f"page {number}, line {at}", text, bullet=BULLET.match(text) is not None))
    return tuple(found)


def _edges(page: Sequence[str]) -> list[str]:
    written = [line.strip() for line in page if line.strip()]
    return [written[0], written[-1]] if written else []


def _pages(content: bytes, name: str) -> list[str]:
    try:
        reader = PdfReader(io.BytesIO(content))
        locked = reader.is_encrypted
        count = 0 if locked else len(reader.pages)
    except Exception as error:  # noqa: BLE001 - whatever the library meets in a broken file
        raise _broken(name, error) from None
    if locked:
        raise InvalidInput(f"{name} is locked by a password.", hint="Save it unlocked.")
    if count > _MOST_PAGES:
        raise InvalidInput(
            f"{name} has {count:,} pages; {_MOST_PAGES} are read at most.", hint="Give the toolkit only."
        )
    texts: list[str] = []
    characters = 0
    for at in range(count):
        try:
            texts.append(reader.pages[at].extract_text())
        except Exception as error:  # noqa: BLE001 - as above
            raise _broken(name, error) from None
        characters += len(texts[-1])
        if characters > _MOST_CHARACTERS:
            raise InvalidInput(f"{name} holds more text than a toolkit does.", hint="Give the toolkit only.")
    return texts


def _broken(name: str, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"{name} cannot be read as a PDF ({type(error).__name__}).", hint="Print it to a new PDF, or save it as text."
    )
