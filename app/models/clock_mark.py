from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class ClockMark(Row, Base):
    """What the schedulers have made of the wall clock: the one row of this table, which outlives their processes.

    `seen_at` is when one of them last ticked without any trouble, by the clock that decides. `refusal` is why they
    claim nothing, since `refused_at`, until a person confirms that the clock is right; `confirmations` counts how often
    that was done, last at `confirmed_at`.
    """

    __tablename__ = "clock_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    seen_at: Mapped[datetime]
    refusal: Mapped[str | None] = mapped_column(Text)
    refused_at: Mapped[datetime | None]
    confirmations: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
