"""Every table that a person can change is on the trail: what was added, changed and removed, and no secret of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery_stage import START
from one_of_everything import fill
from sqlalchemy import JSON, CheckConstraint, Column, LargeBinary, Table, delete, select, text, update

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Base, Database, Instant
from app.identity.permissions import EVERYTHING
from app.identity.principal import Principal
from app.models import Account, ApiToken, AuditEvent, Campaign, Credential, Post, Variant
from app.packs.bundled import default_pack
from app.records.rows import NOT_NOTED, noted_columns
from app.services.campaigns import create_campaign
from app.settings import Settings

WHO = Principal("admin@agency.example", EVERYTHING, user_id=7, via="session", origin="192.0.2.7", request_id="r1")
MARK = "MARK-that-nobody-may-read"

MODELS = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if not issubclass(mapper.class_, NOT_NOTED)),
    key=lambda model: str(model.__tablename__),
)
TABLES: list[Table] = [Base.metadata.tables[model.__tablename__] for model in MODELS]

#: What is named like a secret, or like a secret's digest.
NAMED_LIKE_A_SECRET = re.compile(r"password|digest|hash|secret|sealed|token|totp|recovery|code|content|^url$|^target$")
#: Named so, and none: what these say may be read by everybody in the organization.
NO_SECRETS = {
    ("account", "token_expires_at"),
    ("alert_channel", "digest_minutes"),
    ("approval", "digest"),
    ("campaign", "pack_digest"),
    ("guest_review", "code_sent_at"),
    ("import_run", "file_digest"),
    ("post", "source_digest"),
    ("user", "totp_since"),
}
#: The database itself lets nothing else of it be changed.
ONLY = {"approval": {"voided_at", "void_reason"}}


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    url = database.engine.url.render_as_string(hide_password=False)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=VirtualClock(START.replace(year=2026)))
    yield house
    house.close()


@pytest.fixture
def who(house: House) -> Principal:
    with house.write() as scope:
        create_campaign(scope, default_pack(), year=2027)
        return replace(WHO, organization_id=scope.organization_id)


@pytest.fixture
def ids(house: House, who: Principal) -> dict[str, int]:
    """One row in every table; its id by table."""
    assert who.organization_id is not None
    with house.database.engine.begin() as connection:
        return fill(connection, who.organization_id)


def trail(house: House, **fields: Any) -> list[AuditEvent]:
    query = select(AuditEvent).filter_by(**fields).order_by(AuditEvent.id.desc())
    with house.database.read() as session:
        return list(session.scalars(query))


def changeable(table: Table) -> list[Column[Any]]:
    """The columns that may hold something else without another row, by no more than their types."""
    checked = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint))
    bound = {name for key in table.foreign_key_constraints for name in key.column_keys}
    return [
        column
        for column in table.columns
        if column.name not in bound | {"id", "organization_id"}
        and not re.search(rf"\b{column.name}\b", checked)
        and column.name in ONLY.get(table.name, {column.name})
    ]


def other(column: Column[Any], was: Any) -> Any:
    """A value that a column does not have yet."""
    if isinstance(column.type, LargeBinary):
        return b"other"
    if isinstance(column.type, JSON):
        return {"other": True} if isinstance(was, dict) else ["other"]
    if isinstance(column.type, Instant):
        return (was or START) + timedelta(hours=1)
    if isinstance(was, bool):
        return not was
    if isinstance(was, date):
        return was + timedelta(days=1)
    return (was or 0) + 1 if column.type.python_type is int else "other"


def said(table: str, column: Column[Any], value: Any) -> Any:
    """A value as the trail is to say it."""
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return "(secret)"
    if isinstance(value, datetime):
        return (
            value.astimezone(UTC)
            .isoformat(timespec="microseconds" if value.microsecond else "seconds")
            .replace("+00:00", "Z")
        )
    if isinstance(value, date):
        return value.isoformat()
    return "https://hooks.example/..." if table == "alert_channel" and "://" in str(value) else value


class TestEveryTable:
    def test_that_is_not_a_log_is_looked_after(self) -> None:
        assert {"account", "post", "user", "membership", "api_token", "webhook", "pause"} <= {t.name for t in TABLES}

    def test_that_a_person_changes_is_noted_column_by_column_as_it_was_and_became(
        self, house: House, who: Principal, ids: dict[str, int]
    ) -> None:
        for model, table in zip(MODELS, TABLES, strict=True):
            columns = changeable(table)
            with house.write(who) as scope:
                row = scope.session.get_one(model, ids[table.name])
                was = {column.name: getattr(row, column.name) for column in columns}
                became = {column.name: other(column, was[column.name]) for column in columns}
                for name, value in became.items():
                    setattr(row, name, value)
            noted = trail(house, subject=table.name, action="changed")[0]
            kept = [column for column in columns if column.name in noted_columns(table)]
            assert noted.subject_id == ids[table.name]
            assert noted.before == {c.name: said(table.name, c, was[c.name]) for c in kept}, table.name
            assert noted.after == {c.name: said(table.name, c, became[c.name]) for c in kept}, table.name
            assert (noted.actor, noted.user_id, noted.via, noted.origin) == (
                "admin@agency.example", 7, "session", "192.0.2.7",
            )  # fmt: skip

    def test_that_was_forgotten_meanwhile_is_noted_as_the_database_had_it(
        self, house: House, who: Principal, ids: dict[str, int]
    ) -> None:
        with house.write(who) as scope:
            post = scope.get(Post, ids["post"])
            before = post.text
            scope.session.expire_all()
            post.text = "Another text."
        noted = trail(house, subject="post", action="changed")[0]
        assert (noted.before, noted.after) == ({"text": before}, {"text": "Another text."})
        assert (noted.organization_id, noted.post_id, noted.campaign_id) == (
            who.organization_id, ids["post"], ids["campaign"],
        )  # fmt: skip

    def test_from_which_a_forgotten_row_is_removed_is_noted_whole(
        self, house: House, who: Principal, ids: dict[str, int]
    ) -> None:
        with house.write(who) as scope:
            variant = scope.get(Variant, ids["variant"])
            said_there = variant.text
            scope.session.expire_all()
            scope.session.delete(variant)
        noted = trail(house, subject="variant", action="removed")[0]
        assert noted.before is not None
        assert (noted.before["text"], noted.after, noted.post_id) == (said_there, None, ids["post"])


class TestStatementsOverManyRows:
    def test_are_noted_row_by_row(self, house: House, who: Principal, ids: dict[str, int]) -> None:
        now = house.clock.now()
        with house.write(who) as scope:
            scope.session.execute(update(ApiToken).where(ApiToken.revoked_at.is_(None)).values(revoked_at=now))
        noted = trail(house, subject="api_token", action="changed")
        assert [(row.subject_id, list(row.before or {}), list(row.after or {})) for row in noted] == [
            (ids["api_token"], ["revoked_at"], ["revoked_at"])
        ]
        assert ((noted[0].before or {})["revoked_at"], (noted[0].after or {})["revoked_at"] is None) == (None, False)

    def test_that_remove_rows_leave_what_they_were_but_for_secrets(
        self, house: House, who: Principal, ids: dict[str, int]
    ) -> None:
        with house.write(who) as scope:
            scope.session.execute(delete(Credential).where(Credential.account_id == ids["account"]))
        noted = trail(house, subject="credential", action="removed")[0]
        assert noted.account_id == ids["account"]
        assert (noted.before or {})["sealed"] == "(secret)"

    def test_of_what_changes_by_itself_are_not_noted(self, house: House, who: Principal, ids: dict[str, int]) -> None:
        with house.write(who) as scope:
            scope.session.execute(update(Account).where(Account.id == ids["account"]).values(failures=3))
        assert trail(house, subject="account", action="changed") == []

    def test_of_nothing_note_nothing(self, house: House, who: Principal, ids: dict[str, int]) -> None:
        with house.write(who) as scope:
            scope.session.execute(update(Campaign).where(Campaign.id == 0).values(name="Nobody's"))
        assert trail(house, subject="campaign", action="changed") == []

    @pytest.mark.parametrize("model", [Post, Account])
    def test_that_the_trail_could_not_see_are_refused(
        self, house: House, who: Principal, ids: dict[str, int], model: type[Base]
    ) -> None:
        table = Base.metadata.tables[model.__tablename__]
        past_the_mapper = update(table).where(table.c.id == 0).values(id=1)
        for statement in (past_the_mapper, update(model).values(id=1)):
            with pytest.raises(AssertionError, match="would not see"), house.write(who) as scope:
                scope.session.execute(statement)


class TestSecrets:
    def test_every_column_that_is_named_like_one_is_left_out_or_known_to_be_none(self) -> None:
        shown = {
            (table.name, column.name)
            for table in TABLES
            for column in table.columns
            if column.name in noted_columns(table)
            and NAMED_LIKE_A_SECRET.search(column.name)
            and not isinstance(column.type, LargeBinary)
        }
        assert shown - NO_SECRETS == {("alert_channel", "target"), ("webhook", "url")}, "shown in the audit trail"

    def test_never_stand_in_the_trail(self, house: House, who: Principal, ids: dict[str, int]) -> None:
        marked = 0
        for mapper in Base.registry.mappers:
            table = Base.metadata.tables[mapper.class_.__tablename__]
            secrets = [
                column
                for column in table.columns
                if (isinstance(column.type, LargeBinary) or NAMED_LIKE_A_SECRET.search(column.name))
                and (table.name, column.name) not in NO_SECRETS
                and column in changeable(table)
                and mark(column) is not None
            ]
            if table.name not in ids or not secrets:
                continue
            with house.write(who) as scope:
                row = scope.session.get_one(mapper.class_, ids[table.name])
                for column in secrets:
                    setattr(row, column.name, mark(column))
                    marked += 1
            with house.write(who) as scope:
                scope.session.get_one(mapper.class_, ids[table.name]).id  # noqa: B018 - it can be read
        with house.database.read() as session:
            rows = session.execute(text("SELECT * FROM audit_event")).all()
        assert marked > 10
        assert rows
        assert MARK.lower() not in repr(rows).lower()


def mark(column: Column[Any]) -> Any:
    """The mark as a column can hold it; None where it can hold no words."""
    if isinstance(column.type, LargeBinary):
        return MARK.encode()
    if isinstance(column.type, JSON):
        return [MARK]
    if isinstance(column.type, Instant) or column.type.python_type is not str:
        return None
    return f"https://hooks.example/{MARK}?key={MARK}" if column.name in ("url", "target") else MARK
