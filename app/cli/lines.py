"""JSON lines in and out: one object a line, UTF-8, a bad line named by its number."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from app.errors import InvalidInput, NotAllowed

#: A line longer than this is refused: it is no post. In bytes.
MAX_LINE_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of input: its number from 1, its id as it was given, its text, and its language if it names one."""

    number: int
    id: str | int
    text: str
    language: str | None = None


def standard_input() -> BinaryIO:
    """Return standard input as bytes.

    Raises:
        InvalidInput: It is closed.
    """
    if sys.stdin is None:
        raise InvalidInput("Standard input is closed.", hint="Give lines to read: focusweek check < texts.jsonl")
    return sys.stdin.buffer


def read_text_lines(stream: BinaryIO) -> Iterator[TextLine]:
    """Read `{"id","text"}` lines, and optionally `"language"`; empty lines are passed over.

    Raises:
        InvalidInput: A line is no such object; the message carries its number.
    """
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            raise _bad(number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield _parse(number, raw)


def _parse(number: int, raw: bytes) -> TextLine:
    try:
        value = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _bad(number, f"byte {error.start + 1} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _bad(number, f"this is no JSON: {error.msg} at character {error.pos + 1}") from None
    except (RecursionError, ValueError):
        raise _bad(number, "this JSON cannot be read: it is nested too deeply or holds too large a number") from None
    if not isinstance(value, dict):
        raise _bad(number, 'expected an object such as {"id": "1", "text": "..."}')
    for name in ("id", "text"):
        if name not in value:
            raise _bad(number, f'the field "{name}" is missing')
    if isinstance(value["id"], bool) or not isinstance(value["id"], str | int):
        raise _bad(number, '"id" must be a string or a whole number')
    if not isinstance(value["text"], str):
        raise _bad(number, '"text" must be a string')
    language = value.get("language")
    if language is not None and not isinstance(language, str):
        raise _bad(number, '"language" must be a string such as "en"')
    return TextLine(number, value["id"], value["text"], language)


def _bad(number: int, what: str) -> InvalidInput:
    return InvalidInput(
        f"Line {number}: {what}.", hint='Each line is one JSON object: {"id": "1", "text": "..."}.', line=number
    )


def spoken(instant: datetime | str | None) -> str:
    """Return an instant (aware, or ISO 8601 with its offset) for a person: to the second, in UTC; None is "nothing"."""
    if instant is None:
        return "nothing"
    known = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{known.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def write_json_line(value: object) -> None:
    """Write one JSON value as a line of standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def use_utf8_output() -> None:
    """Write UTF-8 whatever the locale; a lone surrogate of the input comes out as its JSON escape.

    Raises:
        NotAllowed: Standard output is closed, so that nobody would see a result.
    """
    if sys.stderr is None:
        # Without it Python would write messages to standard output, in the middle of results.
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - stays open as long as the process
    if sys.stdout is None:
        raise NotAllowed("Standard output is closed.", hint="Open it, or send it to a file: > result.jsonl")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
