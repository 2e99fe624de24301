"""Pauses: a person stops an instance, organization, campaign, week or account, with a reason, from the next gate on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.errors import Conflict, InvalidInput
from app.models import Campaign, Pause
from app.services.scope import Scope
from app.services.voices import pack_of


def pause_campaign(scope: Scope, campaign: Campaign, *, reason: str, week: int | None = None) -> Pause:
    """Pause a campaign, or one of its focus weeks. It stays so until a person resumes it.

    Raises:
        Conflict: It is paused already.
        InvalidInput: No reason is given, or the campaign has no such week.
    """
    weeks = [entry.number for entry in pack_of(campaign).weeks]
    if week is not None and week not in weeks:
        raise InvalidInput(f"The campaign has no week {week}.", hint=f"Its weeks are {', '.join(map(str, weeks))}.")
    if not reason.strip():
        raise InvalidInput("A pause needs a reason.", hint="Say in a few words why, for whoever finds it paused.")
    if any(pause.week == week for pause in pauses_of(scope, campaign)):
        raise Conflict("It is paused already.", hint="Resume it first to give another reason.")
    pause = Pause(
        organization_id=scope.organization_id,
        scope="campaign" if week is None else "week",
        campaign_id=campaign.id,
        week=week,
        reason=reason.strip(),
        started_by=scope.actor,
        started_at=scope.now,
    )
    scope.session.add(pause)
    scope.session.flush()
    return pause


def resume_campaign(scope: Scope, campaign: Campaign, *, week: int | None = None) -> Pause:
    """End a campaign's pause, or that of one of its weeks.

    Raises:
        Conflict: It is not paused.
    """
    for pause in pauses_of(scope, campaign):
        if pause.week == week:
            pause.ended_by, pause.ended_at = scope.actor, scope.now
            return pause
    raise Conflict("It is not paused.", hint="There is nothing to resume.")


def pauses_of(scope: Scope, campaign: Campaign) -> Sequence[Pause]:
    """Return the pauses of a campaign and its weeks that are in force."""
    query = select(Pause).where(
        Pause.organization_id == scope.organization_id, Pause.campaign_id == campaign.id, Pause.ended_at.is_(None)
    )
    return scope.session.scalars(query.order_by(Pause.id)).all()
