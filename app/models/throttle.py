from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class Throttle(Row, Base):
    """Failed tries at something that is guessed at, by account or address: until `closed_until` none is taken.

    `key` is what is guarded and for whom, such as `sign_in:account:...`; what could name a person is a digest.
    """

    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime]
    closed_until: Mapped[datetime | None]
