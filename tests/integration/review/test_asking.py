"""Posts are put before reviewers, taken back, decided on one by one or many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alert_servers import Mailbox, text_of
from review_agency import CLEAN, Agency

from app.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.identity.principal import Principal
from app.models import Review
from app.services.approvals import Outcome, approve_clean
from app.services.pages import Asked
from app.services.review_comments import comment, comments_page, settle_comment
from app.services.review_delegates import delegates_page, end_delegate, name_delegate
from app.services.review_queue import review_queue
from app.services.review_views import review_view
from app.services.reviews import Asking, ask_for_review, ask_for_reviews, posts_to_review, return_post, take_back

WARNED = f"{CLEAN} We stand with every victim."
DAY = timedelta(days=1)


def ask(agency: Agency, post: int, *, reviewer: Principal | None = None, in_days: float | None = None) -> None:
    due = None if in_days is None else agency.clock.now() + in_days * DAY
    with agency.house.write(agency.author) as scope:
        ask_for_review(scope, post, Asking(None if reviewer is None else reviewer.user_id, due))


def queue(agency: Agency, who: Principal, *, mine: bool = False) -> list[int]:
    with agency.house.read(who) as scope:
        return [item.post.id for item in review_queue(scope, Asked(), mine=mine).items]


def reviews(agency: Agency, post: int) -> list[Review]:
    with agency.house.read(agency.author) as scope:
        return list(scope.session.scalars(scope.query(Review).where(Review.post_id == post).order_by(Review.id)))


class TestAskingForAReview:
    def test_puts_a_post_into_review_until_it_is_approved(self, agency: Agency) -> None:
        post = agency.post()
        ask(agency, post)
        assert agency.state(post) == "in_review"
        agency.approve(post)
        (review,) = reviews(agency, post)
        assert (agency.state(post), review.state, review.decided_by) == ("approved", "approved", agency.reviewer.name)

    def test_twice_is_refused(self, agency: Agency) -> None:
        post = agency.post()
        ask(agency, post)
        with pytest.raises(Conflict, match="in review already"):
            ask(agency, post)

    def test_of_somebody_who_may_not_review_is_refused(self, agency: Agency) -> None:
        post = agency.post()
        with pytest.raises(InvalidInput):
            ask(agency, post, reviewer=agency.author)

    def test_for_a_time_that_is_past_is_refused(self, agency: Agency) -> None:
        with pytest.raises(InvalidInput):
            ask(agency, agency.post(), in_days=-1)

    def test_of_many_has_an_outcome_each(self, agency: Agency) -> None:
        first, second = agency.post(), agency.post()
        ask(agency, first)
        with agency.house.write(agency.author) as scope:
            outcomes = ask_for_reviews(scope, [first, second, 10**9], Asking())
        assert [(one.done, one.code) for one in outcomes] == [(False, "conflict"), (True, None), (False, "not_found")]

    def test_can_be_taken_back(self, agency: Agency) -> None:
        post = agency.post()
        ask(agency, post)
        with agency.house.write(agency.author) as scope:
            take_back(scope, post)
        assert (agency.state(post), reviews(agency, post)[0].state) == ("draft", "withdrawn")
        ask(agency, post)

    def test_of_another_organizations_post_finds_none(self, agency: Agency) -> None:
        post = agency.post()
        stranger = Principal("stranger", agency.admin.permissions, agency.organization_id + 999, via="session")
        with pytest.raises(NotFound), agency.house.write(stranger) as scope:
            ask_for_review(scope, post, Asking())


class TestReturning:
    def test_says_why_and_voids_what_was_approved(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        with agency.house.write(agency.other) as scope:
            return_post(scope, post, "Name the source.")
        (approval,) = agency.approvals(post)
        assert approval.void_reason == "Returned: Name the source."
        assert agency.findings(post) == ["approval.missing"]
        assert [(row.state, row.reason) for row in reviews(agency, post)] == [("returned", "Name the source.")]

    def test_takes_somebody_who_may_review(self, agency: Agency) -> None:
        post = agency.post()
        ask(agency, post)
        with pytest.raises(NotAllowed), agency.house.write(agency.author) as scope:
            return_post(scope, post, "No.")

    def test_a_draft_is_none(self, agency: Agency) -> None:
        post = agency.post()
        with pytest.raises(Conflict), agency.house.write(agency.reviewer) as scope:
            return_post(scope, post, "No.")


class TestTheQueue:
    def test_is_in_the_order_of_due_dates_and_pages(self, agency: Agency) -> None:
        never, late, soon = agency.post(), agency.post(), agency.post()
        for post, days in ((never, None), (late, 5), (soon, 1)):
            ask(agency, post, in_days=days)
        assert queue(agency, agency.reviewer) == [soon, late, never]
        found, cursor = [], None
        for _ in range(3):
            with agency.house.read(agency.reviewer) as scope:
                page = review_queue(scope, Asked(1, cursor))
            found += [item.post.id for item in page.items]
            cursor = page.next_cursor
        assert (found, cursor) == ([soon, late, never], None)

    def test_mine_is_what_is_asked_of_me_or_of_anybody(self, agency: Agency) -> None:
        his, hers, anybodys = agency.post(), agency.post(), agency.post()
        ask(agency, his, reviewer=agency.reviewer)
        ask(agency, hers, reviewer=agency.other)
        ask(agency, anybodys)
        assert set(queue(agency, agency.reviewer, mine=True)) == {his, anybodys}
        assert set(queue(agency, agency.reviewer)) == {his, hers, anybodys}

    def test_a_delegate_sees_what_is_asked_of_whom_they_stand_in_for(self, agency: Agency) -> None:
        post = agency.post()
        ask(agency, post, reviewer=agency.reviewer)
        assert queue(agency, agency.other, mine=True) == []
        now = agency.clock.now()
        with agency.house.write(agency.reviewer) as scope:
            named = name_delegate(scope, agency.other.user_id or 0, since=now, until=now + DAY)
            assert (named.user, named.delegate) == (agency.reviewer.name, agency.other.name)
        assert queue(agency, agency.other, mine=True) == [post]
        agency.clock.advance(2 * DAY)
        assert queue(agency, agency.other, mine=True) == []
        with agency.house.read(agency.reviewer) as scope:
            assert delegates_page(scope, Asked()).items == []

    def test_only_an_admin_names_anothers_delegate_or_ends_it(self, agency: Agency) -> None:
        now, reviewer, other = agency.clock.now(), agency.reviewer.user_id or 0, agency.other.user_id or 0
        span = {"since": now, "until": now + DAY}
        with pytest.raises(NotAllowed), agency.house.write(agency.other) as scope:
            name_delegate(scope, other, user_id=reviewer, **span)
        with agency.house.write(agency.admin) as scope:
            row_id = name_delegate(scope, other, user_id=reviewer, **span).row.id
        with pytest.raises(NotFound), agency.house.write(agency.other) as scope:
            end_delegate(scope, row_id)
        with agency.house.write(agency.reviewer) as scope:
            end_delegate(scope, row_id)

    def test_nobody_stands_in_who_may_not_review(self, agency: Agency) -> None:
        now = agency.clock.now()
        with pytest.raises(InvalidInput), agency.house.write(agency.reviewer) as scope:
            name_delegate(scope, agency.author.user_id or 0, since=now, until=now + DAY)


class TestApprovingWhatIsClean:
    def test_leaves_what_has_a_warning_and_what_is_ones_own(self, agency: Agency) -> None:
        clean, warned, own = agency.post(), agency.post(WARNED), agency.post(who=agency.reviewer)
        for post in (clean, warned, own):
            ask(agency, post)
        with agency.house.write(agency.reviewer) as scope:
            outcomes = {one.post_id: one for one in approve_clean(scope, posts_to_review(scope))}
        assert outcomes[clean] == Outcome(clean, agency.row(clean).key, done=True)
        assert (outcomes[warned].done, outcomes[warned].code) == (False, "conflict")
        assert (outcomes[own].done, outcomes[own].code) == (False, "not_allowed")
        assert [agency.state(post) for post in (clean, warned, own)] == ["approved", "in_review", "in_review"]


class TestWhatTheReviewerSees:
    def test_is_what_goes_out_with_what_was_approved_before_and_what_has_changed(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.change(post, text=CLEAN.replace("day and night", "always"))
        with agency.house.read(agency.reviewer) as scope:
            view = review_view(scope, post)
        (one,) = view.sets
        assert one.first is None
        assert one.previous is not None
        assert one.previous.parts[0]["text"].startswith("Help is there, day and night.")
        kinds = {change.kind: change.text for change in one.changes if change.kind != "same"}
        assert kinds["removed"].startswith("day")
        assert kinds["added"].startswith("always")
        assert len(view.voided) == 1

    def test_comments_are_said_listed_and_settled(self, agency: Agency) -> None:
        post = agency.post()
        with agency.house.write(agency.reviewer) as scope:
            row = comment(scope, post, " Is it still true? ")
        with agency.house.read(agency.author) as scope:
            assert review_view(scope, post).comments == 1
        with agency.house.write(agency.author) as scope:
            assert settle_comment(scope, row.id).settled_by == agency.author.name
        with agency.house.read(agency.author) as scope:
            assert review_view(scope, post).comments == 0
            assert [one.text for one in comments_page(scope, post, Asked()).items] == ["Is it still true?"]
        with pytest.raises(Conflict), agency.house.write(agency.author) as scope:
            settle_comment(scope, row.id)


class TestReminders:
    def test_go_to_the_reviewer_once_a_day_before_and_once_when_overdue(
        self, mailing: Agency, mailbox: Mailbox
    ) -> None:
        post = mailing.post()
        ask(mailing, post, reviewer=mailing.reviewer, in_days=3)
        remind = mailing.house.review_reminders.remind
        sent = []
        for days in (0, 1.5, 1, 0.4, 0.2, 5):
            mailing.clock.advance(days * DAY)
            sent.append(remind())
        assert sent == [0, 0, 1, 0, 1, 0]
        assert [letter["To"] for letter in mailbox.letters] == [mailing.reviewer.name] * 2
        assert mailing.row(post).key in text_of(mailbox.letters[0])
        assert ["overdue" in letter["Subject"] for letter in mailbox.letters] == [False, True]

    def test_go_to_whoever_stands_in_as_well(self, mailing: Agency, mailbox: Mailbox) -> None:
        now = mailing.clock.now()
        with mailing.house.write(mailing.reviewer) as scope:
            name_delegate(scope, mailing.other.user_id or 0, since=now, until=now + 9 * DAY)
        ask(mailing, mailing.post(), reviewer=mailing.reviewer, in_days=0.5)
        assert mailing.house.review_reminders.remind() == 2
        assert {letter["To"] for letter in mailbox.letters} == {mailing.reviewer.name, mailing.other.name}

    def test_are_tried_again_where_the_mail_server_refuses(self, mailing: Agency, mailbox: Mailbox) -> None:
        ask(mailing, mailing.post(), reviewer=mailing.reviewer, in_days=0.5)
        mailbox.refuse_letter = "451 not now"
        assert mailing.house.review_reminders.remind() == 0
        mailbox.refuse_letter = None
        assert mailing.house.review_reminders.remind() == 1

    def test_are_none_where_no_mail_server_is_set_up(self, agency: Agency) -> None:
        post = agency.post()
        ask(agency, post, reviewer=agency.reviewer, in_days=0.5)
        assert agency.house.review_reminders.remind() == 0
        assert reviews(agency, post)[0].reminded_at is None

    def test_are_one_letter_for_many_posts(self, mailing: Agency, mailbox: Mailbox) -> None:
        for _ in range(3):
            ask(mailing, mailing.post(), reviewer=mailing.reviewer, in_days=0.5)
        assert mailing.house.review_reminders.remind() == 1
        assert text_of(mailbox.letters[0]).count("- ") == 3
