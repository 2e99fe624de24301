"""The packs that come with Focusweek: in the source tree under `seeds/`, in a wheel under `app/_bundled/seeds/`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from app.errors import NotFound
from app.packs.reading import read_pack
from app.packs.schema import Pack

#: The pack that is used where none is named.
DEFAULT_PACK = "hhs-htpm-2023"

_APP = Path(__file__).resolve().parents[1]
_FOLDERS = (_APP.parent / "seeds", _APP / "_bundled" / "seeds")


def bundled_pack_path(key: str = DEFAULT_PACK) -> Path:
    """Return the file of a bundled pack.

    Raises:
        NotFound: No pack of that key comes with Focusweek.
    """
    known = sorted({path.stem for folder in _FOLDERS for path in folder.glob("*.yaml")})
    if key not in known:
        raise NotFound(f"no pack named {key!r} comes with Focusweek", hint=f"Bundled: {', '.join(known) or 'none'}.")
    return next(path for folder in _FOLDERS if (path := folder / f"{key}.yaml").is_file())


@lru_cache(maxsize=16)  # files of an installation do not change while it runs
def bundled_pack(key: str) -> Pack:
    """Return a bundled pack by its key, read once.

    Raises:
        NotFound: No pack of that key comes with Focusweek.
    """
    return read_pack(bundled_pack_path(key))


def default_pack() -> Pack:
    """Return the default pack, read once."""
    return bundled_pack(DEFAULT_PACK)
