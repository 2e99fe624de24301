"""What the database itself keeps: whoever writes SQL to it meets the same refusals, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_stage import START
from one_of_everything import fill
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.packs.bundled import default_pack
from app.services.campaigns import create_campaign
from app.settings import Settings


@pytest.fixture
def filled(database: Database, tmp_path: Path) -> Iterator[Database]:
    """One of everything: an approved post whose delivery was attempted."""
    url = database.engine.url.render_as_string(hide_password=False)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=VirtualClock(START.replace(year=2026)))
    with house.write() as scope:
        create_campaign(scope, default_pack(), year=2027)
        organization_id = scope.organization_id
    with database.engine.begin() as connection:
        fill(connection, organization_id)
    yield database
    house.close()


def run(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


VOIDED = "UPDATE approval SET voided_at = '2026-12-01 12:00:00+00:00', void_reason = 'The text was changed.'"


class TestTheDatabase:
    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("DELETE FROM attempt", "stays on record"),
            ("DELETE FROM attempt_part", "stays on record"),
            ("DELETE FROM delivery_event", "stays on record"),
            ("UPDATE delivery_event SET actor = 'nobody'", "stays on record"),
            ("DELETE FROM approval", "stays on record"),
            ("UPDATE approval SET digest = 'another'", "never changed"),
            ("UPDATE approval SET approved_by = 'somebody else', voided_at = NULL", "never changed"),
            ("UPDATE audit_event SET actor = 'nobody'", "only added to"),
            ("DELETE FROM audit_event", "only added to"),
        ],
    )
    def test_refuses_what_would_change_the_record(self, filled: Database, statement: str, said: str) -> None:
        with pytest.raises(DBAPIError, match=said):
            run(filled, statement)

    def test_lets_an_approval_be_voided_once(self, filled: Database) -> None:
        run(filled, VOIDED)
        with pytest.raises(DBAPIError, match="stays voided"):
            run(filled, "UPDATE approval SET voided_at = NULL, void_reason = NULL")

    @pytest.mark.parametrize("table", ["audit_event", "attempt", "attempt_part", "delivery_event", "approval"])
    def test_refuses_to_empty_them(self, filled: Database, table: str) -> None:
        if filled.is_sqlite:
            # It has no such statement.
            return
        with pytest.raises(DBAPIError, match=r"only added to|on record"):
            run(filled, f"TRUNCATE {table} CASCADE")
