"""Runs the migrations on the connection that `app.migrate` hands over; it owns the transaction and the lock."""

from alembic import context
from sqlalchemy import text

import app.models  # noqa: F401  # fills the metadata
from app.db import Base

connection = context.config.attributes["connection"]

if connection.dialect.name == "postgresql":
    # A migration that cannot have its lock soon gives way, rather than hold up the whole service behind it.
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
