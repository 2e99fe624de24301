"""A toolkit's file as lines: text, Word (DOCX) or PDF, known by its content. What could do harm is refused first."""

from __future__ import annotations

from pathlib import Path

from charset_normalizer import from_bytes

from app.errors import InvalidInput
from app.packs.drafting.lines import BULLET, Line

#: The largest file that is read, in bytes.
LARGEST = 20_000_000
_MOST_LINES, _LONGEST_LINE = 100_000, 20_000
_OLD_WORD = b"\xd0\xcf\x11\xe0"


def read_toolkit(path: Path) -> tuple[Line, ...]:
    """Return a toolkit's lines.

    Raises:
        InvalidInput: There is no such file, it is of another kind, locked by a password, or made to do harm.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidInput(f"{path}: {reason}.", hint="Give a text, DOCX or PDF file.") from None
    return toolkit_lines(content, str(path))


def toolkit_lines(content: bytes, name: str) -> tuple[Line, ...]:
    """Return the lines of a toolkit's bytes; `name` is the file's, for messages.

    Raises:
        InvalidInput: See `read_toolkit`.
    """
    if len(content) > LARGEST:
        raise InvalidInput(f"{name} is larger than {LARGEST:,} bytes.", hint="Save it without pictures.")
    # What reads these is large and seldom needed: a running service does without it until then.
    if content.startswith(b"%PDF-"):
        from app.packs.drafting.pdf_lines import pdf_lines  # noqa: PLC0415 - as said above

        lines = pdf_lines(content, name)
    elif content.startswith(b"PK\x03\x04"):
        from app.packs.drafting.docx_lines import docx_lines  # noqa: PLC0415 - as said above

        lines = docx_lines(content, name)
    elif content.startswith(_OLD_WORD):
        raise InvalidInput(
            f"{name} is an old Word file, or one that is locked by a password.", hint="Save it as DOCX, unlocked."
        )
    else:
        lines = _text_lines(content, name)
    if len(lines) > _MOST_LINES or any(len(line.text) > _LONGEST_LINE for line in lines):
        raise InvalidInput(
            f"{name} has more than {_MOST_LINES:,} lines, or one of more than {_LONGEST_LINE:,} characters.",
            hint="This is no toolkit as people read it.",
        )
    if all(line.blank for line in lines):
        raise InvalidInput(f"{name} holds no text.", hint="A scanned PDF is a picture: have its text recognised first.")
    return lines


def _text_lines(content: bytes, name: str) -> tuple[Line, ...]:
    return tuple(
        Line(f"line {number}", text, bullet=BULLET.match(text) is not None)
        for number, text in enumerate(_decoded(content, name).splitlines(), start=1)
    )


def _decoded(content: bytes, name: str) -> str:
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInput(f"{name} is no text, DOCX or PDF file.", hint="Save the toolkit as one of these.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content).best()
    if best is None:
        raise InvalidInput(f"{name} is in no known encoding.", hint="Save it as UTF-8.")
    return str(best)
