"""A guest comes in by a link and a mailed code; they see and decide what was put before them, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from alert_servers import Mailbox, text_of
from review_agency import Agency

from app.errors import Conflict, NotAllowed, NotFound, NotSignedIn, TooManyTries
from app.identity.authentication import Asking
from app.models import AuditEvent
from app.services.approving import Word
from app.services.guest_access import Guest, enter, guest_of, look_at_link, send_code
from app.services.guest_desk import guest_approve, guest_comment, guest_posts, guest_return
from app.services.guest_reviews import NewGuest, invite_guest, revoke_guest

HERE = Asking(origin="192.0.2.7", request_id="r1")
EMAIL = "counsel@partner.example"
MINUTE = timedelta(minutes=1)


def invite(agency: Agency, *posts: int, may_decide: bool = True, days: int = 7) -> tuple[int, str]:
    new = NewGuest(EMAIL, posts, may_decide=may_decide, expires_at=agency.clock.now() + timedelta(days=days))
    with agency.house.write(agency.reviewer) as scope:
        invited = invite_guest(scope, new, can_send=True)
        return invited.row.id, invited.token


def code_in(mailbox: Mailbox) -> str:
    found = re.search(r"^\d{6}$", text_of(mailbox.letters[-1]), re.MULTILINE)
    assert found is not None
    return found[0]


def come_in(agency: Agency, mailbox: Mailbox, token: str) -> Guest:
    send_code(agency.house, HERE, token)
    entered = enter(agency.house, HERE, token, code_in(mailbox))
    return guest_of(agency.house, HERE, token, entered.secret)


class TestComingIn:
    def test_takes_the_code_that_was_mailed(self, mailing: Agency, mailbox: Mailbox) -> None:
        _, token = invite(mailing, mailing.post())
        door = look_at_link(mailing.house, token)
        assert (door.email, door.may_decide) == ("c…@partner.example", True)
        guest = come_in(mailing, mailbox, token)
        assert guest.who.name == f"guest: {EMAIL}"
        assert mailbox.letters[-1]["To"] == EMAIL
        with pytest.raises(NotSignedIn):
            guest_of(mailing.house, HERE, token, "another secret")
        with pytest.raises(NotSignedIn):
            guest_of(mailing.house, HERE, token, None)

    def test_a_code_works_once(self, mailing: Agency, mailbox: Mailbox) -> None:
        _, token = invite(mailing, mailing.post())
        come_in(mailing, mailbox, token)
        with pytest.raises(NotAllowed):
            enter(mailing.house, HERE, token, code_in(mailbox))

    def test_a_code_is_void_after_a_quarter_of_an_hour(self, mailing: Agency, mailbox: Mailbox) -> None:
        _, token = invite(mailing, mailing.post())
        send_code(mailing.house, HERE, token)
        mailing.clock.advance(15 * MINUTE)
        with pytest.raises(NotAllowed):
            enter(mailing.house, HERE, token, code_in(mailbox))

    def test_five_wrong_tries_close_the_door_for_a_while_even_to_the_right_code(
        self, mailing: Agency, mailbox: Mailbox
    ) -> None:
        _, token = invite(mailing, mailing.post())
        send_code(mailing.house, HERE, token)
        right = code_in(mailbox)
        wrong = "000000" if right != "000000" else "000001"
        for _ in range(5):
            with pytest.raises(NotAllowed):
                enter(mailing.house, HERE, token, wrong)
        with pytest.raises(TooManyTries):
            enter(mailing.house, HERE, token, right)
        mailing.clock.advance(2 * MINUTE)
        with pytest.raises(TooManyTries):
            send_code(mailing.house, HERE, token)
        mailing.clock.advance(14 * MINUTE)
        come_in(mailing, mailbox, token)

    def test_asking_for_another_code_gives_no_further_tries(self, mailing: Agency, mailbox: Mailbox) -> None:
        _, token = invite(mailing, mailing.post())
        for _ in range(5):
            send_code(mailing.house, HERE, token)
            wrong = "000000" if code_in(mailbox) != "000000" else "000001"
            with pytest.raises(NotAllowed):
                enter(mailing.house, HERE, token, wrong)
            mailing.clock.advance(2 * MINUTE)
        with pytest.raises(TooManyTries):
            send_code(mailing.house, HERE, token)

    def test_codes_are_not_sent_again_and_again(self, mailing: Agency, mailbox: Mailbox) -> None:
        _, token = invite(mailing, mailing.post())
        send_code(mailing.house, HERE, token)
        with pytest.raises(TooManyTries):
            send_code(mailing.house, HERE, token)
        assert len(mailbox.letters) == 1

    def test_a_link_that_is_revoked_over_or_none_is_not_found(self, mailing: Agency, mailbox: Mailbox) -> None:
        row_id, token = invite(mailing, mailing.post())
        guest = come_in(mailing, mailbox, token)
        assert guest.row.id == row_id
        with mailing.house.write(mailing.reviewer) as scope:
            revoke_guest(scope, row_id)
        _, expiring = invite(mailing, mailing.post(), days=1)
        mailing.clock.advance(timedelta(days=1))
        for dead in (token, expiring, "no such token"):
            with pytest.raises(NotFound):
                look_at_link(mailing.house, dead)
            with pytest.raises(NotFound):
                send_code(mailing.house, HERE, dead)

    def test_no_secret_stands_in_the_audit_trail(self, mailing: Agency, mailbox: Mailbox) -> None:
        _, token = invite(mailing, mailing.post())
        come_in(mailing, mailbox, token)
        with mailing.house.read(mailing.admin) as scope:
            rows = scope.session.query(AuditEvent).all()
            assert "guest_review" in {row.subject for row in rows}
            said = " ".join(f"{row.before} {row.after} {row.words}" for row in rows)
            assert token not in said
            assert code_in(mailbox) not in said

    def test_takes_a_mail_server(self, agency: Agency) -> None:
        post = agency.post()
        with pytest.raises(Conflict), agency.house.write(agency.reviewer) as scope:
            invite_guest(scope, NewGuest(EMAIL, [post]), can_send=agency.house.letters.can_send)


class TestWhatAGuestMayDo:
    def test_they_see_the_final_parts_of_their_posts_and_of_no_others(self, mailing: Agency, mailbox: Mailbox) -> None:
        mine, other = mailing.post(), mailing.post()
        _, token = invite(mailing, mine)
        guest = come_in(mailing, mailbox, token)
        with mailing.house.read(guest.who) as scope:
            assert [view.post.id for view in guest_posts(scope, guest)] == [mine]
        with pytest.raises(NotFound), mailing.house.write(guest.who) as scope:
            guest_approve(scope, guest, other, Word())
        with pytest.raises(NotFound), mailing.house.write(guest.who) as scope:
            guest_comment(scope, guest, other, "Hello.")
        with pytest.raises(NotFound), mailing.house.write(guest.who) as scope:
            guest_return(scope, guest, other, "No.")

    def test_they_approve_under_their_address(self, mailing: Agency, mailbox: Mailbox) -> None:
        post = mailing.post()
        _, token = invite(mailing, post)
        guest = come_in(mailing, mailbox, token)
        with mailing.house.write(guest.who) as scope:
            guest_approve(scope, guest, post, Word())
        (approval,) = mailing.approvals(post)
        assert (approval.approved_by, approval.user_id) == (f"guest: {EMAIL}", None)
        assert mailing.findings(post) == []
        with mailing.house.write(guest.who) as scope:
            guest_return(scope, guest, post, "On second thoughts, no.")
        assert mailing.state(post) == "returned"

    def test_who_only_comments_decides_nothing(self, mailing: Agency, mailbox: Mailbox) -> None:
        post = mailing.post()
        _, token = invite(mailing, post, may_decide=False)
        guest = come_in(mailing, mailbox, token)
        with mailing.house.write(guest.who) as scope:
            assert guest_comment(scope, guest, post, "Fine.").said_by == f"guest: {EMAIL}"
        with pytest.raises(NotAllowed), mailing.house.write(guest.who) as scope:
            guest_approve(scope, guest, post, Word())
        with pytest.raises(NotAllowed), mailing.house.write(guest.who) as scope:
            guest_return(scope, guest, post, "No.")

    def test_an_author_lets_nobody_decide(self, mailing: Agency) -> None:
        post = mailing.post()
        with pytest.raises(NotAllowed), mailing.house.write(mailing.author) as scope:
            invite_guest(scope, NewGuest(EMAIL, [post], may_decide=True), can_send=True)

    def test_whoever_invited_them_does_not_get_their_own_text_approved(self, mailing: Agency, mailbox: Mailbox) -> None:
        post = mailing.post(who=mailing.reviewer)
        _, token = invite(mailing, post)
        guest = come_in(mailing, mailbox, token)
        with pytest.raises(NotAllowed, match="own text"), mailing.house.write(guest.who) as scope:
            guest_approve(scope, guest, post, Word())
