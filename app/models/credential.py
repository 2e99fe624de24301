from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class Credential(Tenant, Base):
    """An account's secrets, sealed. `version` rises with every refresh; a refresh that lost the race sees it."""

    __tablename__ = "credential"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        UniqueConstraint("account_id"),
    )

    account_id: Mapped[int] = mapped_column(RowId)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"<Credential of account {self.account_id}>"
