from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class WithdrawnFact(Row, Base):
    """An issuer's urgent correction: a number, link or wording of a pack that nobody may publish any more.

    Every delivery of a campaign of that pack whose final text carries `old` is blocked at the gate, in all
    organizations. `new` is what stands in its place, if anything does. `applied_at` is when every campaign had been
    looked through for it; None while that is still to be done.
    """

    __tablename__ = "withdrawn_fact"
    __table_args__ = (CheckConstraint("kind IN ('number', 'link', 'words')", name="kind"),)

    pack_key: Mapped[str] = mapped_column(String(100), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(String(320))
    issued_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
