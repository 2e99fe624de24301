"""Which Focusweek this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the version of the installed package; 0 where the source tree runs without being installed."""
    try:
        return metadata.version("focusweek")
    except metadata.PackageNotFoundError:
        return "0"
