"""Removing all rows of a test's database, those that the database itself keeps from being removed as well."""

from __future__ import annotations

from sqlalchemy import delete, exists, select, text
from sqlalchemy.orm import Session

from app.db import Base

_KEPT = text(
    "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
)


def empty(session: Session) -> None:
    """Remove every row of every table on PostgreSQL, for the sake of the next test."""
    kept = session.scalars(_KEPT).all()
    filled = [table for table in kept if session.scalar(select(exists(select(Base.metadata.tables[table].c.id))))]
    for table in filled:
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(delete(table))
    for table in filled:
        session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
