from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from alert_servers import Mailbox, text_of
from sqlalchemy import select, update
from users import PASSWORD, give_organization, give_user

from app.bootstrap import House
from app.clock import VirtualClock
from app.errors import AlreadyExists, Conflict, InvalidInput, NetworkUnreachable, NotFound, NotSignedIn, TooManyTries
from app.identity import links
from app.identity.authentication import Asking
from app.identity.permissions import Permission, Role
from app.identity.principal import LOCAL, Principal
from app.logs import set_up_logs
from app.models import AuditEvent, OneTimeLink, Organization, User, UserSession
from app.services.accepting import accept_as_new, accept_as_user, look_at_invitation
from app.services.invitations import invitations_page, invite, revoke_invitation
from app.services.organizations import default_organization
from app.services.pages import Asked
from app.services.password_resets import ask_for_reset, reset_link, reset_password
from app.services.set_up import FirstUser, new_set_up_link, set_up
from app.services.sign_in import sign_in

EMAIL = "author@agency.example"
NEW = "quite another few words"


def token_of(link: str | None) -> str:
    assert link is not None
    return link.partition("?token=")[2]


def letter_link(mailbox: Mailbox) -> str:
    found = [line for line in text_of(mailbox.letters[-1]).splitlines() if line.startswith("https://")]
    assert len(found) == 1
    return found[0]


def first_user(works_alone: bool = False) -> FirstUser:
    return FirstUser(EMAIL, PASSWORD, "Agency", works_alone=works_alone)


class TestTheSetUpLink:
    def test_each_start_makes_a_new_one_and_the_older_ones_are_void(self, house: House, asking: Asking) -> None:
        older, newer = token_of(new_set_up_link(house)), token_of(new_set_up_link(house))
        assert older != newer
        with pytest.raises(NotFound):
            set_up(house, asking, older, first_user())
        set_up(house, asking, newer, first_user())
        assert new_set_up_link(house) is None

    def test_it_ends_after_a_day(self, house: House, asking: Asking, clock: VirtualClock) -> None:
        token = token_of(new_set_up_link(house))
        clock.advance(timedelta(days=1))
        with pytest.raises(NotFound):
            set_up(house, asking, token, first_user())

    def test_it_leads_to_the_public_address(self, mailing_house: House, house: House) -> None:
        assert str(new_set_up_link(mailing_house)).startswith("https://focusweek.example/set-up?token=")
        assert str(new_set_up_link(house)).startswith("http://127.0.0.1:8000/set-up?token=")


class TestATokensPurpose:
    def test_a_token_of_one_purpose_is_none_of_another_even_where_the_table_says_so(
        self, house: House, asking: Asking
    ) -> None:
        user_id = give_user(house.database, EMAIL)
        token = token_of(invite(house, LOCAL, "new@agency.example", Role.AUTHOR).link)
        with house.database.write() as session:
            session.execute(update(OneTimeLink).values(purpose=links.PASSWORD_RESET, user_id=user_id))
        with pytest.raises(NotFound):
            reset_password(house, asking, token, NEW)

    def test_a_row_of_somebody_who_writes_to_the_database_but_has_no_key_opens_nothing(
        self, house: House, asking: Asking
    ) -> None:
        user_id = give_user(house.database, EMAIL)
        from app.identity.secret_words import digest_of, new_secret  # noqa: PLC0415 - only here

        secret = new_secret()
        for token in (secret, f"{secret}.", f"{secret}.AAAA"):
            now = house.clock.now()
            with house.database.write() as session:
                session.add(
                    OneTimeLink(
                        purpose=links.PASSWORD_RESET, digest=digest_of(token), user_id=user_id, details={},
                        created_by="x", created_at=now, expires_at=now + timedelta(hours=1),
                    )
                )  # fmt: skip
            with pytest.raises(NotFound):
                reset_password(house, asking, token, NEW)

    def test_tokens_are_256_random_bits_and_kept_as_digests(self, house: House) -> None:
        give_user(house.database, EMAIL)
        token = token_of(reset_link(house, EMAIL))
        assert len(token.partition(".")[0]) == 43
        with house.database.read() as session:
            row = session.scalars(select(OneTimeLink)).one()
            kept = " ".join(str(value) for value in vars(row).values())
        assert token.partition(".")[0] not in kept


class TestAskingForANewPassword:
    def test_a_letter_with_a_link_comes_to_whoever_has_the_address(
        self, mailing_house: House, mailbox: Mailbox, asking: Asking
    ) -> None:
        give_user(mailing_house.database, EMAIL)
        opened = sign_in(mailing_house, asking, EMAIL, PASSWORD)
        ask_for_reset(mailing_house, asking, f" {EMAIL.upper()}")
        mailing_house.errands.wait()
        assert mailbox.recipients == [EMAIL]
        link = letter_link(mailbox)
        assert link.startswith("https://focusweek.example/password-reset?token=")
        reset_password(mailing_house, asking, token_of(link), NEW)
        with mailing_house.database.read() as session:
            ended = session.scalars(
                select(UserSession.revoked_at).where(UserSession.id == session_id(opened.secret, session))
            ).one()
        assert ended is not None
        with pytest.raises(NotSignedIn):
            sign_in(mailing_house, asking, EMAIL, PASSWORD)
        sign_in(mailing_house, asking, EMAIL, NEW)

    def test_the_newest_link_is_the_one_that_works(
        self, mailing_house: House, mailbox: Mailbox, asking: Asking
    ) -> None:
        give_user(mailing_house.database, EMAIL)
        older = token_of(reset_link(mailing_house, EMAIL))
        ask_for_reset(mailing_house, asking, EMAIL)
        mailing_house.errands.wait()
        with pytest.raises(NotFound):
            reset_password(mailing_house, asking, older, NEW)
        reset_password(mailing_house, asking, token_of(letter_link(mailbox)), NEW)

    def test_nobody_else_gets_one_and_nothing_is_said(
        self, mailing_house: House, mailbox: Mailbox, asking: Asking
    ) -> None:
        give_user(mailing_house.database, EMAIL, state="disabled")
        provided = give_user(mailing_house.database, "provided@agency.example")
        with mailing_house.database.write() as session:
            user = session.get_one(User, provided)
            user.password_hash, user.issuer, user.subject = None, "https://provider.example", "1"
        for email in (
            EMAIL,
            "provided@agency.example",
            "nobody@agency.example",
            "no address",
            "a\0b@agency.example",
            "",
        ):
            ask_for_reset(mailing_house, asking, email)
        mailing_house.errands.wait()
        assert mailbox.letters == []

    def test_a_mailbox_is_not_filled_and_one_address_cannot_ask_for_ever(
        self, mailing_house: House, mailbox: Mailbox, asking: Asking
    ) -> None:
        give_user(mailing_house.database, EMAIL)
        for _ in range(6):
            ask_for_reset(mailing_house, asking, EMAIL)
        mailing_house.errands.wait()
        assert len(mailbox.letters) == 3
        for number in range(14):
            ask_for_reset(mailing_house, asking, f"n{number}@agency.example")
        with pytest.raises(TooManyTries):
            ask_for_reset(mailing_house, asking, "another@agency.example")

    def test_a_link_does_not_open_a_disabled_user(self, house: House, asking: Asking) -> None:
        give_user(house.database, EMAIL)
        token = token_of(reset_link(house, EMAIL))
        with house.database.write() as session:
            session.execute(update(User).values(state="disabled"))
        with pytest.raises(NotFound):
            reset_password(house, asking, token, NEW)

    def test_a_weak_password_leaves_the_link_in_force(self, house: House, asking: Asking) -> None:
        give_user(house.database, EMAIL)
        token = token_of(reset_link(house, EMAIL))
        with pytest.raises(InvalidInput):
            reset_password(house, asking, token, EMAIL)
        reset_password(house, asking, token, NEW)


def session_id(secret: str, session: object) -> int:
    from app.identity.secret_words import digest_of  # noqa: PLC0415 - only here

    found = session.scalars(select(UserSession.id).where(UserSession.digest == digest_of(secret))).one()  # type: ignore[attr-defined]
    return int(found)


class TestInvitations:
    def test_a_letter_invites_and_whoever_invited_never_sees_the_link(
        self, mailing_house: House, mailbox: Mailbox, asking: Asking
    ) -> None:
        invited = invite(mailing_house, admin(mailing_house), "New@agency.example", Role.AUTHOR)
        assert (invited.link, invited.trouble) == (None, None)
        text = text_of(mailbox.letters[0])
        assert "admin@agency.example invites you" in text
        assert "as an author" in text
        accept_as_new(mailing_house, asking, token_of(letter_link(mailbox)), name="N. Ew", password=PASSWORD)
        sign_in(mailing_house, asking, "new@agency.example", PASSWORD)

    def test_a_letter_that_is_not_taken_leaves_no_invitation_to_an_admin(
        self, mailing_house: House, mailbox: Mailbox
    ) -> None:
        mailbox.refuse_recipient = True
        with pytest.raises(NetworkUnreachable):
            invite(mailing_house, admin(mailing_house), "new@agency.example", Role.AUTHOR)
        with mailing_house.read() as scope:
            assert not invitations_page(scope, Asked()).items
        assert invite(mailing_house, LOCAL, "new@agency.example", Role.AUTHOR).link is not None

    def test_without_mail_the_operator_gets_the_link_and_an_admin_is_told_whom_to_ask(self, house: House) -> None:
        with pytest.raises(Conflict):
            invite(house, admin(house), "new@agency.example", Role.AUTHOR)
        assert invite(house, LOCAL, "new@agency.example", Role.AUTHOR).link is not None

    def test_a_second_one_to_the_same_person_ends_the_first_and_other_organizations_keep_theirs(
        self, house: House
    ) -> None:
        other = give_organization(house.database, "county")
        elsewhere = invite(house, Principal("local", frozenset(Permission), other), "new@agency.example", Role.ADMIN)
        first, second = (invite(house, admin(house, operator=True), "new@agency.example", Role.AUTHOR) for _ in "ab")
        with pytest.raises(NotFound):
            look_at_invitation(house, token_of(first.link))
        assert look_at_invitation(house, token_of(second.link)).role is Role.AUTHOR
        assert look_at_invitation(house, token_of(elsewhere.link)).organization.slug == "county"

    def test_another_organization_neither_sees_nor_revokes_it(self, house: House) -> None:
        other = give_organization(house.database, "county")
        row = invite(house, admin(house, operator=True), "new@agency.example", Role.AUTHOR).row
        with house.write(Principal("b@county.example", frozenset(Permission), other)) as scope:
            assert not invitations_page(scope, Asked()).items
            with pytest.raises(NotFound):
                revoke_invitation(scope, row.id)
        with house.write(admin(house)) as scope:
            assert [one.id for one in invitations_page(scope, Asked()).items] == [row.id]
            revoke_invitation(scope, row.id)
            assert not invitations_page(scope, Asked()).items

    def test_a_user_is_let_in_as_themselves_only(self, house: House, asking: Asking) -> None:
        user_id, other_id = give_user(house.database, EMAIL, None), give_user(house.database, "b@agency.example", None)
        token = token_of(invite(house, LOCAL, EMAIL, Role.REVIEWER).link)
        with pytest.raises(NotSignedIn):
            accept_as_new(house, asking, token, name="", password=NEW)
        signed_in = {"via": "session", "session_id": 1, "permissions": frozenset()}
        with pytest.raises(NotSignedIn):
            accept_as_user(house, Principal("b@agency.example", user_id=other_id, **signed_in), token)  # type: ignore[arg-type]
        with pytest.raises(NotSignedIn):
            # A token of theirs is not them.
            accept_as_user(house, Principal(EMAIL, frozenset(), user_id=user_id, via="token", token_id=1), token)
        with pytest.raises(NotSignedIn):
            accept_as_user(house, None, token)
        accept_as_user(house, Principal(EMAIL, user_id=user_id, **signed_in), token)  # type: ignore[arg-type]
        with pytest.raises(AlreadyExists):
            invite(house, LOCAL, EMAIL, Role.REVIEWER)

    def test_it_ends_after_seven_days_and_with_its_organization(
        self, house: House, asking: Asking, clock: VirtualClock
    ) -> None:
        token = token_of(invite(house, LOCAL, EMAIL, Role.AUTHOR).link)
        with house.database.write() as session:
            session.execute(update(Organization).values(state="closed"))
        with pytest.raises(NotFound):
            accept_as_new(house, asking, token, name="", password=PASSWORD)
        with house.database.write() as session:
            session.execute(update(Organization).values(state="active"))
        clock.advance(timedelta(days=7))
        with pytest.raises(NotFound):
            accept_as_new(house, asking, token, name="", password=PASSWORD)


def admin(house: House, *, operator: bool = False) -> Principal:
    with house.database.read() as session:
        organization_id = default_organization(session, house.clock.now()).id
    allowed = frozenset(Permission) - (frozenset() if operator else {Permission.OPERATE})
    return Principal("admin@agency.example", allowed, organization_id)


class TestUnknownPeople:
    def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(self, house: House) -> None:
        give_user(house.database, EMAIL)

        def cost(email: str) -> float:
            took = []
            for number in range(3):
                began = time.process_time()
                with pytest.raises(NotSignedIn):
                    sign_in(house, Asking(origin=f"192.0.2.{number}"), email, "wrong password")
                took.append(time.process_time() - began)
            return min(took)

        cost("warm@agency.example")
        known, unknown = cost(EMAIL), cost("nobody@agency.example")
        assert 0.6 < unknown / known < 1.7, (known, unknown)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    set_up_logs("DEBUG", stream=stream)
    yield stream
    set_up_logs("WARNING")
    structlog.reset_defaults()


class TestSecrets:
    def test_none_is_in_the_log_or_in_the_trail(
        self, mailing_house: House, mailbox: Mailbox, asking: Asking, logged: io.StringIO
    ) -> None:
        house = mailing_house
        tokens = [token_of(new_set_up_link(house))]
        cookies = [set_up(house, asking, tokens[0], first_user()).secret]
        invite(house, LOCAL, "new@agency.example", Role.AUTHOR)
        tokens.append(token_of(letter_link(mailbox)))
        cookies.append(accept_as_new(house, asking, tokens[1], name="", password=PASSWORD).secret)
        ask_for_reset(house, asking, EMAIL)
        house.errands.wait()
        tokens.append(token_of(letter_link(mailbox)))
        reset_password(house, asking, tokens[2], NEW)
        with pytest.raises(NotSignedIn):
            sign_in(house, asking, EMAIL, "a wrong password")
        cookies.append(sign_in(house, asking, EMAIL, NEW).secret)
        mailbox.refuse_letter = "550 no"
        ask_for_reset(house, asking, EMAIL)
        house.errands.wait()
        with house.database.read() as session:
            rows = list(session.scalars(select(AuditEvent)))
        trail = " ".join(f"{row.actor} {row.words} {row.before} {row.after}" for row in rows)
        assert {"set_up", "invited", "invitation_accepted", "password_reset_asked", "password_reset", "signed_in"} <= {
            row.action for row in rows
        }
        for secret in (*tokens, *(t.partition(".")[0] for t in tokens), *cookies, PASSWORD, NEW, "a wrong password"):
            assert secret not in trail
            assert secret.lower() not in trail
            assert secret not in logged.getvalue()
        assert "argon2" not in trail
        assert "errand_failed" in logged.getvalue()
