"""Lists in pages: each page ends with a cursor that says where the next one begins.

A cursor holds the sort key of the last row shown, so that rows that come in between neither repeat nor hide others.
Where a list has several orders, the cursors of all but its usual one hold the order's name, and another order refuses
them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import Instant
from app.errors import InvalidInput

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 600
_LARGEST = 2**63 - 1

#: One value of a sort key.
Key = int | str | datetime


class BadCursor(InvalidInput):
    """A cursor that no page of this list ended with."""

    code = "cursor.invalid"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor of the next page, or None at the end."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is asked for: how many rows, and after which cursor."""

    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Sort(Generic[T]):
    """One order of a list: `columns` are unique together and never NULL, `key` gives a row's values of them.

    Cursors of a list's `usual` order hold no name.
    """

    name: str
    columns: Sequence[InstrumentedAttribute[Any]]
    key: Callable[[T], tuple[Key, ...]]
    descending: bool = False
    usual: bool = False

    def order(self) -> list[Any]:
        """Return what a query is ordered by."""
        return [column.desc() for column in self.columns] if self.descending else list(self.columns)

    def after(self, cursor: str | None) -> ColumnElement[bool] | None:
        """Return the condition that a row comes after a cursor of this order; None for the first page.

        Raises:
            BadCursor: The cursor is none of this list's, or of another order.
        """
        if cursor is None:
            return None
        named = len(self._name())
        values = read_cursor(cursor, [str] * named + [_kind(column) for column in self.columns])
        if values[:named] != self._name():
            raise BadCursor(
                "The cursor was given by this list in another order.",
                hint="Ask with the same `sort` for the next page, or begin again without a cursor.",
            )
        return _beyond(self.columns, values[named:], newest_first=self.descending)

    def page(self, rows: Sequence[T], limit: int) -> Page[T]:
        """Return a page of the rows found, of which there is one more than `limit` where there is another page."""
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(shown, write_cursor((*self._name(), *self.key(shown[-1]))) if more else None)

    def _name(self) -> tuple[Key, ...]:
        return () if self.usual else (self.name,)


def both_ways(
    name: str, columns: Sequence[InstrumentedAttribute[Any]], key: Callable[[T], tuple[Key, ...]]
) -> dict[str, Sort[T]]:
    """Return an order and the reverse of it, whose name begins with a minus sign."""
    return {name: Sort(name, columns, key), f"-{name}": Sort(f"-{name}", columns, key, descending=True)}


def orders(usual: str, *pairs: Mapping[str, Sort[T]]) -> dict[str, Sort[T]]:
    """Return a list's orders by name, its usual one first."""
    all_of_them = {name: sort for pair in pairs for name, sort in pair.items()}
    first = replace(all_of_them.pop(usual), usual=True)
    return {usual: first, **all_of_them}


def sorted_page(session: Session, query: Select[T], sort: Sort[T], asked: Asked) -> Page[T]:
    """Return one page of a query in one of its list's orders.

    Raises:
        BadCursor: The cursor is none of this list's, or of another order.
    """
    after = sort.after(asked.cursor)
    if after is not None:
        query = query.where(after)
    return sort.page(list(session.scalars(query.order_by(*sort.order()).limit(asked.limit + 1))), asked.limit)


def chosen(sorts: Mapping[str, Sort[T]], name: str | None) -> Sort[T]:
    """Return the order of that name; the list's usual one where none is named.

    Raises:
        InvalidInput: There is none.
    """
    if name is None:
        return next(iter(sorts.values()))
    if name not in sorts:
        raise InvalidInput(f"There is no order {name!r}.", hint=f"The orders are: {', '.join(sorts)}.")
    return sorts[name]


def page_of(
    session: Session,
    query: Select[T],
    columns: Sequence[InstrumentedAttribute[Any]],
    key: Callable[[T], tuple[Key, ...]],
    asked: Asked,
    *,
    newest_first: bool = False,
) -> Page[T]:
    """Return one page of a query in the order of `columns`, which must be unique together and never NULL.

    `key` gives a row's values of these columns. `newest_first` turns the order of all of them round.

    Raises:
        BadCursor: The cursor is none of this list's.
    """
    if asked.cursor is not None:
        after = read_cursor(asked.cursor, [_kind(column) for column in columns])
        query = query.where(_beyond(columns, after, newest_first=newest_first))
    order = [column.desc() for column in columns] if newest_first else list(columns)
    rows = list(session.scalars(query.order_by(*order).limit(asked.limit + 1)))
    shown = rows[: asked.limit]
    return Page(shown, write_cursor(key(shown[-1])) if len(rows) > asked.limit else None)


def _kind(column: InstrumentedAttribute[Any]) -> type:
    if isinstance(column.type, Instant):
        return datetime
    return str if isinstance(column.type, String) else int


def _beyond(
    columns: Sequence[InstrumentedAttribute[Any]], key: Sequence[Key], *, newest_first: bool
) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one with this key."""
    column, value = columns[0], key[0]
    further = column < value if newest_first else column > value
    if len(columns) == 1:
        return further
    # The first comparison alone lets the database use the index of these columns.
    at_least = column <= value if newest_first else column >= value
    return and_(at_least, or_(further, _beyond(columns[1:], key[1:], newest_first=newest_first)))


def write_cursor(key: tuple[Key, ...]) -> str:
    """Return a sort key as an opaque text."""
    values = [(value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value for value in key]
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type]) -> tuple[Key, ...]:
    """Return the sort key in a cursor.

    Raises:
        BadCursor: It is none, or of another list.
    """
    bad = BadCursor("The cursor is none that this list gave.", hint="Begin again without a cursor.")
    if len(cursor) > _LONGEST:
        raise bad
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise bad
        return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        raise bad from None


def _value(value: object, kind: type) -> Key:
    if kind is str:
        if not isinstance(value, str) or not _storable(value):
            raise ValueError
        return value
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise ValueError
    return _EPOCH + timedelta(microseconds=value) if kind is datetime else value


def _storable(text: str) -> bool:
    text.encode()  # a lone surrogate is a ValueError
    return "\0" not in text
