"""Health as the start page and the command line show it: what is wrong, and the schedulers that there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.clock import utc_text
from app.services.health import Health


def health_view(health: Health) -> dict[str, Any]:
    """Return the reasons why the work does not go on as it should, and the schedulers with their last ticks."""
    look = health.look()
    beats = () if look.facts is None else look.facts.beats
    return {
        "reasons": [asdict(reason) for reason in health.reasons(look)],
        "schedulers": [
            {
                "name": beat.scheduler,
                "started": utc_text(beat.started_at),
                "last_tick": utc_text(beat.beat_at),
                "next_due": None if beat.next_due_at is None else utc_text(beat.next_due_at),
                "trouble": beat.trouble,
            }
            for beat in beats
        ],
    }
