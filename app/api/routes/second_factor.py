"""One's own second factor: an authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import MemberDesk
from app.api.schemas.me import CodeIn, PasswordOnceMore, RecoveryCodesOut, SecondFactorOut
from app.api.schemas.problems import problems
from app.services import own_second_factor as service

router = APIRouter(prefix="/me", tags=["me"])


@router.post("/second-factor", status_code=201, responses=problems(409, 413, 415))
def begin_a_second_factor(desk: MemberDesk, body: PasswordOnceMore) -> SecondFactorOut:
    """Make a secret for an authenticator app, shown this one time. It counts once a code of it has confirmed it."""
    begun = service.begin_second_factor(desk.house, desk.who, body.password)
    return SecondFactorOut(secret=begun.secret, address=begun.address)


@router.post("/second-factor/confirm", responses=problems(409, 413, 415))
def confirm_a_second_factor(desk: MemberDesk, body: CodeIn) -> RecoveryCodesOut:
    """Put the second factor in force. The recovery codes are shown this one time; all other sessions end."""
    return RecoveryCodesOut(codes=service.confirm_second_factor(desk.house, desk.who, body.code))


@router.post("/second-factor/remove", status_code=204, responses=problems(413, 415))
def remove_a_second_factor(desk: MemberDesk, body: PasswordOnceMore) -> None:
    """Take the second factor away; where there is none, nothing happens."""
    service.remove_second_factor(desk.house, desk.who, body.password)


@router.post("/recovery-codes", status_code=201, responses=problems(409, 413, 415))
def renew_my_recovery_codes(desk: MemberDesk, body: PasswordOnceMore) -> RecoveryCodesOut:
    """Make new recovery codes, shown this one time. The old ones are void."""
    return RecoveryCodesOut(codes=service.renew_recovery_codes(desk.house, desk.who, body.password))
