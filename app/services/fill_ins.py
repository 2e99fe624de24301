"""A campaign's fill-ins as people see them: what is asked for, and what it is filled with."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import Campaign
from app.services.scope import Scope
from app.services.voices import fill_ins_of, pack_of


@dataclass(frozen=True, slots=True)
class FillInView:
    """A fill-in of the campaign's pack with its value (its own, else the organization's), or None while open."""

    key: str
    text: str
    label: str
    kind: str
    value: str | None


def fill_in_views(scope: Scope, campaign: Campaign) -> tuple[FillInView, ...]:
    """Return a campaign's fill-ins in the pack's order."""
    values = fill_ins_of(scope.session, campaign)
    return tuple(
        FillInView(entry.key, entry.text, entry.label, entry.kind, values.get(entry.key))
        for entry in pack_of(campaign).fill_ins
    )
