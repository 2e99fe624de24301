"""A toolkit as lines: what each says, where it stands, and whether it is a heading or a point of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: What opens a point of a list; the private-use ones are how PDFs give the bullets of symbol fonts.
BULLET = re.compile(r"\s*(?:[-*\u2022\u25aa\u25cf\u25e6\u2023\u2043\uf0b7\uf0a7]|o(?=\s)|[0-9]{1,2}[.)])\s+(?=\S)")
_LONGEST_HEADING = 200
_MARKS = re.compile(r"^#{1,6}\s+|^\*\*(.+)\*\*$|\s+#+$")
#: An entry of a table of contents: leaders or a tab, then the page. "Error!" is what Word leaves of a lost one.
CONTENTS_ENTRY = re.compile(r"^(?P<title>\S.*?)(?:[ .\u2026]*\t+|[ ]*[.\u2026]{2,}\s*|\s{3,})(?:[0-9]{1,3}|Error!.*)$")
_ENDS_A_SENTENCE = re.compile(r"[.!?:;,]$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `level` is a heading's (1 is the highest), None where the file does not say that it is one."""

    where: str
    text: str
    level: int | None = None
    bullet: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing stands there."""
        return not self.text.strip()


def plain_heading(text: str) -> str:
    """Return a heading without Markdown's marks and footnote numerals."""
    text = text.strip()
    text = _MARKS.sub(lambda match: match[1] or "", text).strip()
    return re.sub(r"[\u2070-\u209f\u00b9\u00b2\u00b3]+$", "", text).strip()


def looks_like_heading(line: Line) -> bool:
    """Whether a line reads as a heading: short, no point of a list, no end of a sentence, no link or hashtag."""
    if line.level is not None:
        return True
    text = line.text.strip()
    if line.bullet or not text or len(text) > _LONGEST_HEADING:
        return False
    if text.startswith("#") and text.lstrip("#")[:1] == " ":
        return True
    return not _ENDS_A_SENTENCE.search(text) and "#" not in text and "://" not in text and "](" not in text


def same(text: str) -> str:
    """Return a heading as two ways to write it are compared: letters and digits only."""
    return re.sub(r"[\W_]+", "", plain_heading(text).casefold())


def contents_of(lines: Sequence[Line]) -> list[tuple[int, str]]:
    """Return the table of contents as (place of the line, heading)."""
    return [
        (place, match["title"].rstrip(" .\u2026\t"))
        for place, line in enumerate(lines)
        if not line.bullet and (match := CONTENTS_ENTRY.match(line.text.strip()))
    ]
