"""Signing in and out, and the organization that a session looks at."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.api.desk import MemberDesk, Open, who_asks
from app.api.house import AskingDep, HouseDep
from app.api.schemas.me import MeOut, me_out
from app.api.schemas.problems import problems
from app.api.schemas.session import OrganizationChoice, SecondStep, SetUp, SignedInOut, SignIn
from app.services import set_up as set_up_service
from app.services.own_sessions import look_at_organization
from app.services.own_user import me
from app.services.sign_in import SignedIn, second_step, sign_in, sign_out
from app.web.cookies import give_cookie, take_cookie

router = APIRouter(tags=["sign-in"])


@router.post("/session", dependencies=[Open], responses=problems(413, 415))
def sign_in_with_a_password(house: HouseDep, asking: AskingDep, body: SignIn, response: Response) -> SignedInOut:
    """Sign in. The session is a cookie; a wrong e-mail address and a wrong password get the same answer."""
    return _with_cookie(house, response, sign_in(house, asking, body.email, body.password))


@router.post("/session/second-factor", dependencies=[Open], responses=problems(413, 415))
def finish_a_sign_in(house: HouseDep, asking: AskingDep, body: SecondStep, response: Response) -> SignedInOut:
    """Give the code that a sign-in waits for. The session is a new one, with a new cookie."""
    return _with_cookie(house, response, second_step(house, asking, body.code))


@router.delete("/session", status_code=204, dependencies=[Open], responses=problems(415))
def sign_out_here(house: HouseDep, asking: AskingDep, response: Response) -> None:
    """Sign out. Without a session, there is nothing to do and nothing is said."""
    sign_out(house, asking)
    take_cookie(response, house.settings)


@router.post("/session/organization", responses=problems(404, 413, 415))
def choose_an_organization(desk: MemberDesk, body: OrganizationChoice, request: Request) -> MeOut:
    """Let the session look at another one of your organizations."""
    with desk.write_instance() as scope:
        look_at_organization(scope, body.organization)
    who = who_asks(request) or desk.who
    with desk.house.read_instance(who) as scope:
        return me_out(me(scope))


@router.post("/set-up", status_code=201, dependencies=[Open], responses=problems(404, 409, 413, 415))
def set_up_the_service(house: HouseDep, asking: AskingDep, body: SetUp, response: Response) -> SignedInOut:
    """Make the first user by the link that the service printed at its start, and sign them in."""
    first = set_up_service.FirstUser(
        email=body.email,
        password=body.password,
        organization=body.organization,
        works_alone=body.works_alone,
        name=body.name or "",
    )
    return _with_cookie(house, response, set_up_service.set_up(house, asking, body.token, first))


def _with_cookie(house: HouseDep, response: Response, signed_in: SignedIn) -> SignedInOut:
    give_cookie(response, house.settings, signed_in.secret)
    return SignedInOut(second_factor_needed=signed_in.second_factor_needed)
