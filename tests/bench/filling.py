"""Fills a database with deliveries for the months ahead, by one statement of the database's own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from app.db import Database
from tests.bench.stage import Work

#: Over how many seconds, from an hour from now, the pending deliveries are spread: nine months.
SPREAD_SECONDS = 270 * 86_400

_SQLITE = """
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)
, at(i, due) AS (
    SELECT i, strftime('%Y-%m-%d %H:%M:%S', 'now', '+1 hour', '+' || (i * 7919 % :spread) || ' seconds') || '.000000'
    FROM n
)
"""
_POSTGRESQL = """
WITH at(i, due) AS (
    SELECT i, date_trunc('second', now()) + interval '1 hour' + (i * 7919 % :spread) * interval '1 second'
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i
)
"""
_ROWS = """
INSERT INTO delivery (
    organization_id, campaign_id, post_id, account_id, occurrence, week, state, state_since, due_at, ready_at,
    fence, generation, parts_out, attempts_made, created_at
)
SELECT a.organization_id, :campaign, :post + i % :posts, a.id, 'p' || i, 1, {state}, a.created_at, due, due,
    0, 1, 0, 0, a.created_at
FROM at JOIN account AS a ON a.id = :account + i % :accounts
"""


def fill(url: str, work: Sequence[Work], *, first: int, last: int, state: str = "'scheduled'") -> None:
    """Add the pending deliveries numbered `first` to `last`, spread over all accounts and nine months.

    `state` is SQL for the state that each stands in, from its number `i`. The tables' statistics are left as they are:
    neither ANALYZE nor PostgreSQL's autovacuum looks at them.
    """
    database = Database(url, durable=False)
    try:
        with database.engine.begin() as connection:
            is_sqlite = database.is_sqlite
            if not is_sqlite:
                connection.execute(text("ALTER TABLE delivery SET (autovacuum_enabled = false)"))
                _without_foreign_keys(connection)
            else:
                # The rows come in no index's order: room for the whole database saves minutes.
                connection.execute(text("PRAGMA cache_size = -600000"))
            accounts = connection.execute(text("SELECT min(id), count(*) FROM account")).one()
            values = {
                "first": first,
                "last": last,
                "spread": SPREAD_SECONDS,
                "campaign": work[0].campaign_id,
                "post": min(one.post_id for one in work),
                "posts": max(one.post_id for one in work) - min(one.post_id for one in work) + 1,
                "account": accounts[0],
                "accounts": accounts[1],
            }
            connection.execute(text((_SQLITE if is_sqlite else _POSTGRESQL) + _ROWS.format(state=state)), values)
    finally:
        database.dispose()


def _without_foreign_keys(connection: Connection) -> None:
    """Skip PostgreSQL's row-by-row checks where this role may; the rows are right, and it saves half the time."""
    with suppress(ProgrammingError), connection.begin_nested():
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def analyze(url: str) -> None:
    """Let the database look at its tables, as a database in service does by itself or by its operator's hand."""
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    finally:
        database.dispose()
