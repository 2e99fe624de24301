"""The one place where a query is tied to an organization. Use cases reach rows through a `Scope` and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db import Tenant
from app.errors import NotFound

T = TypeVar("T", bound=Tenant)

#: Who acts where nobody is signed in.
LOCAL_ACTOR = "local"


@dataclass(frozen=True, slots=True)
class Scope:
    """Who acts, in which organization, at which instant (aware, UTC), within which unit of work."""

    session: Session
    organization_id: int
    now: datetime
    actor: str

    def query(self, model: type[T]) -> Select[T]:
        """Select the organization's rows of a table."""
        return select(model).where(model.organization_id == self.organization_id)

    def get(self, model: type[T], row_id: int, *, lock: bool = False) -> T:
        """Return one row of the organization, locked until the unit of work ends if asked.

        Raises:
            NotFound: There is none, or it is another organization's: the answer is the same.
        """
        query = self.query(model).where(model.id == row_id)
        if lock:
            # What was read before the lock may have changed meanwhile.
            # Rows that only refer to this one may be added meanwhile: its key does not change.
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        row = self.session.scalars(query).first()
        if row is None:
            raise NotFound(
                f"There is no {_word(model)} {row_id}.",
                hint=f"List the {_plural(_word(model))} to see which there are.",
            )
        return row


def _word(model: type[Tenant]) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in model.__name__).strip()


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
