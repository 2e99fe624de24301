"""The one place where a query is tied to an organization. Use cases reach rows through a `Scope` and nothing else.

It cannot be forgotten: a session that was opened for an organization adds the organization to every query, change and
removal of a tenant's rows by itself (`confine`), and refuses to store a row of another one. Of tables that also have
rows of no organization, such as a pause of the whole instance, it reaches those and its own. What runs across tenants
(the engine, an operator's view) opens a session of its own, or says so (`across_organizations`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria

from app.db import PartlyTenant, Tenant
from app.errors import NotFound
from app.identity.permissions import Permission
from app.identity.principal import LOCAL_ACTOR, Principal

T = TypeVar("T", bound=Tenant)

__all__ = ["LOCAL_ACTOR", "InstanceScope", "Scope", "across_organizations", "confine"]

#: Where a session says whose rows it reaches.
_CONFINED = "organization_id"


@dataclass(frozen=True, slots=True)
class Scope:
    """Who acts, in which organization, at which instant (aware, UTC), within which unit of work."""

    session: Session
    organization_id: int
    now: datetime
    who: Principal

    @property
    def actor(self) -> str:
        """Who acts, as it goes on record."""
        return self.who.name

    def may(self, permission: Permission) -> bool:
        """Whether whoever acts is allowed this."""
        return self.who.may(permission)

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


@dataclass(frozen=True, slots=True)
class InstanceScope:
    """Who acts, at which instant (aware, UTC), within a unit of work that reaches every organization's rows.

    For what belongs to no organization: users, sessions, the organizations themselves, the operator's decisions.
    """

    session: Session
    now: datetime
    who: Principal

    @property
    def actor(self) -> str:
        """Who acts, as it goes on record."""
        return self.who.name


def confine(session: Session, organization_id: int) -> None:
    """Let a session reach one organization's rows only, from here on."""
    session.info[_CONFINED] = organization_id


@contextmanager
def across_organizations(session: Session) -> Iterator[None]:
    """Let a session reach every organization's rows for a while: for what an operator decides for all of them."""
    confined = session.info.pop(_CONFINED, None)
    try:
        yield
        session.flush()
        if confined is not None:
            _forget_foreign_rows(session, confined)
    finally:
        if confined is not None:
            session.info[_CONFINED] = confined


def _forget_foreign_rows(session: Session, organization_id: int) -> None:
    """What a session has read already it would give again without asking the database."""
    for row in list(session):
        if _is_foreign(row, organization_id):
            session.expunge(row)


@event.listens_for(Session, "do_orm_execute")
def _confine_statement(state: ORMExecuteState) -> None:
    organization_id = state.session.info.get(_CONFINED)
    if organization_id is None or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(
        with_loader_criteria(Tenant, lambda table: table.organization_id == organization_id, include_aliases=True),
        with_loader_criteria(
            PartlyTenant,
            lambda table: or_(table.organization_id == organization_id, table.organization_id.is_(None)),
            include_aliases=True,
        ),
    )


@event.listens_for(Session, "before_flush")
def _refuse_foreign_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    organization_id = session.info.get(_CONFINED)
    if organization_id is None:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if _is_foreign(row, organization_id):
            raise AssertionError(f"a {type(row).__name__} of another organization in a unit of work of this one")


def _is_foreign(row: object, organization_id: int) -> bool:
    if isinstance(row, PartlyTenant):
        return row.organization_id not in (None, organization_id)
    return isinstance(row, Tenant) and row.organization_id != organization_id


def _word(model: type[Tenant]) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in model.__name__).strip()


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
