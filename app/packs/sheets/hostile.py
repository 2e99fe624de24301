"""What a workbook (XLSX) must not be or hold, seen before a library opens it.

Bombs are refused by what they say of their size; what lies about that is caught by the archive's own check sums, since
no more is unpacked than was declared. Macros, document types and entities are refused wherever they stand.
"""

from __future__ import annotations

import io
import re
import zipfile

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from app.packs.sheets.refusals import refused

#: All that a workbook unpacks to, in bytes, and how often its packed size.
MOST_UNPACKED = 300_000_000
MOST_RATIO = 200
_SMALL = 1_000_000
_MOST_PARTS = 2000
_CHUNK = 1 << 20
_TYPES = "[Content_Types].xml"
_BOOK = "xl/workbook.xml"
_SAVE = "Save it as XLSX or CSV in a spreadsheet, and give that."
_MACROS = re.compile(r"vbaproject|xl/macrosheets/|activex|vbadata", re.IGNORECASE)
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_ENCODINGS = frozenset({b"utf-8", b"us-ascii", b"ascii", b"utf8"})
_XML = (".xml", ".rels")


def refuse_hostile_workbook(content: bytes, name: str) -> None:
    """Refuse a workbook that is a bomb, has macros, document types or entities, or is something else than XLSX.

    Raises:
        RefusedFile: It is.
    """
    if name.lower().endswith((".xlsm", ".xlsb", ".xltm", ".xlam")):
        raise _with_macros()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts, len(content))
            names = [part.filename for part in parts]
            _refuse_others(names)
            if any(_MACROS.search(part) for part in names):
                raise _with_macros()
            for part in parts:
                _look_through(archive, part)
            if b"macroEnabled" in archive.read(_TYPES):
                raise _with_macros()
            for known in (_TYPES, _BOOK):
                ElementTree.fromstring(archive.read(known), forbid_dtd=True)
    except DefusedXmlException:
        raise _declares_entities() from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, KeyError,
            ElementTree.ParseError, RuntimeError) as error:  # fmt: skip
        raise refused(f"The workbook is damaged and cannot be read ({type(error).__name__}).", _SAVE) from None


def _refuse_bomb(parts: list[zipfile.ZipInfo], size: int) -> None:
    if len(parts) > _MOST_PARTS:
        raise refused(f"The workbook has more than {_MOST_PARTS:,} parts.", _SAVE)
    if any(part.flag_bits & 1 for part in parts):
        raise refused("The workbook is locked with a password.", "Save it without one.")
    if len({part.filename for part in parts}) < len(parts):
        raise refused("The workbook has the same part twice.", _SAVE)
    whole = sum(part.file_size for part in parts)
    if whole > MOST_UNPACKED or (whole > _SMALL and whole > MOST_RATIO * size):
        raise refused(
            f"The workbook would unpack to {whole / 1_000_000:,.0f} MB, {whole // max(size, 1):,} times its size.",
            "It looks made to fill a machine's memory. " + _SAVE,
        )
    for part in parts:
        if part.file_size > _SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise refused(
                f"A part of the workbook would unpack to {part.file_size / 1_000_000:,.0f} MB from "
                f"{part.compress_size:,} bytes.",
                "It looks made to fill a machine's memory. " + _SAVE,
            )


def _refuse_others(names: list[str]) -> None:
    if "mimetype" in names and "content.xml" in names:
        raise refused("This is an OpenDocument file (.ods).", "Save it as XLSX or CSV, and give that.")
    if any(name.startswith("word/") for name in names):
        raise refused("This is a text document, not a spreadsheet.", "Draft a pack of it: focusweek pack draft FILE")
    if any(name.startswith("ppt/") for name in names):
        raise refused("This is a presentation, not a spreadsheet.", "Give a CSV or XLSX file.")
    if "xl/workbook.bin" in names:
        raise refused("This is a binary workbook (.xlsb).", _SAVE)
    if _TYPES not in names or _BOOK not in names:
        raise refused("This is an archive, not a spreadsheet.", "Give a CSV or XLSX file, or a pack (YAML, JSON).")


def _look_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack a part without keeping it: its size is what it says, and if it is XML it declares nothing."""
    is_xml = part.filename.lower().endswith(_XML)
    tail = b""
    with archive.open(part) as opened:
        while chunk := opened.read(_CHUNK):
            if not is_xml:
                continue
            if not tail:
                _refuse_odd_encoding(chunk)
            if _DECLARED.search(tail + chunk):
                raise _declares_entities()
            tail = chunk[-16:] or b" "


def _refuse_odd_encoding(start: bytes) -> None:
    """Refuse XML that is not UTF-8: in another encoding, what it declares could not be seen."""
    declared = _ENCODING.search(start[:200])
    if not start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or (
        declared is not None and declared[1].lower() not in _ENCODINGS
    ):
        raise refused("A part of the workbook is in another encoding than UTF-8.", _SAVE)


def _declares_entities() -> Exception:
    return refused("The workbook declares XML entities or a document type, as no spreadsheet does.", _SAVE)


def _with_macros() -> Exception:
    return refused("The workbook has macros (or may have), which are never opened here.", _SAVE)
