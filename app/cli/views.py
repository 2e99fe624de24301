"""How values look as JSON and as words on the command line."""

from __future__ import annotations

from typing import Any

from app.composing.values import Composition


def parts_view(composition: Composition) -> list[dict[str, Any]]:
    """Return the parts of a composition as JSON."""
    return [{"text": part.text, "length": part.length} for part in composition.parts]
