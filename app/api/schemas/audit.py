"""The audit trail as answers."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from app.api.schemas.base import Id, Moment, Output, moment
from app.models import AuditEvent


class AuditEventOut(Output):
    """One change: who, what, before and after, when, and from where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "at": {"utc": "2026-12-01T12:00:00Z", "local": None},
                    "actor": "author@agency.example",
                    "via": "session",
                    "origin": "192.0.2.7",
                    "request": "5f0c6a1c2b3d4e5f",
                    "action": "changed",
                    "subject": "post",
                    "subject_id": 12,
                    "account_id": None,
                    "post_id": 12,
                    "campaign_id": 1,
                    "state": None,
                    "before": {"text": "Learn the signs. #EndTrafficking"},
                    "after": {"text": "Learn the signs. #Partner2Prevent"},
                }
            ]
        }
    )

    id: Id
    at: Moment
    actor: str = Field(description="Who acted: an e-mail address, a token's name, local, or engine.")
    via: str = Field(description="How they came: session, token, local, guest or engine.")
    origin: str = Field(description="The address that they came from; empty for what happened on the machine itself.")
    request: str = Field(description="The same for all that one request changed; empty where there was none.")
    action: str = Field(description="added, changed, removed, moved, or a verb of its own such as signed_in.")
    subject: str = Field(description="The kind of thing, such as post or delivery.")
    subject_id: int | None = Field(description="Its id.")
    account_id: int | None = Field(description="The account that it is part of.")
    post_id: int | None = Field(description="The post that it is part of.")
    campaign_id: int | None = Field(description="The campaign that it is part of.")
    state: str | None = Field(description="The state that it came to, where it has states.")
    before: dict[str, Any] | None = Field(description="What changed, as it was; secrets are left out.")
    after: dict[str, Any] | None = Field(description="What changed, as it became.")


def audit_event_out(row: AuditEvent) -> AuditEventOut:
    """Return a row of the trail as an answer."""
    return AuditEventOut(
        id=row.id,
        at=moment(row.at),
        actor=row.actor,
        via=row.via,
        origin=row.origin,
        request=row.request_id,
        action=row.action,
        subject=row.subject,
        subject_id=row.subject_id,
        account_id=row.account_id,
        post_id=row.post_id,
        campaign_id=row.campaign_id,
        state=row.state,
        before=row.before,
        after=row.after,
    )
