"""What readers see of a record: its text, and where its facets lead. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.platforms.bluesky.payload import ref_of
from app.platforms.results import Seen


def seen_in(answer: Mapping[str, Any], remote_id: str) -> Seen | None:
    """Return what readers see of a record as the server gives it, or None where it gives none, or another."""
    ref, value = ref_of(answer), answer.get("value")
    if (
        ref is None
        or ref.remote_id != remote_id
        or not isinstance(value, dict)
        or not isinstance(value.get("text"), str)
    ):
        return None
    return Seen(value["text"], tuple(_links(value.get("facets"))))


def _links(facets: object) -> Iterator[str]:
    for facet in facets if isinstance(facets, list) else ():
        features = facet.get("features") if isinstance(facet, dict) else None
        for feature in features if isinstance(features, list) else ():
            uri = feature.get("uri") if isinstance(feature, dict) else None
            if isinstance(uri, str):
                yield uri
