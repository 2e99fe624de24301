"""What works once works once, whoever uses it at the same moment on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
from sqlalchemy import func, select
from users import PASSWORD, give_organization, give_user

from app.bootstrap import House
from app.clock import VirtualClock
from app.errors import Conflict, FocusweekError, NotFound
from app.identity.authentication import Asking
from app.identity.permissions import Role
from app.identity.principal import LOCAL
from app.models import Membership, User, UserSession
from app.services.accepting import accept_as_new
from app.services.invitations import invite
from app.services.members import change_role, remove_member
from app.services.password_resets import reset_link, reset_password
from app.services.set_up import FirstUser, new_set_up_link, set_up, set_up_here
from app.services.sign_in import SignedIn, second_step, sign_in

EMAIL = "author@agency.example"


def at_once(*jobs: Callable[[], object]) -> list[Any]:
    """Do all at the same moment; return what each gave or, of ours, raised."""
    gate = threading.Barrier(len(jobs), timeout=10)

    def run(job: Callable[[], object]) -> object:
        gate.wait()
        try:
            return job()
        except FocusweekError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def _names(done: list[Any]) -> list[str]:
    return [type(one).__name__ for one in done]


def token_of(link: str | None) -> str:
    assert link is not None
    return link.partition("?token=")[2]


class TestOneTimeLinks:
    def test_a_set_up_link_makes_one_user(self, house: House, asking: Asking) -> None:
        token = token_of(new_set_up_link(house))
        jobs = [
            lambda n=n: set_up(
                house, asking, token, FirstUser(f"n{n}@agency.example", PASSWORD, "A", works_alone=False)
            )
            for n in range(3)
        ]
        done = at_once(*jobs)
        assert sorted(_names(done)) == ["NotFound", "NotFound", "SignedIn"]
        with house.database.read() as session:
            assert session.scalar(select(func.count(User.id))) == 1

    def test_the_link_and_the_command_line_make_one_user_together(self, house: House, asking: Asking) -> None:
        token = token_of(new_set_up_link(house))
        first = FirstUser("a@agency.example", PASSWORD, "A", works_alone=True)
        second = FirstUser("b@agency.example", PASSWORD, "B", works_alone=True)
        done = at_once(lambda: set_up(house, asking, token, first), lambda: set_up_here(house, second))
        assert len([one for one in done if isinstance(one, (Conflict, NotFound))]) == 1
        with house.database.read() as session:
            assert session.scalar(select(func.count(User.id))) == 1

    def test_an_invitation_lets_one_in(self, house: House, asking: Asking) -> None:
        token = token_of(invite(house, LOCAL, EMAIL, Role.AUTHOR).link)
        done = at_once(*[lambda: accept_as_new(house, asking, token, name="", password=PASSWORD)] * 3)
        assert len([one for one in done if isinstance(one, SignedIn)]) == 1
        with house.database.read() as session:
            assert session.scalar(select(func.count(Membership.id))) == 1

    def test_a_reset_link_sets_one_password(self, house: House, asking: Asking) -> None:
        give_user(house.database, EMAIL)
        token = token_of(reset_link(house, EMAIL))
        words = ["first four words here", "second four words here"]
        done = at_once(*[lambda word=word: reset_password(house, asking, token, word) for word in words])
        assert sorted(_names(done)) == ["NoneType", "NotFound"]
        word = words[[one is None for one in done].index(True)]
        assert isinstance(sign_in(house, asking, EMAIL, word), SignedIn)


class TestCodes:
    def test_a_code_opens_one_session(self, house: House, clock: VirtualClock) -> None:
        user_id = give_user(house.database, EMAIL)
        secret = pyotp.random_base32()
        with house.database.write() as session:
            user = session.get_one(User, user_id)
            user.totp = house.vault.encrypt({"totp": secret, "user": str(user_id)})
            user.totp_since = clock.now()
        cookies = [sign_in(house, Asking(origin=f"192.0.2.{n}"), EMAIL, PASSWORD).secret for n in range(3)]
        code = pyotp.TOTP(secret).at(clock.now())
        done = at_once(*[lambda c=c: second_step(house, Asking(cookie=c), code) for c in cookies])
        assert sorted(_names(done)) == ["NotSignedIn", "NotSignedIn", "SignedIn"]
        with house.database.read() as session:
            open_ones = select(func.count(UserSession.id)).where(UserSession.pending.is_(False))
            assert session.scalar(open_ones) == 1


class TestGuessing:
    def test_many_at_once_count_as_many(self, house: House) -> None:
        give_user(house.database, EMAIL)
        jobs = [lambda: sign_in(house, Asking(origin="192.0.2.7"), EMAIL, "wrong password")] * 12
        done = at_once(*jobs)
        assert sorted(_names(done)) == ["NotSignedIn"] * 5 + ["TooManyTries"] * 7


class TestTheLastAdmin:
    def test_two_admins_who_demote_or_remove_each_other_at_once_leave_one(self, house: House) -> None:
        organization = give_organization(house.database, "county")
        for name in ("a", "b"):
            give_user(house.database, f"{name}@agency.example", Role.ADMIN, organization_id=organization)
        with house.database.read() as session:
            ids = list(session.scalars(select(Membership.id).where(Membership.organization_id == organization)))
        from people import person  # noqa: PLC0415 - only here

        who = person("admin", organization)

        def demote(member_id: int) -> None:
            with house.write(who) as scope:
                change_role(scope, member_id, Role.VIEWER)

        def remove(member_id: int) -> None:
            with house.write(who) as scope:
                remove_member(scope, member_id)

        done = at_once(lambda: demote(ids[0]), lambda: remove(ids[1]))
        assert sorted(_names(done)) == ["Conflict", "NoneType"]
        with house.database.read() as session:
            admins = select(func.count(Membership.id)).where(
                Membership.role == "admin", Membership.organization_id == organization
            )
            assert session.scalar(admins) == 1
