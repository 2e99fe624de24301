"""Lists of deliveries: filters and orders, as fast on the last page as on the first.

Every order and every filter that people begin with has an index of its own. A list of several states, or of a network's
several accounts, is read as so many short lists that are put together: no database does that by itself, and one that
walks the whole table for them takes seconds with a million deliveries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import ColumnElement, false, select, union_all

from app.errors import InvalidInput
from app.models import Account, Campaign, Delivery, Post
from app.services.accounts import account_by_slug
from app.services.deliveries import DeliveryView, views_of
from app.services.pages import Asked, Page, Sort, both_ways, chosen, orders
from app.services.scope import Scope

#: The orders of deliveries: by the time that they are meant for, and by the last change of their state.
SORTS: dict[str, Sort[Delivery]] = orders(
    "due",
    both_ways("due", (Delivery.due_at, Delivery.id), lambda row: (row.due_at, row.id)),
    both_ways("updated", (Delivery.state_since, Delivery.id), lambda row: (row.state_since, row.id)),
)
#: More short lists than this are not put together; the database then chooses its way.
_MOST_BRANCHES = 60

_Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries are asked for; None and empty ask for all. Instants are aware: `since` <= due_at < `until`.

    `reason` is a code of why a delivery stands where it does, `review_state` its post's, `sort` one of `SORTS`.
    """

    campaign_id: int | None = None
    week: int | None = None
    states: Sequence[str] = ()
    account: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    post_id: int | None = None
    platform: str | None = None
    reason: str | None = None
    review_state: str | None = None
    sort: str | None = None


def deliveries(scope: Scope, wanted: Wanted, asked: Asked) -> Page[DeliveryView]:
    """Return a page of deliveries in the order asked for, by their times where none is.

    Raises:
        NotFound: There is no such campaign or post.
        InvalidInput: There is no such account or order, or the times are the wrong way round.
        BadCursor: The cursor is none of this list's, or of another order.
    """
    sort = chosen(SORTS, wanted.sort)
    conditions = list(_filters(scope, wanted))
    after = sort.after(asked.cursor)
    if after is not None:
        conditions.append(after)
    branches = _branches(scope, wanted)
    query = scope.query(Delivery)
    if len(branches) == 1:
        query = query.where(*conditions, *branches[0])
    else:
        mine = select(Delivery.id).where(Delivery.organization_id == scope.organization_id, *conditions)
        ordered = mine.order_by(*sort.order()).limit(asked.limit + 1)
        short = [select(ordered.where(*branch).subquery().c.id) for branch in branches]
        query = query.where(Delivery.id.in_(union_all(*short)) if short else false())
    rows = scope.session.scalars(query.order_by(*sort.order()).limit(asked.limit + 1)).all()
    page = sort.page(rows, asked.limit)
    return Page(views_of(scope, page.items), page.next_cursor)


def _filters(scope: Scope, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.campaign_id is not None:
        yield Delivery.campaign_id == scope.get(Campaign, wanted.campaign_id).id
    if wanted.post_id is not None:
        yield Delivery.post_id == scope.get(Post, wanted.post_id).id
    if wanted.week is not None:
        yield Delivery.week == wanted.week
    if wanted.reason is not None:
        yield Delivery.state_reason == wanted.reason
    if wanted.review_state is not None:
        yield Delivery.post_id.in_(
            select(Post.id).where(
                Post.organization_id == scope.organization_id, Post.review_state == wanted.review_state
            )
        )
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        raise InvalidInput("`to` must be later than `from`.", hint="Exchange them.")
    if wanted.since is not None:
        yield Delivery.due_at >= wanted.since
    if wanted.until is not None:
        yield Delivery.due_at < wanted.until


def _branches(scope: Scope, wanted: Wanted) -> list[_Conditions]:
    """Return the conditions of the short lists that make up the whole; no row fits two of them."""
    states: list[_Conditions] = [(Delivery.state == state,) for state in dict.fromkeys(wanted.states)] or [()]
    account_ids = _account_ids(scope, wanted)
    if account_ids is None:
        return states
    accounts: list[_Conditions] = [(Delivery.account_id == account_id,) for account_id in account_ids]
    if len(states) * len(accounts) > _MOST_BRANCHES:
        accounts = [(Delivery.account_id.in_(account_ids),)]
    return [one + other for one, other in product(states, accounts)]


def _account_ids(scope: Scope, wanted: Wanted) -> Sequence[int] | None:
    """Return the accounts that are asked for; None for all."""
    if wanted.account is None and wanted.platform is None:
        return None
    query = select(Account.id).where(Account.organization_id == scope.organization_id)
    if wanted.account is not None:
        account = account_by_slug(scope, wanted.account)
        if account is None:
            raise InvalidInput(
                f"There is no account {wanted.account!r}.", hint="List the accounts to see which there are."
            )
        query = query.where(Account.id == account.id)
    if wanted.platform is not None:
        query = query.where(Account.platform == wanted.platform)
    return scope.session.scalars(query.order_by(Account.id)).all()
