"""What is sent to a Mastodon server, and how its answers read. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from app.platforms.results import RemoteRef

_ID = re.compile(r"[\x21-\x7e]{1,200}")
_ADDRESS = re.compile(r"https?://[\x21-\x7e]{1,2000}")


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
    """Return the reference of a status as the server describes it, or None where it names no usable id."""
    remote_id = status.get("id")
    if isinstance(remote_id, int) and not isinstance(remote_id, bool):
        remote_id = str(remote_id)
    if not isinstance(remote_id, str) or not _ID.fullmatch(remote_id):
        return None
    # The address is shown as a link, so it must be one; the status is out all the same.
    url = status.get("url") or status.get("uri")
    return RemoteRef(remote_id, url if isinstance(url, str) and _ADDRESS.fullmatch(url) else None)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are one post's: composed alike, white space at ends and its kind aside."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


# A tag ends at the next bracket of either kind, so the scan is linear on any input; Python's HTML parser is not.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>|<!--[^<>]*-->")


def html_to_text(content: str) -> str:
    """Return the text of a status's HTML: paragraphs and breaks as line ends, shortened links in full.

    Mastodon hides a link's scheme and tail in invisible spans, so the text of all spans is the link.
    """
    text = _TAG.sub(_as_text, content)
    try:
        return html.unescape(text).strip()
    except ValueError:
        # A character reference with thousands of digits: no post of ours has one, so nothing is lost.
        return text.strip()


def _as_text(tag: re.Match[str]) -> str:
    name = (tag[2] or "").lower()
    if name == "p":
        return "\n\n" if tag[1] else ""
    return "\n" if name == "br" else ""
