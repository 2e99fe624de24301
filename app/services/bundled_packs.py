"""The packs that come with Focusweek, each read once: files of an installation do not change while it runs."""

from __future__ import annotations

from functools import lru_cache

from app.packs.bundled import bundled_pack_path
from app.packs.reading import read_pack
from app.packs.schema import Pack


@lru_cache(maxsize=16)
def bundled_pack(key: str) -> Pack:
    """Return a bundled pack by its key.

    Raises:
        NotFound: No pack of that key comes with Focusweek.
    """
    return read_pack(bundled_pack_path(key))
