"""Finding what is out by what it says, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from delivery_stage import Stage
from people import person
from sqlalchemy import insert, update
from withdraw_stage import ask, gone, published

from app.delivery import review
from app.errors import InvalidInput, NotFound
from app.models import Attempt, AttemptPart, Campaign, Delivery, Organization, Post
from app.platforms.sandbox.faults import Fault
from app.services.pages import Asked, BadCursor
from app.services.published_search import Sought, search
from app.services.scope import Scope

Find = Callable[..., list[int]]


@pytest.fixture
def find(stage: Stage) -> Find:
    """Search all pages and return the deliveries' ids, the oldest first."""

    def find(organization: int | None = None, limit: int = 2, **sought: object) -> list[int]:
        found: list[int] = []
        cursor = None
        while True:
            with stage.database.read() as session:
                owner = organization or session.query(Organization.id).order_by(Organization.id).limit(1).scalar()
                scope = Scope(session, owner, stage.clock.now(), person("staff"))
                page = search(scope, Sought(**sought), Asked(limit, cursor))  # type: ignore[arg-type]
                assert len(page.items) <= limit
                found += [hit.view.delivery.id for hit in page.items]
            if (cursor := page.next_cursor) is None:
                assert len(found) == len(set(found))
                return found[::-1]

    return find


def all_published(stage: Stage, *texts: str, links: list[dict[str, str]] | None = None) -> list[int]:
    campaign = stage.campaign()
    account = stage.account(campaign, min_gap_minutes=1)
    posts = [stage.post(campaign, text) for text in texts]
    if links is not None:
        with stage.database.write() as session:
            session.execute(update(Post).values(links=links))
    ids = [stage.delivery(post, account) for post in posts]
    stage.run(hours=5)
    assert set(stage.states()) == {"published"}
    return ids


class TestANumber:
    def test_is_found_however_it_is_written(self, stage: Stage, find: Find) -> None:
        wrong = all_published(
            stage,
            "Call 1-888-373-7889 now",
            "(888) 373 7889",
            "+1 888.373.7889 in 24/7",
            "８８８-３７３-７８８９",
            "٨٨٨ ٣٧٣ ٧٨٨٩",
            "One part.\n---\nAnother: 888 - 373 - 7889",
            "The right one: 1-888-373-7888",
            "8883737889012",
        )[:6]
        assert find(number="1-888-373-7889") == wrong
        assert find(number="(888) 373 7889") == wrong

    def test_may_be_a_short_code(self, stage: Stage, find: Find) -> None:
        one, _ = all_published(stage, "Text HELP to 233733", "Call 1-888-233-7331")
        assert find(number="233733") == [one]

    @pytest.mark.parametrize("number", ["", "no", "12", "1234567890123456"])
    def test_of_too_few_or_too_many_digits_is_refused(self, find: Find, stage: Stage, number: str) -> None:
        stage.campaign()
        with pytest.raises(InvalidInput, match="no number"):
            find(number=number)


class TestALink:
    def test_is_found_however_it_is_written(self, stage: Stage, find: Find) -> None:
        ids = all_published(
            stage,
            "See https://www.dhs.gov/blue-campaign/ now",
            "See DHS.gov/blue-campaign.",
            "See http://dhs.gov/blue-campaign",
            "See https://dhs.gov/blue-campaign/more",
            "See https://dhs.gov/Blue-Campaign",
            "See https://dhs.gov.example.org/blue-campaign",
        )
        assert find(link="dhs.gov/blue-campaign") == ids[:3]
        assert find(link="HTTP://WWW.DHS.GOV/blue-campaign/") == ids[:3]
        assert find(link="https://dhs.gov") == ids[:5]

    def test_may_stand_behind_other_words(self, stage: Stage, find: Find) -> None:
        target = {"visible": "train.org", "target": "https://www.train.org/full?course=1"}
        one, _ = all_published(stage, "See train.org today", "See nothing", links=[target])
        assert find(link="https://train.org/full?course=1") == [one]

    def test_may_stand_in_what_was_sent_only(self, stage: Stage, find: Find) -> None:
        (one,) = all_published(stage, "See it today")
        with stage.database.write() as session:
            session.execute(update(AttemptPart).values(record={"facets": [{"uri": "https://train.org/full"}]}))
        assert find(link="train.org/full") == [one]

    def test_of_another_script_is_found(self, stage: Stage, find: Find) -> None:
        (one,) = all_published(stage, "Mehr: https://bücher.example/hilfe")
        assert find(link="xn--bcher-kva.example/hilfe") == [one]

    @pytest.mark.parametrize("link", ["", "help", "mailto:a@example.org", "two words"])
    def test_that_is_no_address_is_refused(self, find: Find, stage: Stage, link: str) -> None:
        stage.campaign()
        with pytest.raises(InvalidInput, match="no web address"):
            find(link=link)


class TestWords:
    def test_must_all_stand_in_one_message_in_any_case(self, stage: Stage, find: Find) -> None:
        both, _, _, _ = all_published(
            stage, "ÁRBOL and 100% Signs_ here", "Árbol only", "Designs and árbol", "Signs_ here.\n---\nÁrbol, 100"
        )
        assert find(words="árbol signs_") == [both]

    @pytest.mark.parametrize("words", ["%", "!!", " ", " ".join(f"w{n}" for n in range(30))])
    def test_that_are_none_or_too_many_are_refused(self, find: Find, stage: Stage, words: str) -> None:
        stage.campaign()
        with pytest.raises(InvalidInput):
            find(words=words)


class TestWhatIsSearched:
    def test_is_nothing_without_a_question(self, stage: Stage, find: Find) -> None:
        stage.campaign()
        with pytest.raises(InvalidInput, match="Nothing"):
            find()

    def test_must_fit_all_that_is_given(self, stage: Stage, find: Find) -> None:
        one, _, _ = all_published(stage, "Call 988 at dhs.gov", "Call 988", "See dhs.gov")
        assert find(number="988", link="dhs.gov", words="call") == [one]

    def test_is_what_went_out_and_not_what_the_post_says_now(self, stage: Stage, find: Find) -> None:
        delivery = published(stage, "Old words")
        with stage.database.write() as session:
            session.execute(update(Post).values(text="New words"))
        assert (find(words="old"), find(words="new")) == ([delivery], [])

    def test_is_neither_what_is_ahead_nor_what_is_gone(self, stage: Stage, find: Find) -> None:
        delivery = published(stage, "Some words")
        stage.delivery(stage.post(stage_campaign(stage, delivery), "More words"), stage.get_account(delivery))
        assert find(words="words") == [delivery]
        ask(stage, delivery)
        assert find(words="words") == [delivery]
        stage.tick_after(0)
        assert stage.get(delivery).state == "withdrawn"
        assert find(words="words") == []

    def test_is_what_a_person_posted_or_found(self, stage: Stage, find: Find) -> None:
        delivery = stage.one("Some words", via="by_hand", person="The press office")
        stage.tick_after(10)
        with stage.database.write() as session:
            link = "https://example.org/post/2"
            review.confirm_posted(session, delivery, link=link, now=stage.clock.now(), actor="staff")
        assert find(words="some words") == [delivery]
        ask(stage, delivery)
        gone(stage, delivery)
        assert find(words="some words") == []

    def test_is_what_may_be_out(self, stage: Stage, find: Find) -> None:
        delivery = stage.one("Some words")
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_FOR_GOOD)
        stage.tick_after(10)
        assert (stage.get(delivery).state, find(words="some")) == ("unknown", [delivery])
        stage.run()
        assert (stage.get(delivery).state, find(words="some")) == ("needs_review", [delivery])

    def test_is_a_thread_with_parts_out(self, stage: Stage, find: Find) -> None:
        delivery = stage.one("First words\n---\nSecond words")
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.REFUSED)
        stage.tick_after(10)
        assert (find(words="first"), find(words="second")) == ([delivery], [])

    def test_is_one_organizations_own_and_one_campaigns_where_asked(self, stage: Stage, find: Find) -> None:
        delivery = published(stage, "Some words")
        with stage.database.read() as session:
            campaign = session.get_one(Delivery, delivery).campaign_id
        other = stage.campaign(organization="other", slug="other")
        assert find(words="words", campaign_id=campaign) == [delivery]
        assert find(other.organization_id, words="words") == []
        with pytest.raises(NotFound):
            find(words="words", campaign_id=other.id)

    def test_cannot_begin_at_another_lists_cursor(self, stage: Stage, find: Find) -> None:
        stage.campaign()
        with stage.database.read() as session, pytest.raises(BadCursor):
            search(Scope(session, 1, stage.clock.now(), person("staff")), Sought(words="x"), Asked(2, "abc"))


class TestManyDeliveries:
    def test_are_looked_through_in_bounded_steps(self, stage: Stage, find: Find) -> None:
        """Hundreds of posts say nearly the number, and so pass what the database can tell."""
        delivery = published(stage, "Call 1-888-373-7889")
        row = stage.get(delivery)
        crowd(stage, row, 450, "Call 8-1888-373-78890")
        with stage.database.read() as session:
            scope = Scope(session, row.organization_id, stage.clock.now(), person("staff"))
            page = search(scope, Sought(number="888-373-7889"), Asked(50), most=400)
        assert page.items == []
        assert page.next_cursor is not None
        assert find(number="888-373-7889", limit=50) == [delivery]


def stage_campaign(stage: Stage, delivery: int) -> Campaign:
    with stage.database.read() as session:
        return session.get_one(Campaign, session.get_one(Delivery, delivery).campaign_id)


def crowd(stage: Stage, like: Delivery, count: int, text: str) -> None:
    """Add many published deliveries of one part each."""
    now, owner = stage.clock.now(), like.organization_id
    with stage.database.write() as session:
        first = like.id + 1
        session.execute(
            insert(Delivery),
            [
                {
                    "id": first + n, "organization_id": owner, "campaign_id": like.campaign_id,
                    "post_id": like.post_id, "account_id": like.account_id, "occurrence": f"crowd {n}", "week": 1,
                    "state": "published", "state_since": now, "due_at": now, "ready_at": now, "created_at": now,
                    "remote_id": f"crowd-{n}", "published_at": now,
                }
                for n in range(count)
            ],
        )  # fmt: skip
        session.execute(
            insert(Attempt),
            [
                {
                    "id": 10_000 + n, "organization_id": owner, "delivery_id": first + n, "token": 1, "generation": 1,
                    "digest": "0" * 64, "policy_version": "1", "started_at": now, "deadline_at": now,
                    "outcome": "published",
                }
                for n in range(count)
            ],
        )  # fmt: skip
        session.execute(
            insert(AttemptPart),
            [
                {
                    "organization_id": owner, "attempt_id": 10_000 + n, "index": 0, "text": text, "length": 1,
                    "key": f"crowd {n}", "record": {}, "outcome": "published", "remote_id": f"crowd-{n}",
                }
                for n in range(count)
            ],
        )  # fmt: skip
