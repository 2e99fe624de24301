"""What a database of the first release holds is all there after every upgrade."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, select, text

import app.models  # noqa: F401  # fills the registry
from app.db import BEGIN_IMMEDIATE, Base, Database
from app.migrate import alembic_config, upgrade_database

AT = "2027-01-05 14:00:00.000000"
OWN = {"organization_id": 1}

#: A row of each table of revision 0001, in an order in which they can be written.
ROWS: dict[str, dict[str, Any]] = {
    "organization": {"slug": "agency", "name": "Agency", "fill_ins": '{"agency": "Ours"}', "created_at": AT},
    "sandbox_post": {
        "account": "1/main", "platform": "mastodon", "key": "k", "post_id": "p", "text": "Help is there.",
        "details": '{"language": "en"}', "created_at": AT,
    },
    "account": OWN | {
        "slug": "main", "platform": "mastodon", "via": "network", "name": "Main", "server": "https://social.example",
        "remote_id": "7", "handle": "@agency", "settings": '{"limit": 500}', "state": "connected",
        "min_gap_minutes": 5, "next_free_at": AT, "version": 3, "created_at": AT,
    },
    "campaign": OWN | {
        "slug": "month", "name": "Month", "pack_key": "hhs", "pack_version": "1", "pack_digest": "0" * 64,
        "pack": '{"key": "hhs"}', "year": 2027, "time_zone": "America/New_York", "starts_on": "2027-01-01",
        "ends_on": "2027-01-28", "cadence": '{"times": ["10:00"]}', "levels": "{}", "lateness_minutes": 60,
        "version": 2, "created_at": AT, "updated_at": AT,
    },
    "contact_confirmation": OWN | {
        "campaign_id": 1, "fact_key": "voice", "value": "1-888-373-7888", "confirmed_by": "staff",
        "method": "called", "confirmed_at": AT,
    },
    "credential": OWN | {"account_id": 1, "sealed": b"\x00sealed\xff", "version": 4, "updated_at": AT},
    "fill_in": OWN | {"campaign_id": 1, "key": "agency", "value": "Ours", "updated_at": AT},
    "pause": OWN | {
        "scope": "week", "campaign_id": 1, "week": 2, "reason": "a storm", "started_by": "staff", "started_at": AT,
    },
    "post": OWN | {
        "campaign_id": 1, "key": "w1", "position": 0, "week": 1, "section": "Social", "resource": "", "language": "en",
        "text": "Help is there. \u2019 \U0001f499", "links": "[]", "pins": '["2027-01-11"]', "version": 1,
        "created_at": AT, "updated_at": AT,
    },
    "delivery": OWN | {
        "campaign_id": 1, "post_id": 1, "account_id": 1, "occurrence": "1", "week": 1, "state": "published",
        "state_reason": "confirmed", "state_since": AT, "due_at": AT, "ready_at": AT, "fence": 2, "generation": 1,
        "parts_out": 1, "attempts_made": 1, "verdict": "[]", "published_at": AT, "remote_id": "99",
        "remote_url": "https://social.example/99", "created_at": AT,
    },
    "variant": OWN | {"post_id": 1, "platform": "x", "text": "Help.", "updated_at": AT},
    "attempt": OWN | {
        "delivery_id": 1, "token": 2, "generation": 1, "digest": "1" * 64, "policy_version": "rules-1",
        "findings": "[]", "started_at": AT, "deadline_at": AT, "finished_at": AT, "outcome": "published",
    },
    "delivery_event": OWN | {
        "delivery_id": 1, "from_state": "sending", "to_state": "published", "reason": "sent", "actor": "engine",
        "at": AT,
    },
    "attempt_part": OWN | {
        "attempt_id": 1, "index": 0, "text": "Help is there.", "length": 14, "key": "k", "record": "{}", "sent_at": AT,
        "outcome": "published", "remote_id": "99", "remote_url": "https://social.example/99", "remote_extra": "{}",
    },
}  # fmt: skip


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Everything that stands in the tables that the first release had."""
    return {
        table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608
        for table in ROWS
    }


@pytest.fixture
def first_release(empty_url: str) -> Database:
    database = Database(empty_url)
    config = alembic_config()
    with database.engine.connect().execution_options(**{BEGIN_IMMEDIATE: True}) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        assert set(inspect(connection).get_table_names()) - {"alembic_version"} == set(ROWS)
        for table, values in ROWS.items():
            names = ", ".join(f'"{name}"' for name in values)
            places = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608
    return database


class TestRowsOfTheFirstRelease:
    def test_are_all_kept_by_every_upgrade_and_read_by_todays_models(self, first_release: Database) -> None:
        with first_release.engine.connect() as connection:
            before = contents(connection)
        upgrade_database(first_release)
        with first_release.engine.connect() as connection:
            after = contents(connection)
        assert {table: [{name: row[name] for name in before[table][0]} for row in after[table]] for table in after} == (
            before
        )
        with first_release.read() as session:
            for mapper in Base.registry.mappers:
                rows = session.scalars(select(mapper.class_)).all()
                if str(mapper.local_table) in ROWS:
                    assert len(rows) == 1
                for row in rows:
                    empty = [c.name for c in mapper.columns if not c.nullable and getattr(row, c.key) is None]
                    assert empty == [], mapper
        first_release.dispose()
