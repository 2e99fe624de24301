"""What is sent to a Mastodon server, and how its answers read. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from app.platforms.base import RemoteRef


def record_of(text: str, language: str) -> dict[str, Any]:
    """Return the status without what only the parent's publication can tell.

    The server takes ISO 639 codes, so a region is left out (`en-US` is `en`).
    """
    record: dict[str, Any] = {"status": text, "visibility": "public"}
    code = language.split("-", maxsplit=1)[0].split("_", maxsplit=1)[0].lower()
    if code.isascii() and code.isalpha() and len(code) in (2, 3):
        record["language"] = code
    return record


def body_of(record: Mapping[str, Any], parent: RemoteRef | None) -> dict[str, Any]:
    """Return the status as it is posted: the frozen record, and the status that it continues."""
    return dict(record) if parent is None else {**record, "in_reply_to_id": parent.remote_id}


def ref_of(status: Mapping[str, Any]) -> RemoteRef | None:
    """Return the reference of a status as the server describes it, or None where it names no id."""
    remote_id = status.get("id")
    if isinstance(remote_id, int) and not isinstance(remote_id, bool):
        remote_id = str(remote_id)
    if not isinstance(remote_id, str) or not remote_id:
        return None
    url = status.get("url") or status.get("uri")
    return RemoteRef(remote_id, url if isinstance(url, str) else None)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are one post's: composed alike, white space at ends and its kind aside."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("br", "p") and self.pieces:
            self.pieces.append("\n" if tag == "br" else "\n\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def html_to_text(html: str) -> str:
    """Return the text of a status's HTML: paragraphs and breaks as line ends, shortened links in full.

    Mastodon hides a link's scheme and tail in invisible spans, so the text of all spans is the link.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.pieces).strip()
