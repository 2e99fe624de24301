from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class Heartbeat(Row, Base):
    """A scheduler that ticks, or did: one row per process that ran one.

    `beat_at` is its last tick by the database's clock; `trouble` is why it claims nothing, in words, and `trouble_code`
    the same as a code of `services/heartbeats.py`; None where all is well.
    """

    __tablename__ = "heartbeat"
    __table_args__ = (UniqueConstraint("scheduler"), Index("ix_heartbeat_beat_at", "beat_at"))

    scheduler: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)
    trouble_code: Mapped[str | None] = mapped_column(String(32))
