"""Language tags (BCP 47)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def for_tag(known: Mapping[str, T], tag: str) -> T | None:
    """Return what is known for a tag such as `es-PR`, else for its primary subtag; keys are in lower case."""
    tag = tag.lower()
    return known.get(tag) or known.get(tag.split("-")[0])
