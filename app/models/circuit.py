from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row, RowId


class Circuit(Row, Base):
    """How a server that accounts publish to has answered of late, whichever organization asked.

    `host` is the accounts' server, or their platform's slug where it has one server only. `failures` counts the calls
    in a row that it did not answer; while `open_until` lies ahead, nothing is sent there. `account_id` is the one
    account that made them all, None once several did; `probe_id` is the account whose delivery is sent to see whether
    the host answers again.
    """

    __tablename__ = "circuit"
    __table_args__ = (UniqueConstraint("host"),)

    host: Mapped[str] = mapped_column(String(500))
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(RowId)
    probe_id: Mapped[int | None] = mapped_column(RowId)
    code: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]
