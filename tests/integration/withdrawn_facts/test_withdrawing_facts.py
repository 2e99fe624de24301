from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fact_scene import NUMBER, OPERATOR, PACK, Scene, number
from sqlalchemy import select

from app.errors import AlreadyExists, InvalidInput, NotFound
from app.models import Alert, AuditEvent, Campaign, ContactConfirmation, DeliveryEvent, Post
from app.services.approvals import approve_everything
from app.services.contacts import confirm_contacts, contact_facts
from app.services.pages import Asked
from app.services.posts import change_post
from app.services.voices import pack_of
from app.services.withdrawn_facts import (
    NewFact,
    lift_fact,
    look_again,
    published_with,
    withdraw_fact,
    withdrawn_fact,
    withdrawn_facts_page,
)


def run_rounds(scene: Scene) -> None:
    for chore in scene.house.alerting.chores():
        chore.run()


MID_JANUARY = datetime(2027, 1, 12, 4, 0, tzinfo=UTC)


class TestNothingThatSaysItGoesOut:
    def test_what_is_ahead_is_shown_blocked_at_once_in_all_organizations(self, scene: Scene) -> None:
        issued = withdraw_fact(scene.house, OPERATOR, number())
        for agency in ("north", "south"):
            # Most posts get a mention with the number; those that name the website get none.
            with scene.house.read(scene.people[agency]) as scope:
                texts = {post.id: post.text for post in scope.session.scalars(scope.query(Post))}
            left = scene.deliveries(agency, "scheduled")
            assert left
            assert all("Visit humantraffickinghotline.org" in texts[row.post_id] for row in left)
            assert len(scene.deliveries(agency, "blocked")) > 10 * len(left)
            blocked = scene.deliveries(agency, "blocked")[0]
            assert blocked.state_reason == "fact.withdrawn"
            assert blocked.verdict is not None
            assert blocked.verdict[0]["code"] == "fact.withdrawn"
        assert {one.organization: one.blocked for one in issued.organizations} == {
            agency: len(scene.deliveries(agency, "blocked")) for agency in ("north", "south")
        }

    def test_the_gate_blocks_what_comes_later(self, scene: Scene) -> None:
        withdraw_fact(scene.house, OPERATOR, number())
        person, campaign_id = scene.people["north"], scene.campaign_id("north")
        with scene.house.write(person) as scope:
            # Any change of the campaign sends blocked deliveries back in line.
            confirm_contacts(scope, scope.get(Campaign, campaign_id), ["voice"], by="staff", method="called")
        assert set(scene.counts("north")) == {"scheduled"}
        scene.run_until(datetime(2027, 1, 2, 4, 0, tzinfo=UTC))
        judged = [row for row in scene.deliveries("north") if row.state == "blocked"]
        assert judged
        for row in judged:
            assert row.attempts_made == 0
            assert "fact.withdrawn" in [finding["code"] for finding in row.verdict or []]

    def test_a_corrected_text_goes_out(self, scene: Scene) -> None:
        with scene.house.read(scene.people["north"]) as scope:
            posts = scope.session.scalars(scope.query(Post).order_by(Post.position)).all()
            said = next(post for post in posts if "train.org/main/course/1107319" in post.text)
        withdraw_fact(
            scene.house, OPERATOR, NewFact(PACK, "link", "https://www.train.org/main/course/1107319", "Dead link.")
        )
        blocked = scene.deliveries("north", "blocked")
        assert {row.post_id for row in blocked} == {post.id for post in posts if "course/1107319" in post.text}
        with scene.house.write(scene.people["north"]) as scope:
            post = scope.get(Post, said.id, lock=True)
            text = "Child welfare systems are essential to preventing human trafficking. #Partner2Prevent"
            change_post(scope, post, {"text": text})
            approve_everything(scope, scope.get(Campaign, post.campaign_id), by="a reviewer", posts=[post])
        mine = next(row for row in scene.deliveries("north") if row.post_id == said.id)
        assert mine.state == "scheduled"
        scene.run_until(mine.due_at + timedelta(minutes=1))
        again = {row.id: row.state for row in scene.deliveries("north")}
        assert again[mine.id] == "published"

    def test_words_count_in_their_order_only(self, scene: Scene) -> None:
        withdraw_fact(scene.house, OPERATOR, NewFact(PACK, "words", "identify human and trafficking", "Wrong."))
        assert scene.deliveries("north", "blocked") == []
        withdraw_fact(scene.house, OPERATOR, NewFact(PACK, "words", "56 Million students", "The figure is old."))
        assert len(scene.deliveries("north", "blocked")) == 1

    def test_campaigns_of_other_packs_are_left_alone(self, scene: Scene) -> None:
        with scene.house.write(scene.people["south"]) as scope:
            scope.session.scalars(scope.query(Campaign)).one().pack_key = "another-pack"
        issued = withdraw_fact(scene.house, OPERATOR, number())
        assert [one.organization for one in issued.organizations] == ["north"]
        assert set(scene.counts("south")) == {"scheduled"}


class TestWhatIsOut:
    def test_is_listed_to_its_own_organization_and_counted_for_the_operator(self, scene: Scene) -> None:
        scene.run_until(MID_JANUARY)
        issued = withdraw_fact(scene.house, OPERATOR, number())
        said = {
            agency: {row.id for row in scene.deliveries(agency, "published") if scene.says(agency, row, "888-373-7888")}
            for agency in ("north", "south")
        }
        assert len(said["north"]) > 5
        assert {one.organization: one.published for one in issued.organizations} == {
            agency: len(ids) for agency, ids in said.items()
        }
        with scene.house.read(scene.people["north"]) as scope:
            hits = published_with(scope, issued.fact.id, Asked(200)).items
            mine = said["north"]
            assert {hit.view.delivery.id for hit in hits} == mine
            events = scope.session.scalars(
                scope.query(DeliveryEvent).where(
                    DeliveryEvent.reason == "fact.withdrawn", DeliveryEvent.to_state == "published"
                )
            ).all()
            assert {event.delivery_id for event in events} == mine

    def test_an_alert_rings_until_it_is_withdrawn(self, scene: Scene) -> None:
        scene.run_until(MID_JANUARY)
        withdraw_fact(scene.house, OPERATOR, number())
        run_rounds(scene)
        with scene.house.read(scene.people["north"]) as scope:
            kinds = scope.session.scalars(scope.query(Alert).where(Alert.closed_at.is_(None))).all()
            told = [alert.delivery_id for alert in kinds if alert.kind == "fact_withdrawn"]
        out = {row.id for row in scene.deliveries("north", "published") if scene.says("north", row, "888-373-7888")}
        stopped = {row.id for row in scene.deliveries("north", "blocked") if row.state_reason == "fact.withdrawn"}
        assert out
        assert stopped
        assert set(told) == out | stopped

    def test_a_second_sweep_marks_nothing_twice(self, scene: Scene) -> None:
        scene.run_until(MID_JANUARY)
        withdraw_fact(scene.house, OPERATOR, number())
        query = select(DeliveryEvent.id).where(DeliveryEvent.reason == "fact.withdrawn")
        with scene.house.database.read() as session:
            before = len(session.scalars(query).all())
        look_again(scene.house)
        with scene.house.database.read() as session:
            assert len(session.scalars(query).all()) == before

    def test_another_organization_without_the_pack_knows_nothing_of_it(self, scene: Scene) -> None:
        with scene.house.write(scene.people["south"]) as scope:
            scope.session.scalars(scope.query(Campaign)).one().pack_key = "another-pack"
        issued = withdraw_fact(scene.house, OPERATOR, number())
        with scene.house.read(scene.people["south"]) as scope:
            assert withdrawn_facts_page(scope, Asked(50)).items == []
            with pytest.raises(NotFound):
                withdrawn_fact(scope, issued.fact.id)


class TestANewValue:
    def test_takes_the_old_ones_place_in_the_pack_and_waits_for_confirmation(self, scene: Scene) -> None:
        person, campaign_id = scene.people["north"], scene.campaign_id("north")
        with scene.house.write(person) as scope:
            campaign = scope.get(Campaign, campaign_id)
            confirm_contacts(scope, campaign, ["voice", "website"], by="staff", method="called")
        issued = withdraw_fact(scene.house, OPERATOR, number("1-202-555-0142"))
        assert {one.replaced for one in issued.organizations} == {1}
        with scene.house.read(person) as scope:
            campaign = scope.get(Campaign, campaign_id)
            pack = pack_of(campaign)
            assert pack.contact.voice is not None
            assert pack.contact.voice.value == "1-202-555-0142"
            assert all(NUMBER not in form for forms in pack.mention_forms.values() for form in forms)
            facts = {fact.key: fact.confirmation for fact in contact_facts(scope.session, campaign)}
            assert facts["voice"] is None
            assert facts["website"] is not None
            rows = scope.session.scalars(scope.query(ContactConfirmation)).all()
            assert [row.fact_key for row in rows] == ["website"]

    def test_lets_go_out_what_says_the_new_one(self, scene: Scene) -> None:
        withdraw_fact(scene.house, OPERATOR, number("1-202-555-0142"))
        # No text of the toolkit has the number itself: all of them get the new mention.
        assert scene.deliveries("north", "blocked") == []
        scene.run_until(datetime(2027, 1, 2, 4, 0, tzinfo=UTC))
        out = scene.deliveries("north", "published")
        assert any(scene.says("north", row, "1-202-555-0142") for row in out)
        assert not any(scene.says("north", row, "888-373-7888") for row in out)

    def test_that_cannot_stand_in_the_pack_leaves_it_as_it_is_and_stops_all_the_same(self, scene: Scene) -> None:
        issued = withdraw_fact(scene.house, OPERATOR, number("1-202-555-0142 extension 4"))
        assert {one.replaced for one in issued.organizations} == {0}
        assert scene.counts("north")["blocked"] > 20


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("fact", "word"),
        [
            (NewFact("no-such-pack", "number", "12345", "why"), "no-such-pack"),
            (NewFact(PACK, "number", "12", "why"), "12"),
            (NewFact(PACK, "link", "not a link", "why"), "not a link"),
            (NewFact(PACK, "words", "...", "why"), "wording"),
            (NewFact(PACK, "number", "12345", " "), "reason"),
            (NewFact(PACK, "number", "888 373 7888", "why", "1-888-373-7888"), "same"),
        ],
    )
    def test_what_is_none_of_its_kind(self, scene: Scene, fact: NewFact, word: str) -> None:
        with pytest.raises(InvalidInput, match=word):
            withdraw_fact(scene.house, OPERATOR, fact)
        assert set(scene.counts("north")) == {"scheduled"}

    def test_the_same_again(self, scene: Scene) -> None:
        withdraw_fact(scene.house, OPERATOR, number())
        with pytest.raises(AlreadyExists):
            withdraw_fact(scene.house, OPERATOR, NewFact(PACK, "number", NUMBER, "again"))


class TestAMistake:
    def test_is_lifted_and_all_goes_on(self, scene: Scene) -> None:
        issued = withdraw_fact(scene.house, OPERATOR, number())
        lift_fact(scene.house, OPERATOR, issued.fact.id)
        assert set(scene.counts("north")) == {"scheduled"}
        scene.run_until(datetime(2027, 1, 2, 4, 0, tzinfo=UTC))
        assert scene.deliveries("north", "published")


class TestItIsOnRecord:
    def test_who_withdrew_it_and_what_it_did_to_each_organization(self, scene: Scene) -> None:
        withdraw_fact(scene.house, OPERATOR, number())
        with scene.house.database.read() as session:
            rows = session.scalars(select(AuditEvent).where(AuditEvent.subject == "withdrawn_fact")).all()
        assert {(row.actor, row.action, row.organization_id is None) for row in rows} >= {
            ("operator", "added", True),
            ("operator", "fact_withdrawn", False),
        }


class TestASweepThatWasCutShort:
    def test_is_made_by_the_chore(self, scene: Scene) -> None:
        from app.models import WithdrawnFact  # noqa: PLC0415

        with scene.house.write_instance(OPERATOR) as scope:
            scope.session.add(
                WithdrawnFact(
                    pack_key=PACK, kind="number", old=NUMBER, reason="r", issued_by="operator", issued_at=scope.now
                )
            )
        assert set(scene.counts("north")) == {"scheduled"}
        look_again(scene.house)
        assert scene.counts("north")["blocked"] > 20
