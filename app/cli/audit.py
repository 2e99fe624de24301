"""`focusweek audit`: who changed what, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput
from app.models import AuditEvent
from app.services.audit import Sought, audit_page, instance_audit_page
from app.services.pages import Asked, Page
from app.settings import read_settings

_MOST_SHOWN = 200
_LARGEST = 2**63 - 1


def audit(
    words: Annotated[str | None, typer.Option("--words", help="Words that all occur in what changed.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="From this instant on, ISO 8601 with offset.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this instant, ISO 8601 with offset.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="On this account.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="What came to this state.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="A part of who acted.")] = None,
    action: Annotated[str | None, typer.Option("--action", help="added, changed, removed, moved ...")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="A kind of thing, such as delivery.")] = None,
    subject_id: Annotated[int | None, typer.Option("--id", min=1, max=_LARGEST, help="Its id.")] = None,
    post: Annotated[
        int | None, typer.Option("--post", min=1, max=_LARGEST, help="All that is part of this post (id).")
    ] = None,
    campaign: Annotated[
        int | None, typer.Option("--campaign", min=1, max=_LARGEST, help="... of this campaign (id).")
    ] = None,
    instance: Annotated[
        bool, typer.Option("--instance", help="What belongs to no organization: users, the service itself.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look through the audit trail, the newest first (200 at most). All that is given must fit."""
    sought = Sought(
        since=_instant("--since", since), until=_instant("--until", until), account=account, state=state, actor=actor,
        action=action, subject=subject, subject_id=subject_id, post_id=post, campaign_id=campaign, words=words,
    )  # fmt: skip
    house = open_house(read_settings())
    try:
        page = _page(house, sought, of_instance=instance)
    finally:
        house.close()
    for row in page.items:
        if as_json:
            write_json_line(_view(row))
        else:
            typer.echo(_line(row))
    if page.next_cursor is not None and not as_json:
        typer.echo(f"There are more than {_MOST_SHOWN}; /api/v1/audit-events has them all.", err=True)


def _page(house: House, sought: Sought, *, of_instance: bool) -> Page[AuditEvent]:
    if of_instance:
        if sought.account is not None:
            raise InvalidInput("No account belongs to the instance.", hint="Leave out --account or --instance.")
        with house.read_instance() as scope:
            return instance_audit_page(scope, sought, Asked(_MOST_SHOWN))
    with house.read() as own:
        return audit_page(own, sought, Asked(_MOST_SHOWN))


def _instant(option: str, given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInput(
            f"{option} {given!r} is no instant with an offset.", hint=f"For example: {option} 2027-01-11T09:00:00-05:00"
        )
    return instant


def _line(row: AuditEvent) -> str:
    what = f"{row.subject} {row.subject_id}" if row.subject_id is not None else row.subject
    came = "" if row.state is None else f" ({row.state})"
    changed = ", ".join(row.after or row.before or {})
    return f"{spoken(utc_text(row.at))}  {row.actor}: {row.action} {what}{came}" + (f": {changed}" if changed else "")


def _view(row: AuditEvent) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": utc_text(row.at),
        "actor": row.actor,
        "via": row.via,
        "origin": row.origin,
        "request": row.request_id,
        "action": row.action,
        "subject": row.subject,
        "subject_id": row.subject_id,
        "account_id": row.account_id,
        "post_id": row.post_id,
        "campaign_id": row.campaign_id,
        "state": row.state,
        "before": row.before,
        "after": row.after,
    }


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(audit)
