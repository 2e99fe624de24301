"""A plan's fingerprint: what was previewed is what is committed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256

from app.planning.values import Existing, LeftOut, Planned, Unplaced

_FORM = "focusweek-plan-1"


def plan_digest(
    placed: Sequence[Planned],
    unplaced: Sequence[Unplaced],
    left_out: Sequence[LeftOut],
    superfluous: Sequence[Existing],
) -> str:
    """Return the SHA-256, in hexadecimal, of everything in a plan but the wording of its messages."""
    content = {
        "form": _FORM,
        "placed": [
            [one.post, one.account, one.platform, one.week, one.occurrence, one.local.isoformat(), one.utc.isoformat()]
            for one in placed
        ],
        "unplaced": [[one.post, one.account, one.platform, one.week, one.occurrence, one.reason] for one in unplaced],
        "left_out": [[one.post, one.account, one.occurrence, one.reason] for one in left_out],
        "superfluous": [
            [one.post, one.account, one.occurrence, one.due_at.astimezone(UTC).isoformat(), one.movable]
            for one in superfluous
        ],
    }
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode("ascii")).hexdigest()
