"""What a person changes is in the audit trail, written with the change, and nobody can change it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from delivery_stage import START
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.errors import InvalidInput
from app.identity.permissions import EVERYTHING
from app.identity.principal import Principal
from app.models import Account, AuditEvent, Campaign, Delivery, Post
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services import deliveries
from app.services.accounts import NewAccount, add_account
from app.services.audit import Sought, audit_page
from app.services.campaigns import create_campaign, set_fill_ins
from app.services.pages import Asked
from app.services.plans import commit_plan, preview_plan
from app.services.posts import change_post
from app.settings import Settings

WHO = Principal("author@agency.example", EVERYTHING, user_id=7, via="session", origin="192.0.2.7", request_id="r1")
SECRET = "the-token-that-nobody-may-read"  # noqa: S105 - made up for the test


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    url = database.engine.url.render_as_string(hide_password=False)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=VirtualClock(START.replace(year=2026)))
    yield house
    house.close()


@pytest.fixture
def who(house: House) -> Principal:
    with house.write() as scope:
        return replace(WHO, organization_id=scope.organization_id)


@pytest.fixture
def campaign_id(house: House, who: Principal) -> int:
    with house.write(who) as scope:
        add_account(scope, house.vault, NewAccount("ours", "mastodon", Via.SANDBOX))
        return create_campaign(scope, default_pack(), year=2027).id


def trail(house: House, **sought: Any) -> list[AuditEvent]:
    with house.read() as scope:
        return list(audit_page(scope, Sought(**sought), Asked(200)).items)


def rename_and_fail(house: House, who: Principal, campaign_id: int) -> None:
    with house.write(who) as scope:
        scope.get(Campaign, campaign_id).name = "Another name"
        scope.session.flush()
        raise InvalidInput("It failed after its change.")


class TestWhatIsNoted:
    def test_a_change_with_before_and_after_and_who_did_it_from_where(
        self, house: House, who: Principal, campaign_id: int
    ) -> None:
        with house.write(who) as scope:
            post = scope.session.scalars(scope.query(Post).where(Post.campaign_id == campaign_id).limit(1)).one()
            before = post.text
            change_post(scope, post, {"text": "Help is there: 1-888-373-7888."})
        row = next(r for r in trail(house, subject="post", action="changed") if "text" in (r.after or {}))
        assert (row.actor, row.user_id, row.via, row.origin, row.request_id) == (
            "author@agency.example", 7, "session", "192.0.2.7", "r1",
        )  # fmt: skip
        assert row.subject_id == post.id
        assert row.before is not None
        assert row.after is not None
        assert (row.before["text"], row.after["text"]) == (before, "Help is there: 1-888-373-7888.")

    def test_what_is_added_and_what_is_removed(self, house: House, who: Principal, campaign_id: int) -> None:
        key = default_pack().fill_ins[0].key
        value = "https://example.org/help"
        with house.write(who) as scope:
            set_fill_ins(scope, scope.get(Campaign, campaign_id), {key: value}, rehearsal=True)
        with house.write(who) as scope:
            set_fill_ins(scope, scope.get(Campaign, campaign_id), {key: None})
        removed, added = trail(house, subject="fill_in")
        assert (added.action, added.before, (added.after or {})["value"]) == ("added", None, value)
        assert (removed.action, removed.after, (removed.before or {})["value"]) == ("removed", None, value)

    def test_nothing_of_a_unit_of_work_that_was_rolled_back(
        self, house: House, who: Principal, campaign_id: int
    ) -> None:
        noted = len(trail(house))
        with pytest.raises(InvalidInput):
            rename_and_fail(house, who, campaign_id)
        assert len(trail(house)) == noted

    def test_no_secret_of_an_account(self, house: House, who: Principal) -> None:
        with house.write(who) as scope:
            new = NewAccount("real", "mastodon", Via.NETWORK, server="https://a.example", secrets={"token": SECRET})
            add_account(scope, house.vault, new)
        with house.database.read() as session:
            rows = session.execute(text("SELECT * FROM audit_event")).all()
        assert rows
        assert SECRET not in repr(rows)

    def test_what_a_person_does_to_a_delivery_and_what_became_of_it(
        self, house: House, who: Principal, campaign_id: int
    ) -> None:
        with house.write(who) as scope:
            campaign = scope.get(Campaign, campaign_id)
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
            delivery = scope.session.scalars(scope.query(Delivery).order_by(Delivery.due_at).limit(1)).one()
        with house.write(who) as scope:
            deliveries.cancel(scope, delivery.id)
        row = trail(house, subject="delivery", action="moved", account="ours")[0]
        assert (row.subject_id, row.state, row.actor) == (delivery.id, "cancelled", "author@agency.example")
        assert (row.before, (row.after or {})["state"]) == ({"state": "scheduled"}, "cancelled")

    def test_what_the_engine_brought_to_an_end_is_the_engines(
        self, house: House, who: Principal, campaign_id: int
    ) -> None:
        with house.write(who) as scope:
            campaign = scope.get(Campaign, campaign_id)
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
            last = max(scope.session.scalars(select(Delivery.due_at)))
        clock = house.clock
        assert isinstance(clock, VirtualClock)
        clock.move_to(last.replace(year=last.year + 1))
        house.engine.confirm_clock()
        house.engine.tick()
        house.engine.close()
        row = trail(house, subject="delivery", state="missed")[0]
        assert (row.actor, row.via, row.user_id) == ("engine", "engine", None)


class TestTheDatabase:
    @pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'nobody'", "DELETE FROM audit_event"])
    def test_refuses_to_change_or_remove_what_was_noted(self, house: House, campaign_id: int, statement: str) -> None:
        before = len(trail(house))
        with pytest.raises(DBAPIError, match="only added to"), house.database.engine.begin() as connection:
            connection.execute(text(statement))
        assert len(trail(house)) == before > 0

    def test_refuses_to_empty_the_trail(self, house: House, campaign_id: int) -> None:
        if house.database.is_sqlite:
            assert trail(house)
            return
        with pytest.raises(DBAPIError, match="only added to"), house.database.engine.begin() as connection:
            connection.execute(text("TRUNCATE audit_event"))


class TestSearching:
    def test_by_words_of_what_changed_in_any_case_all_of_which_must_occur(
        self, house: House, who: Principal, campaign_id: int
    ) -> None:
        with house.write(who) as scope:
            scope.get(Campaign, campaign_id).name = "A Month of 100% Attention"
        assert [row.subject for row in trail(house, words="MONTH 100%")] == ["campaign"]
        assert trail(house, words="month 100_") == []
        assert trail(house, words="month elsewhere") == []

    def test_by_date_actor_state_and_subject(self, house: House, who: Principal, campaign_id: int) -> None:
        everything = trail(house)
        now = house.clock.now()
        assert trail(house, until=now) == []
        assert len(trail(house, since=now)) == len(everything)
        assert trail(house, actor="somebody-else") == []
        assert {row.actor for row in trail(house, actor="author@")} == {"author@agency.example"}
        assert {row.state for row in trail(house, state="connected")} == {"connected"}
        assert {row.subject for row in trail(house, subject="account")} == {"account"}

    def test_finds_nothing_of_another_organization(self, house: House, who: Principal, campaign_id: int) -> None:
        with house.write_instance() as scope:
            scope.session.execute(
                text("INSERT INTO organization (slug, name, fill_ins, created_at) VALUES ('b', 'b', '{}', :now)"),
                {"now": "2026-01-01 00:00:00+00:00" if not house.database.is_sqlite else "2026-01-01 00:00:00"},
            )
            other = scope.session.execute(text("SELECT id FROM organization WHERE slug = 'b'")).scalar_one()
        with house.read(replace(who, organization_id=other)) as scope:
            assert audit_page(scope, Sought(), Asked()).items == []
            assert scope.session.scalars(select(Account)).all() == []
