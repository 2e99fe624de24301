"""Checks of any text."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import ViewDesk
from app.api.schemas.checks import CheckIn, CheckOut, check_out
from app.api.schemas.problems import problems
from app.services.checks import check_text, policy_for

router = APIRouter(prefix="/check", tags=["checks"])


@router.post("", responses=problems(404, 413, 415))
def check_a_text(desk: ViewDesk, body: CheckIn) -> CheckOut:
    """Check a text as it stands under a campaign's rules, or a pack's. Nothing is added to it and nothing is kept."""
    with desk.read() as scope:
        policy = policy_for(scope, campaign_id=body.campaign_id, pack=body.pack)
    return check_out(check_text(policy, body.text, platform=body.platform, language=body.language))
