"""New passwords by a link in a letter."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import Open
from app.api.house import AskingDep, HouseDep
from app.api.paging import LinkTokenPath
from app.api.schemas.problems import problems
from app.api.schemas.session import PasswordReset, PasswordResetAsk, PasswordResetAskedOut
from app.services import password_resets as service

router = APIRouter(prefix="/password-resets", tags=["sign-in"])

_SAID = "If somebody signs in by this address with a password, a link is on its way to them."


@router.post("", status_code=202, dependencies=[Open], responses=problems(413, 415))
def ask_for_a_password_reset(house: HouseDep, asking: AskingDep, body: PasswordResetAsk) -> PasswordResetAskedOut:
    """Have a link sent by which a new password is set. The answer is the same whether there is such a user or not."""
    service.ask_for_reset(house, asking, body.email)
    return PasswordResetAskedOut(message=_SAID)


@router.post("/{token}", status_code=204, dependencies=[Open], responses=problems(404, 413, 415))
def reset_a_password(
    house: HouseDep,
    asking: AskingDep,
    token: LinkTokenPath,
    body: PasswordReset,
) -> None:
    """Set a new password by the link's token. All sessions of the user end; a second factor stays."""
    service.reset_password(house, asking, token, body.password)
