"""A digest as data and as a letter: never a post's text, never a secret, plain words for what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from app.clock import utc_text
from app.services.alerting.kinds import KINDS, AlertKind, kind_of
from app.services.alerting.links import Links
from app.services.alerting.told import Told

#: The most alerts that a digest lists, and groups of those that it does not.
MOST_LISTED = 50


def digest_body(told: Sequence[Told], links: Links, *, organization: str, now: datetime) -> dict[str, Any]:
    """Return a digest as it is kept, sent as a webhook's data and rendered as a letter."""
    counts = Counter(one.alert.kind for one in told)
    rest = Counter((one.alert.kind, one.campaign, one.account) for one in told[MOST_LISTED:])
    groups = [
        {"kind": kind, "campaign": campaign, "account": account, "count": count}
        for (kind, campaign, account), count in rest.items()
    ]
    return {
        "organization": organization,
        "written_at": utc_text(now),
        "total": len(told),
        "kinds": [
            {"kind": kind.slug, "severity": kind.severity.value, "title": kind.title, "next": kind.next,
             "count": counts[kind.slug]}
            for kind in KINDS if counts[kind.slug]
        ],
        "alerts": [_listed(one, links) for one in told[:MOST_LISTED]],
        "not_listed": groups[:MOST_LISTED],
        "not_listed_total": max(0, len(told) - MOST_LISTED),
        "link": links.start(),
    }  # fmt: skip


def _listed(told: Told, links: Links) -> dict[str, Any]:
    alert = told.alert
    return {
        "id": alert.id,
        "kind": alert.kind,
        "campaign": told.campaign,
        "account": told.account,
        "post": told.post,
        "delivery_id": alert.delivery_id,
        "due": None if told.due_at is None else utc_text(told.due_at),
        "due_local": None if told.due_at is None or told.zone is None else _local(told.due_at, told.zone),
        "detail": alert.detail,
        "opened": utc_text(alert.opened_at),
        "closed": None if alert.closed_at is None else utc_text(alert.closed_at),
        "link": links.alert(alert),
    }


def _local(instant: datetime, zone: str) -> str:
    there = instant.astimezone(ZoneInfo(zone))
    return f"{there:%Y-%m-%d %H:%M} {there.tzname() or there.isoformat()[-6:]}"


def subject_of(body: Mapping[str, Any]) -> str:
    """Return a letter's subject: how many alerts, and of which kinds."""
    if body.get("test"):
        return "[Focusweek] Test: alerts reach you here"
    kinds = [f"{kind['count']} {kind['title'].lower()}" for kind in body["kinds"]]
    shown = ", ".join(kinds[:3]) + (" and more" if len(kinds) > 3 else "")  # noqa: PLR2004 - three fit a line
    return f"[Focusweek] {_number(body['total'])}: {shown}"


def letter_of(body: Mapping[str, Any]) -> str:
    """Return a digest as plain text."""
    if body.get("test"):
        return _test_letter(body)
    lines = [f"{_number(body['total'])} of {body['organization']}.", ""]
    listed = {slug: list(rows) for slug, rows in groupby(
        sorted(body["alerts"], key=lambda row: row["kind"]), key=lambda row: row["kind"])}  # fmt: skip
    for kind in body["kinds"]:
        lines += _section(kind_of(kind["kind"]), kind["count"], listed.get(kind["kind"], []))
    if body["not_listed_total"]:
        lines += [f"Not listed above: {body['not_listed_total']} more.", *map(_group, body["not_listed"])]
        if sum(group["count"] for group in body["not_listed"]) < body["not_listed_total"]:
            lines.append("- and more")
        lines.append("")
    if body["link"]:
        lines += [f"All that waits for a person: {body['link']}", ""]
    lines.append("Sent by Focusweek. Nobody reads answers to this address.")
    return "\n".join(lines) + "\n"


def _section(kind: AlertKind, count: int, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"{kind.title.upper()} ({count})", kind.meaning, f"What to do: {kind.next}", ""]
    for row in rows:
        lines += [f"- {_what(row)}"]
        lines += [f"  {said}" for said in (row["detail"], row["closed"] and "Over by now.", row["link"]) if said]
    return [*lines, ""] if rows else lines


def _what(row: Mapping[str, Any]) -> str:
    if row["delivery_id"] is None:
        return f"account {row['account']}"
    post = row["post"] or f"delivery {row['delivery_id']}"
    due = row["due_local"] or row["due"]
    return f"{post} on {row['account']}" + (f" ({row['campaign']})" if row["campaign"] else "") + (
        f", due {due}" if due else "")  # fmt: skip


def _group(group: Mapping[str, Any]) -> str:
    where = ", ".join(filter(None, (group["campaign"], group["account"])))
    return f"- {group['count']} {kind_of(group['kind']).title.lower()}: {where}"


def _number(count: int) -> str:
    return "1 alert" if count == 1 else f"{count} alerts"


def check_body(links: Links, *, organization: str, channel: str, now: datetime) -> dict[str, Any]:
    """Return the message that only shows that a channel works."""
    return {
        "test": True,
        "organization": organization,
        "channel": channel,
        "written_at": utc_text(now),
        "link": links.start(),
    }


def _test_letter(body: Mapping[str, Any]) -> str:
    lines = [
        f"This is a test of the channel “{body['channel']}” of {body['organization']}.",
        "Alerts reach you here. There is nothing to do.",
    ]
    return "\n".join([*lines, *([body["link"]] if body["link"] else [])]) + "\n"
