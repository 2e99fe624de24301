"""Users of the whole service, for its operator."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import OperatorDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.api.schemas.users import UserChange, UserOut, user_out
from app.services import users as service

router = APIRouter(prefix="/users", tags=["users"])


@router.get("")
def list_users(desk: OperatorDesk, asked: AskedDep) -> PageOut[UserOut]:
    """List all users by e-mail address."""
    with desk.read_instance() as scope:
        page = service.users_page(scope, asked)
        places = service.places_of(scope, page.items)
        return PageOut(items=[user_out(user, places) for user in page.items], next_cursor=page.next_cursor)


@router.get("/{user_id}", responses=problems(404))
def read_a_user(desk: OperatorDesk, user_id: RowIdPath) -> UserOut:
    """Read a user."""
    with desk.read_instance() as scope:
        user = service.user(scope, user_id)
        return user_out(user, service.places_of(scope, [user]))


@router.patch("/{user_id}", responses=problems(404, 409, 413, 415))
def change_a_user(desk: OperatorDesk, user_id: RowIdPath, body: UserChange) -> UserOut:
    """Disable or enable a user, or make them an operator; not yourself."""
    with desk.write_instance() as scope:
        user = service.user(scope, user_id)
        if body.state is not None:
            (service.disable if body.state == "disabled" else service.enable)(scope, user)
        if body.is_operator is not None:
            service.make_operator(scope, user, is_operator=body.is_operator)
        return user_out(user, service.places_of(scope, [user]))


@router.post("/{user_id}/forget-openid", responses=problems(404, 415))
def forget_who_a_user_is_at_the_provider(desk: OperatorDesk, user_id: RowIdPath) -> UserOut:
    """Forget who a user is at the OpenID provider; their next sign-in there goes by the e-mail address again."""
    with desk.write_instance() as scope:
        user = service.user(scope, user_id)
        service.forget_openid(scope, user)
        return user_out(user, service.places_of(scope, [user]))


@router.post("/{user_id}/remove-second-factor", responses=problems(404, 415))
def remove_the_second_factor_of_a_user(desk: OperatorDesk, user_id: RowIdPath) -> UserOut:
    """Take a second factor away from somebody who has lost the app and the recovery codes; all their sessions end."""
    with desk.write_instance() as scope:
        user = service.user(scope, user_id)
        service.remove_second_factor(scope, user)
        return user_out(user, service.places_of(scope, [user]))
