from __future__ import annotations

import pytest
from updated_campaign import Campaigned, version, with_contact

from app.errors import Conflict, InvalidInput
from app.models import Campaign, Post
from app.packs.bundled import default_pack
from app.packs.comparing import Kind, Side
from app.packs.schema import Pack
from app.services.contacts import confirm_contacts, contact_facts
from app.services.pack_updates import PackUpdate, PackUpdated, commit_update, preview_update
from app.services.voices import pack_of


def preview(made: Campaigned, new: Pack) -> PackUpdate:
    with made.house.read() as scope:
        return preview_update(scope, scope.get(Campaign, made.campaign_id), new)


def commit(made: Campaigned, new: Pack, *, rest: Side | None = None, **choices: Side) -> PackUpdated:
    digest = preview(made, new).digest
    with made.house.write() as scope:
        campaign = scope.get(Campaign, made.campaign_id, lock=True)
        return commit_update(scope, campaign, new, digest, choices, rest=rest)


def kinds(update: PackUpdate) -> dict[str, Kind]:
    return {post.key: post.kind for post in update.comparison.posts}


NEW_TEXT = "Keep an adult within reach, always. #PoolSafety"
OUR_TEXT = "Our city: keep an adult within reach. #PoolSafety"


class TestWhatTheIssuerChanged:
    def test_is_taken_where_the_agency_changed_nothing(self, made: Campaigned) -> None:
        new = version(close={"text": NEW_TEXT, "week": 2})
        assert kinds(preview(made, new)) == {
            "close": Kind.CHANGED, "gate": Kind.UNCHANGED, "learn": Kind.UNCHANGED, "drill": Kind.UNCHANGED,
        }  # fmt: skip
        assert commit(made, new) == PackUpdated("2", changed=1, added=0, left_out=0, kept=0)
        post = made.post("close")
        assert (post.text, post.week, post.version) == (NEW_TEXT, 2, 2)
        assert made.campaign().pack_version == "2"

    def test_is_taken_field_by_field_beside_the_agencys_own_edits(self, made: Campaigned) -> None:
        made.edit("close", text=OUR_TEXT)
        commit(made, version(close={"week": 2, "section": "Summer"}))
        post = made.post("close")
        assert (post.text, post.week, post.section) == (OUR_TEXT, 2, "Summer")

    def test_links_pins_and_variants_come_along(self, made: Campaigned) -> None:
        new = version(
            gate={
                "text": "Lock the gate: water.example.org/lock #PoolSafety",
                "links": [{"visible": "water.example.org/lock", "target": "https://water.example.org/lock"}],
                "pins": ["05-22"],
            },
            learn={"variants": {"bluesky": "Swim, all! #PoolSafety"}},
        )
        commit(made, new)
        post = made.post("gate")
        assert post.links == [{"visible": "water.example.org/lock", "target": "https://water.example.org/lock"}]
        assert post.pins == ["2027-05-22"]
        assert kinds(preview(made, new)) == dict.fromkeys(("close", "gate", "learn", "drill"), Kind.UNCHANGED)

    def test_new_posts_are_added_in_their_place(self, made: Campaigned) -> None:
        new = version(extra={"week": 1, "text": "Wear a vest. #PoolSafety", "pins": ["05-20"]})
        assert commit(made, new).added == 1
        assert made.post("extra").pins == ["2027-05-20"]
        with made.house.read() as scope:
            keys = scope.session.scalars(scope.query(Post).order_by(Post.position)).all()
            assert [post.key for post in keys] == ["close", "gate", "learn", "drill", "extra"]


class TestWhatTheAgencyChanged:
    def test_is_kept_by_default(self, made: Campaigned) -> None:
        made.edit("close", text=OUR_TEXT)
        new = version(drill={"text": "Drill every week. #PoolSafety"})
        assert kinds(preview(made, new))["close"] is Kind.KEPT
        commit(made, new)
        assert made.post("close").text == OUR_TEXT
        assert made.post("close").version == 2

    def test_stays_kept_with_the_version_after(self, made: Campaigned) -> None:
        made.edit("close", text=OUR_TEXT)
        commit(made, version("2"))
        commit(made, version("3", close={"section": "Summer"}))
        assert (made.post("close").text, made.post("close").section) == (OUR_TEXT, "Summer")

    def test_the_same_change_on_both_sides_is_none(self, made: Campaigned) -> None:
        made.edit("close", text=NEW_TEXT)
        assert kinds(preview(made, version(close={"text": NEW_TEXT})))["close"] is Kind.UNCHANGED

    def test_posts_of_its_own_stay(self, made: Campaigned) -> None:
        commit(made, version("2", extra={"week": 1, "text": "Wear a vest. #PoolSafety"}))
        commit(made, version("3"))
        assert made.post("extra").left_out == "Left out by version 3 of the pack"
        assert kinds(preview(made, version("4")))["extra"] is Kind.OWN


class TestWhatBothChanged:
    @pytest.fixture
    def edited(self, made: Campaigned) -> Campaigned:
        made.edit("close", text=OUR_TEXT)
        return made

    def test_is_asked_and_nothing_is_written_without_an_answer(self, edited: Campaigned) -> None:
        new = version(close={"text": NEW_TEXT}, drill={"text": "Drill every week. #PoolSafety"})
        change = next(post for post in preview(edited, new).comparison.posts if post.key == "close")
        assert (change.kind, [field.field for field in change.conflicts]) == (Kind.CONFLICT, ["text"])
        with pytest.raises(InvalidInput, match="close"):
            commit(edited, new)
        assert edited.post("drill").text == "Drill every month. #PoolSafety"
        assert edited.campaign().pack_version == "1"

    @pytest.mark.parametrize(("side", "text"), [(Side.OURS, OUR_TEXT), (Side.THEIRS, NEW_TEXT)])
    def test_gets_what_a_person_chose(self, edited: Campaigned, side: Side, text: str) -> None:
        commit(edited, version(close={"text": NEW_TEXT}), close=side)
        assert edited.post("close").text == text

    def test_one_choice_may_stand_for_all(self, edited: Campaigned) -> None:
        commit(edited, version(close={"text": NEW_TEXT}), rest=Side.THEIRS)
        assert edited.post("close").text == NEW_TEXT

    def test_a_choice_for_a_post_without_conflict_is_refused(self, edited: Campaigned) -> None:
        with pytest.raises(InvalidInput, match="gate"):
            commit(edited, version(close={"text": NEW_TEXT}), close=Side.OURS, gate=Side.OURS)


class TestWhatIsGone:
    def test_is_left_out_with_the_reason(self, made: Campaigned) -> None:
        assert commit(made, version(drill=None)).left_out == 1
        assert made.post("drill").left_out == "Left out by version 2 of the pack"

    def test_stays_where_the_agency_has_edited_it(self, made: Campaigned) -> None:
        made.edit("drill", text="We drill every Monday. #PoolSafety")
        new = version(drill=None)
        assert kinds(preview(made, new))["drill"] is Kind.REMOVED_KEPT
        commit(made, new)
        assert made.post("drill").left_out is None


class TestContactFacts:
    def test_that_changed_must_be_confirmed_again(self, made: Campaigned) -> None:
        with made.house.write() as scope:
            campaign = scope.get(Campaign, made.campaign_id, lock=True)
            confirm_contacts(scope, campaign, ["voice", "website"], by="staff", method="called")
        new = with_contact("1-202-555-0199")
        assert preview(made, new).comparison.facts == ("voice",)
        commit(made, new)
        # And back again: what was confirmed long ago does not count any more.
        commit(made, version("3"))
        with made.house.read() as scope:
            campaign = scope.get(Campaign, made.campaign_id)
            facts = {fact.key: fact.confirmation for fact in contact_facts(scope.session, campaign)}
            assert pack_of(campaign).version == "3"
        assert facts["voice"] is None
        assert facts["website"] is not None


class TestACommit:
    def test_is_refused_once_anything_changed_since_its_preview(self, made: Campaigned) -> None:
        new = version(close={"text": NEW_TEXT})
        digest = preview(made, new).digest
        made.edit("gate", section="Garden")
        with made.house.write() as scope, pytest.raises(Conflict, match="changed since"):
            commit_update(scope, scope.get(Campaign, made.campaign_id, lock=True), new, digest, {})
        assert made.post("close").version == 1

    def test_is_refused_for_another_version_than_was_previewed(self, made: Campaigned) -> None:
        digest = preview(made, version("2")).digest
        with made.house.write() as scope, pytest.raises(Conflict):
            commit_update(scope, scope.get(Campaign, made.campaign_id, lock=True), version("3"), digest, {})

    def test_is_refused_where_an_own_edit_would_have_no_week(self, made: Campaigned) -> None:
        made.edit("drill", text="We drill every Monday. #PoolSafety")
        document = version("2", drill=None, learn=None).model_dump(mode="json")
        document["weeks"], document["window"] = document["weeks"][:1], {"starts_on": "05-20", "ends_on": "05-26"}
        new = Pack.model_validate(document)
        found = preview(made, new)
        assert any("drill is in week 2" in problem for problem in found.problems)
        with pytest.raises(Conflict, match="week 2"):
            commit(made, new)

    def test_of_another_pack_is_refused(self, made: Campaigned) -> None:
        with pytest.raises(InvalidInput, match="pool-safety"):
            preview(made, default_pack())


class TestWhoBringsAVersion:
    def test_counts_as_the_writer_of_what_it_changes(self, made: Campaigned) -> None:
        commit(made, version(close={"text": NEW_TEXT}, gate={"section": "Garden"}, extra={"week": 1, "text": "New."}))
        assert made.post("close").writers == ["local"]
        assert made.post("extra").writers == ["local"]
        assert made.post("gate").writers == []
