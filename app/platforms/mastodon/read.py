"""What readers see of a status: its HTML as text, and where its links lead. Pure, and linear on any input."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from app.platforms.mastodon.payload import html_to_text, ref_of
from app.platforms.results import Seen

# As payload's scan, a tag ends at the next bracket of either kind; the standard library's parser can take far longer
# than linear time on hostile input.
_ANCHOR = re.compile(r"<[aA]\s([^<>]*)>")
_HREF = re.compile(r"(?<![^\s\"'])href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def seen_in(status: Mapping[str, Any], remote_id: str) -> Seen | None:
    """Return what readers see of a status as the server describes it, or None where it describes none, or another."""
    ref, content = ref_of(status), status.get("content")
    if ref is None or ref.remote_id != remote_id or not isinstance(content, str):
        return None
    return Seen(html_to_text(content), links_in(content))


def links_in(content: str) -> tuple[str, ...]:
    """Return the web addresses that the anchors of a status's HTML lead to, in their order."""
    found = (_HREF.search(anchor[1]) for anchor in _ANCHOR.finditer(content))
    targets = (_unescaped(match[1] or match[2] or match[3] or "") for match in found if match is not None)
    return tuple(target for target in targets if target.lower().startswith(("https://", "http://")))


def _unescaped(value: str) -> str:
    try:
        return html.unescape(value).strip()
    except ValueError:
        # A character reference with thousands of digits.
        return ""
