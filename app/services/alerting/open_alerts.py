"""The alerts as people list them, how many are open, and whether anybody is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.models import Account, Alert, AlertChannel, Campaign
from app.services.alerting.kinds import kind_of, rank_of
from app.services.alerting.told import Told, named
from app.services.pages import Asked, Page, Sort, both_ways, chosen, orders, sorted_page
from app.services.scope import Scope

#: The orders of alerts, the newest first where none is named.
SORTS: dict[str, Sort[Alert]] = orders("-opened", both_ways("opened", (Alert.id,), lambda row: (row.id,)))


def alerts_page(
    scope: Scope,
    asked: Asked,
    *,
    closed: bool = False,
    kind: str | None = None,
    campaign_id: int | None = None,
    account: str | None = None,
    delivery_id: int | None = None,
    sort: str | None = None,
) -> Page[Told]:
    """Return a page of the open alerts, or of the closed ones, the newest first where no order is named.

    `account` is a slug.

    Raises:
        NotFound: There is no such campaign.
        InvalidInput: There is no such kind or order.
        BadCursor: The cursor is none of this list's, or of another order.
    """
    query = scope.query(Alert).where(Alert.closed_at.is_not(None) if closed else Alert.closed_at.is_(None))
    if kind is not None:
        query = query.where(Alert.kind == kind_of(kind).slug)
    if campaign_id is not None:
        query = query.where(Alert.campaign_id == scope.get(Campaign, campaign_id).id)
    if account is not None:
        mine = select(Account.id).where(Account.organization_id == scope.organization_id, Account.slug == account)
        query = query.where(Alert.account_id.in_(mine))
    if delivery_id is not None:
        query = query.where(Alert.delivery_id == delivery_id)
    page = sorted_page(scope.session, query, chosen(SORTS, sort), asked)
    found = {told.alert.id: told for told in named(scope.session, Alert.id.in_([alert.id for alert in page.items]))}
    return Page([found[alert.id] for alert in page.items], page.next_cursor)


def open_by_kind(scope: Scope) -> Mapping[str, int]:
    """Return how many alerts of each kind are open, the gravest first; kinds without any are left out."""
    rows = scope.session.execute(
        select(Alert.kind, func.count())
        .where(Alert.organization_id == scope.organization_id, Alert.closed_at.is_(None))
        .group_by(Alert.kind)
    )
    return {row[0]: row[1] for row in sorted(rows, key=lambda row: rank_of(row[0]))}


def channel_warnings(scope: Scope) -> list[str]:
    """Say where alerts reach nobody: no channel is set up, one is off, or one fails."""
    channels = scope.session.scalars(scope.query(AlertChannel).order_by(AlertChannel.name)).all()
    if not channels:
        return ["Nobody is told when something goes wrong: no alert channel is set up. Add one: focusweek alerts add"]
    warnings = [_warning(channel) for channel in channels if channel.state_reason]
    if all(channel.state == "off" for channel in channels):
        warnings.append("Nobody is told when something goes wrong: every alert channel is off.")
    return warnings


def alerts_overview(scope: Scope) -> dict[str, Any]:
    """Return the open alerts by kind with their titles, and what keeps people from being told."""
    return {
        "open": [
            {"kind": kind, "title": kind_of(kind).title, "count": count} for kind, count in open_by_kind(scope).items()
        ],
        "warnings": channel_warnings(scope),
    }


def _warning(channel: AlertChannel) -> str:
    what = "is off" if channel.state == "off" else "fails"
    return f"The alert channel “{channel.name}” {what}: {channel.state_reason}"
