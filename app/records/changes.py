"""What a session changes, seen by the session itself: rows as they are flushed, and statements over many rows.

Only sessions in which somebody acts are watched. A statement past the object mapper is refused there unless it says
that its author notes what it does (`NOTED`): what cannot be seen must not be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Delete, Insert, Select, Table, Update, insert, inspect, select
from sqlalchemy.engine import Result
from sqlalchemy.orm import AttributeState, ORMExecuteState, Session, UOWTransaction

from app.db import Base
from app.records.rows import ACTS, AUDIT, NOT_NOTED, PART_OF, changed_row, noted_columns, shown

#: The execution option of a statement on a table whose author writes the trail: `transitions` moves deliveries.
NOTED = "focusweek_noted"
_NOT_NOTED_TABLES = frozenset(model.__table__ for model in NOT_NOTED)
#: Says whose a row is, and where it stands.
_WHOSE = frozenset({"organization_id", "state", *PART_OF})
#: Values that were not loaded when they were set, of rows about to be flushed.
_FORMER = "former_values"


def remember_former_values(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Read what the database has of values that are not loaded, and that a flush will overwrite or remove."""
    if ACTS not in session.info:
        return
    former: dict[int, Mapping[str, Any]] = {}
    for row in (*session.dirty, *session.deleted):
        if not isinstance(row, Base) or isinstance(row, NOT_NOTED):
            continue
        state, table = inspect(row), cast("Table", row.__table__)
        wanted = state.mapper.column_attrs.keys() if row in session.deleted else _WHOSE & set(table.columns.keys())
        overwritten = {name for name in state.dict if name in table.columns and _is_set_unseen(state.attrs[name])}
        names = overwritten | (state.unloaded & set(wanted))
        if names and state.identity is not None:
            query = select(*(table.c[name] for name in names)).where(table.c.id == state.identity[0])
            found = session.connection().execute(query).mappings().first()
            former[id(row)] = {} if found is None else dict(found)
    session.info[_FORMER] = former


def _is_set_unseen(attribute: AttributeState) -> bool:
    return bool(attribute.history.added) and not attribute.history.deleted


def note_flushed(session: Session, _context: UOWTransaction) -> None:
    """Note what a flush has added, changed and removed."""
    if ACTS not in session.info:
        return
    rows = [
        *_flushed(session, "added", session.new),
        *_flushed(session, "changed", (row for row in session.dirty if session.is_modified(row))),
        *_flushed(session, "removed", session.deleted),
    ]
    _write(session, rows)


def _flushed(session: Session, action: str, changed: Iterable[object]) -> Iterable[dict[str, Any]]:
    for row in changed:
        if not isinstance(row, Base) or isinstance(row, NOT_NOTED):
            continue
        former = session.info.get(_FORMER, {}).get(id(row), {})
        before, after = _change(row, action, former)
        if action == "changed" and not after:
            continue
        whose = {"id": (inspect(row).identity or (None,))[0]} | former | row.__dict__
        yield changed_row(session, action, cast("Table", row.__table__), whose, before, after)


def _change(row: Base, action: str, former: Mapping[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    state, table = inspect(row), cast("Table", row.__table__)
    if action == "added":
        # Of a new row there is nothing before; by the thousand, looking for it would take most of the time.
        return None, {name: shown(table.c[name], getattr(row, name)) for name in noted_columns(table)}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in noted_columns(table):
        history = state.attrs[name].history
        if action == "changed" and not history.has_changes():
            continue
        was = former[name] if name in former else (history.deleted or history.unchanged or (None,))[0]
        before[name] = shown(table.c[name], was)
        if action == "changed":
            after[name] = shown(table.c[name], getattr(row, name))
    return before, after if action == "changed" else None


def note_statement(state: ORMExecuteState) -> Result[Any] | None:
    """Carry out an UPDATE or DELETE of many rows, and note what each of them was and became."""
    statement = state.statement
    if ACTS not in state.session.info or not isinstance(statement, Update | Delete | Insert):
        return None
    table = statement.table
    if table in _NOT_NOTED_TABLES or statement.get_execution_options().get(NOTED):
        return None
    where = None if isinstance(statement, Insert) else statement.whereclause
    if not state.is_orm_statement or not isinstance(table, Table) or where is None:
        raise AssertionError(f"the audit trail would not see this change of {table}")
    model = cast("type[Base]", statement.entity_description["entity"])
    # What is waiting to be written belongs to the rows as they were.
    state.session.flush()
    query = select(*_columns_of(model, table)).where(where)
    was = _rows(state.session, query, state.parameters)
    result = state.invoke_statement()
    action = "removed" if isinstance(statement, Delete) else "changed"
    now: dict[int, Mapping[str, Any]] = {}
    if action == "changed" and was:
        again = select(*_columns_of(model, table)).where(table.c.id.in_([row["id"] for row in was]))
        now = {row["id"]: row for row in _rows(state.session, again, None)}
    noted = [_of_statement(state.session, action, table, row, now) for row in was]
    # Where only what is left out has changed there is nothing to say.
    _write(state.session, [row for row in noted if row["before"]])
    return result


def _columns_of(model: type[Base], table: Table) -> list[Any]:
    # The model's own attributes, so that the organization's criterion is added to the query as to the statement.
    return [getattr(model, column.key) for column in table.columns]


def _rows(session: Session, query: Select[Any], parameters: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401 - SQLAlchemy's own
    return cast("Sequence[Mapping[str, Any]]", session.execute(query, parameters).mappings().all())


def _of_statement(
    session: Session, action: str, table: Table, was: Mapping[str, Any], now: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    names = noted_columns(table)
    if action == "removed":
        before = {name: shown(table.c[name], was[name]) for name in names}
        return changed_row(session, action, table, was, before, None)
    became = now[was["id"]]
    changed = [name for name in names if was[name] != became[name]]
    before = {name: shown(table.c[name], was[name]) for name in changed}
    after = {name: shown(table.c[name], became[name]) for name in changed}
    return changed_row(session, action, table, became, before, after)


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(AUDIT), rows)
