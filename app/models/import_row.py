from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class ImportRow(Tenant, Base):
    """One row of a committed import, counted as the spreadsheet shows it: the post it became, and what that was before.

    `digest` is of the row as it came; the same row again changes nothing. `before` is what undoing puts back.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "import_run_id"], ["import_run.organization_id", "import_run.id"]),
        CheckConstraint("action IN ('added', 'changed', 'unchanged', 'refused')", name="action"),
        Index("ix_import_row_import_run_id_row", "import_run_id", "row"),
    )

    import_run_id: Mapped[int] = mapped_column(RowId)
    row: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    # No foreign key: undoing an import removes the posts that it added.
    post_id: Mapped[int | None] = mapped_column(RowId)
    digest: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None]
    errors: Mapped[list[Any]] = mapped_column(default=list)
