"""From bytes to text: what the file says of itself, UTF-8, UTF-16, and last what its bytes look like."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from app.packs.sheets.refusals import refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: So much is looked at where the encoding is guessed, in bytes.
_SAMPLE = 65_536
_LOOKED_AT = 4096
_FEWEST_LETTERS = 8
#: What spreadsheets of other decades and systems write.
_GUESSES = ["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030", "euc_kr", "big5"]
_SEVERAL_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MOST_NULS, _FEWEST_NULS = 0.3, 0.02


def decoded(content: bytes) -> tuple[str, str]:
    """Return a file's text without its byte order mark, and the encoding's name.

    Raises:
        RefusedFile: The bytes are not what the mark says, are of two encodings, or of none.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], name), name
    if (unmarked := _unmarked_utf16(content[:_LOOKED_AT])) is not None:
        return _strictly(content, unmarked), unmarked
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if _SEVERAL_BYTES.search(content):
            line = _line(content, error.start)
            raise refused(
                f"The file is partly UTF-8 and partly not: line {line} has the byte 0x{content[error.start]:02X}.",
                "Open it in a spreadsheet, see that every letter reads well, and save it as CSV UTF-8.",
            ) from None
    return _guessed(content)


def _strictly(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        raise refused(
            f"The file says that it is {name.upper()}, and is not from byte {error.start + 1:,} on.",
            "Save it again as CSV UTF-8.",
        ) from None


def _unmarked_utf16(content: bytes) -> str | None:
    """Return which UTF-16 it is where every other byte is 0, as it is for Latin letters."""
    half = len(content) // 2
    if half < _FEWEST_LETTERS or b"\0" not in content:
        return None
    even, odd = content[::2].count(0) / half, content[1::2].count(0) / half
    if odd > _MOST_NULS and even < _FEWEST_NULS:
        return "utf-16-le"
    return "utf-16-be" if even > _MOST_NULS and odd < _FEWEST_NULS else None


def _guessed(content: bytes) -> tuple[str, str]:
    sample = _telling(content)
    found = from_bytes(sample, cp_isolation=_GUESSES, enable_fallback=False)
    best = found.best()
    names = [] if best is None else [best.encoding]
    # Windows' own encoding wins where the other guess is no better: most old spreadsheets are from there.
    if best is None or not best.coherence or any(m.encoding == "cp1252" and m.chaos <= best.chaos for m in found):
        names.insert(0, "cp1252")
    for name in names:
        try:
            return content.decode(name), name
        except UnicodeDecodeError:
            continue
    raise refused("The file's letters are in no encoding that is known here.", "Save it again as CSV UTF-8.")


def _telling(content: bytes) -> bytes:
    """Return the lines that have other letters than ASCII's, as far as a sample goes."""
    if len(content) <= _SAMPLE:
        return content
    lines = [line for line in content.splitlines(keepends=True) if not line.isascii()]
    return b"".join(lines)[:_SAMPLE]


def _line(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1
