"""Two organizations with one of everything: a row in every table that belongs to an organization, whatever it is."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Integer, LargeBinary, Table, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.types import BigInteger

from app.db import Base, Instant

_NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)

#: What a table's own constraints ask for, or a route to be able to show the row.
_VALUES: dict[str, dict[str, Any]] = {
    "account": {"via": "sandbox", "platform": "bluesky", "state": "connected"},
    "alert": {"kind": "missed", "subject": "delivery:1"},
    "alert_channel": {"via": "webhook", "target": "https://hooks.example/x", "state": "on"},
    "approval": {"step": 1},
    "attempt": {"outcome": "published"},
    "campaign": {"time_zone": "America/New_York", "year": 2027, "starts_on": date(2027, 1, 1)},
    "delivery": {"state": "published", "lease": None, "occurrence": "1"},
    "import_row": {"action": "added"},
    "import_run": {"state": "committed"},
    "membership": {"role": "author"},
    "one_time_link": {"purpose": "invitation", "used_at": None},
    "pause": {"scope": "account", "week": None, "campaign_id": None, "ended_at": None},
    "review": {"state": "open"},
    "user": {"state": "active"},
    "webhook": {"state": "on"},
    "withdrawn_fact": {"kind": "words"},
}
_LEFT_EMPTY = ("revoked_at", "used_at", "voided_at", "closed_at", "undone_at", "ended_at")


def fill(connection: Connection, organization_id: int) -> dict[str, int]:
    """Put a row into every table for an organization; return the rows' ids by table."""
    made: dict[str, int] = {"organization": organization_id}
    for table in Base.metadata.sorted_tables:
        if table.name == "organization" or not _belongs(table):
            continue
        values = _row(table, made)
        if table.name == "review_delegate":
            other = {**_row(Base.metadata.tables["user"], made), "email": f"delegate{next(_numbers)}@agency.example"}
            values["delegate_id"] = _insert(connection, Base.metadata.tables["user"], other)
            values["until"] = _NOW + timedelta(days=1)
        if table.name == "campaign":
            values |= _of_a_real_campaign(connection)
        made[table.name] = _insert(connection, table, values)
    return made


def rows_of(connection: Connection, organization_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that an organization has, by table; the trail of what was tried is left out."""
    return {
        table.name: [
            tuple(row)
            for row in connection.execute(select(table).where(_owner(table) == organization_id).order_by(table.c.id))
        ]
        for table in Base.metadata.sorted_tables
        if _owner(table) is not None and table.name != "audit_event"
    }


def _owner(table: Table) -> Any:
    return table.c.id if table.name == "organization" else table.c.get("organization_id")


def _belongs(table: Table) -> bool:
    return "organization_id" in table.columns or table.name in ("user", "withdrawn_fact")


def _of_a_real_campaign(connection: Connection) -> dict[str, Any]:
    campaign = Base.metadata.tables["campaign"]
    found = connection.execute(select(campaign).order_by(campaign.c.id).limit(1)).mappings().one()
    kept = ("pack", "pack_key", "pack_version", "pack_digest", "cadence", "levels", "starts_on", "ends_on")
    return {name: found[name] for name in kept}


def _row(table: Table, made: dict[str, int]) -> dict[str, Any]:
    values = {column.name: _value(table, column, made) for column in table.columns if column.name != "id"}
    return values | {name: value for name, value in _VALUES.get(table.name, {}).items() if name in table.columns}


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _value(table: Table, column: Any, made: dict[str, int]) -> Any:  # noqa: PLR0911 - one line a type
    for foreign in column.foreign_keys:
        referred = foreign.column.table.name
        if foreign.column.name == "id" and referred in made:
            return made[referred]
    if column.name == "organization_id":
        return made["organization"]
    if column.nullable and column.name in _LEFT_EMPTY:
        return None
    if column.name.endswith("_id") and column.name.removesuffix("_id") in made:
        return made[column.name.removesuffix("_id")]
    if isinstance(column.type, Instant):
        return _NOW
    if isinstance(column.type, JSON):
        return [] if column.default is not None and column.default.is_callable and _is_list(column) else _empty(column)
    return _plain(table, column)


def _is_list(column: Any) -> bool:
    return column.default.arg(None) == []


def _empty(column: Any) -> Any:
    if column.nullable:
        return None
    is_dict = column.default is not None and column.default.is_callable and column.default.arg(None) == {}
    listed = column.name in ("scopes", "alerts", "platforms", "post_ids")
    return {} if is_dict or not listed else []


def _plain(table: Table, column: Any) -> Any:
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Date):
        return date(2027, 1, 5)
    if isinstance(column.type, LargeBinary):
        return None if column.nullable else b"sealed"
    if isinstance(column.type, Integer | BigInteger):
        return 1
    if column.name == "email":
        return f"somebody{next(_numbers)}@agency.example"
    return f"{table.name[:6]}-{column.name[:6]}-{next(_numbers)}"[: column.type.length or 60]
