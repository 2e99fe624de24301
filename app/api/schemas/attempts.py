"""Attempts as answers: what was tried, and what became of each part."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.base import FindingOut, Id, Moment, Output, PartOut, moment, moment_or_none
from app.services.deliveries import AttemptView


class PartResultOut(Output):
    """What became of one part of an attempt."""

    index: int = Field(description="Its place in the thread, from 0.")
    outcome: str | None
    sent: Moment | None
    url: str | None
    code: str | None
    detail: str | None
    retracted: Moment | None = Field(description="Since when it is gone.")
    not_retracted: str | None = Field(description="Why taking it back did not work so far.")


class AttemptOut(Output):
    """One try to publish, written down before anything was sent."""

    id: Id
    generation: int
    digest: str = Field(description="Of the exact parts.")
    policy_version: str = Field(description="Of the rules that passed them.")
    started: Moment
    finished: Moment | None
    outcome: str | None = Field(description="Null while it is on its way.")
    code: str | None
    detail: str | None
    parts: list[PartOut]
    part_results: list[PartResultOut]
    findings: list[FindingOut]


def attempt_out(view: AttemptView, zone: str) -> AttemptOut:
    """Return an attempt as an answer."""
    row = view.attempt
    return AttemptOut(
        id=row.id,
        generation=row.generation,
        digest=row.digest,
        policy_version=row.policy_version,
        started=moment(row.started_at, zone),
        finished=moment_or_none(row.finished_at, zone),
        outcome=row.outcome,
        code=row.code,
        detail=row.detail,
        parts=[PartOut(text=part.text, length=part.length) for part in view.parts],
        part_results=[
            PartResultOut(
                index=part.index,
                outcome=part.outcome,
                sent=moment_or_none(part.sent_at, zone),
                url=part.remote_url,
                code=part.code,
                detail=part.detail,
                retracted=moment_or_none(part.retracted_at, zone),
                not_retracted=part.retract_detail if part.retracted_at is None else None,
            )
            for part in view.parts
        ],
        findings=[FindingOut.model_validate(finding) for finding in row.findings],
    )
