"""The record of a Bluesky post: text, facets with UTF-8 byte offsets, reply references. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.composing.values import Part
from app.platforms.results import RemoteRef

COLLECTION = "app.bsky.feed.post"
_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/app\.bsky\.feed\.post/([A-Za-z0-9._~:-]{1,512})")
_CID = re.compile(r"[A-Za-z0-9]{8,200}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def record_of(part: Part, *, language: str, now: datetime) -> dict[str, Any]:
    """Return the whole record but for `reply`, which only the parent's publication can tell; `now` is aware."""
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": part.text,
        "createdAt": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if _LANGUAGE.fullmatch(language):
        record["langs"] = [language]
    facets = facets_of(part)
    if facets:
        record["facets"] = facets
    return record


def facets_of(part: Part) -> list[dict[str, Any]]:
    """Return links and hashtags as facets, in the text's order; where two overlap, the first stands.

    The server accepts ranges past the text's end and such that cross, and then shows nothing: they are left out here.
    """
    link, tag = "app.bsky.richtext.facet#link", "app.bsky.richtext.facet#tag"
    wanted = [(found.span, {"$type": link, "uri": found.target}) for found in part.links]
    wanted += [(found.span, {"$type": tag, "tag": found.tag}) for found in part.hashtags]
    facets: list[dict[str, Any]] = []
    done_chars = done_bytes = 0
    for (start, end), feature in sorted(wanted, key=lambda item: item[0]):
        if not done_chars <= start < end <= len(part.text):
            continue
        byte_start = done_bytes + len(part.text[done_chars:start].encode())
        byte_end = byte_start + len(part.text[start:end].encode())
        facets.append({"index": {"byteStart": byte_start, "byteEnd": byte_end}, "features": [feature]})
        done_chars, done_bytes = end, byte_end
    return facets


def with_reply(record: Mapping[str, Any], root: RemoteRef | None, parent: RemoteRef | None) -> dict[str, Any] | None:
    """Return the record as it is sent; None where it continues a post whose cid is not known."""
    if parent is None:
        return dict(record)
    first = root or parent
    refs = {}
    for name, ref in (("root", first), ("parent", parent)):
        cid = ref.extra.get("cid")
        if not cid:
            return None
        refs[name] = {"uri": ref.remote_id, "cid": cid}
    return {**record, "reply": refs}


def ref_of(answer: Mapping[str, Any]) -> RemoteRef | None:
    """Return the reference in an answer with `uri` and `cid`, or None where it has none."""
    uri, cid = answer.get("uri"), answer.get("cid")
    if not isinstance(uri, str) or not isinstance(cid, str) or not _CID.fullmatch(cid):
        return None
    place = place_of(uri)
    if place is None:
        return None
    did, rkey = place
    return RemoteRef(uri, f"https://bsky.app/profile/{did}/post/{rkey}", {"cid": cid})


def place_of(uri: str) -> tuple[str, str] | None:
    """Return repository and record key of a post's URI, or None where it is none."""
    match = _URI.fullmatch(uri)
    return (match[1], match[2]) if match else None
