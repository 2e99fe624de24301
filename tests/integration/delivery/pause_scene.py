"""Short words for what people do about pauses on the engine's stage."""

from __future__ import annotations

from collections.abc import Mapping

from delivery_stage import Stage
from people import person
from sqlalchemy import select

from app.delivery.resume import Decision, Do
from app.models import DeliveryEvent, Pause
from app.services import resuming
from app.services.resuming import Answer, Resumed, WaitingUndecided
from app.services.scope import LOCAL_ACTOR, Scope

SCOPES = ("instance", "organization", "campaign", "week", "account")
KEEP, DROP = Decision(Do.KEEP), Decision(Do.DROP)


def resume(
    stage: Stage,
    pause: int,
    decisions: Mapping[int, Decision] | None = None,
    rest: Do | None = None,
    actor: str = LOCAL_ACTOR,
) -> Resumed:
    """End a pause as a person would, in a unit of work of its own."""
    with stage.database.write() as session:
        scope = Scope(session, organization(stage, pause), stage.clock.now(), person(actor))
        return resuming.resume_pause(scope, pause, Answer(decisions or {}, rest))


def waiting(stage: Stage, pause: int) -> list[int]:
    """Return the deliveries that wait for a pause."""
    with stage.database.read() as session:
        scope = Scope(session, organization(stage, pause), stage.clock.now(), person(LOCAL_ACTOR))
        return [one.delivery_id for one in resuming.waiting_for(scope, session.get_one(Pause, pause)).shown]


def organization(stage: Stage, pause: int) -> int:
    """Return the organization that acts: the pause's, or some one where it is the instance's."""
    with stage.database.read() as session:
        return session.get_one(Pause, pause).organization_id or 0


def in_force(stage: Stage, pause: int) -> bool:
    with stage.database.read() as session:
        return session.get_one(Pause, pause).ended_at is None


def end(stage: Stage, pause: int) -> None:
    """End a pause without a word on what waits, as no person can."""
    with stage.database.write() as session:
        row = session.get_one(Pause, pause)
        row.ended_at, row.ended_by = stage.clock.now(), "nobody"


def undecided(error: WaitingUndecided) -> list[int]:
    return [one.delivery_id for one in error.waiting.shown]


def last_event(stage: Stage, delivery: int) -> DeliveryEvent:
    with stage.database.read() as session:
        query = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery).order_by(DeliveryEvent.id.desc())
        return session.scalars(query.limit(1)).one()
