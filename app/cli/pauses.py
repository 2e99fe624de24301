"""`focusweek pause`, `focusweek pauses` and `focusweek resume`: stopping, and going on with a word on what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.bootstrap import open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.cli.resuming import Way, resume_asking
from app.clock import utc_text
from app.errors import InvalidInput
from app.models import Campaign
from app.services import pauses as service
from app.services.pages import Asked
from app.services.scope import Scope
from app.settings import read_settings

_ONE_THING = "Name one thing: --campaign SLUG (with --week N for a week), --account SLUG, --organization or --instance."


def pause(
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever finds it paused.")],
    campaign: Annotated[str | None, typer.Option("--campaign", help="A campaign's slug.")] = None,
    week: Annotated[int | None, typer.Option("--week", min=1, help="One focus week of the campaign.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="An account's slug.")] = None,
    organization: Annotated[bool, typer.Option("--organization", help="Everything of the organization.")] = False,
    instance: Annotated[bool, typer.Option("--instance", help="Everything of every organization.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop publishing from the next post on, until a person resumes it. Nothing else lifts a pause."""
    if [campaign is not None, account is not None, organization, instance].count(True) != 1:
        raise InvalidInput("What is to be paused?", hint=_ONE_THING)
    if week is not None and campaign is None:
        raise InvalidInput("A week is one of a campaign.", hint="Give --campaign SLUG as well.")
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            if campaign is not None:
                ordered = service.pause_campaign(scope, _campaign(scope, campaign), reason=reason, week=week)
            elif account is not None:
                ordered = service.pause_account(scope, account, reason=reason)
            elif instance:
                ordered = service.pause_instance(scope, reason=reason)
            else:
                ordered = service.pause_organization(scope, reason=reason)
            view = _view(service.pause_views(scope, [ordered])[0])
    finally:
        house.close()
    if as_json:
        write_json_line(view)
    else:
        typer.echo(f"Paused {view['of']}. To go on: focusweek resume {view['id']}")


def list_pauses(
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended instead, the last 200.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what is paused, newest first."""
    house = open_house(read_settings())
    try:
        with house.read() as scope:
            views = [_view(one) for one in service.pauses_page(scope, Asked(200), ended=ended).items]
    finally:
        house.close()
    for view in views:
        if as_json:
            write_json_line(view)
        else:
            typer.echo(_ended_line(view) if ended else f"{view['id']}: {paused_line(view)}")
    if not views and not as_json:
        typer.echo("No pause has ended yet." if ended else "Nothing is paused.")


def resume(
    pause_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The pause's id: focusweek pauses")],
    keep_all: Annotated[bool, typer.Option("--keep-all", help="What waits goes out, one by one, from now on.")] = False,
    drop_all: Annotated[bool, typer.Option("--drop-all", help="What waits is cancelled.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask about each post that waits, as in a terminal.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End a pause. Asks about each post that waits: keep it (it goes out now), move it, or drop it."""
    ways = [way for way, given in ((Way.KEEP, keep_all), (Way.DROP, drop_all), (Way.ASK, ask)) if given]
    if len(ways) > 1:
        raise InvalidInput("These options exclude one another.", hint="Give one of --keep-all, --drop-all and --ask.")
    house = open_house(read_settings())
    try:
        resumed = resume_asking(house, pause_id, ways[0] if ways else None)
        with house.read() as scope:
            view = _view(service.pause_views(scope, [resumed.pause])[0])
    finally:
        house.close()
    done = {"kept": resumed.kept, "moved": resumed.moved, "dropped": resumed.dropped}
    if as_json:
        write_json_line(view | done)
    else:
        typer.echo(f"Resumed {view['of']}: {', '.join(f'{count} {name}' for name, count in done.items())}.")


def paused_line(pause: Mapping[str, Any]) -> str:
    """Say for a person what is paused, since when, by whom and why, and how many posts wait where that is known."""
    waiting = pause.get("waiting")
    many = f" ({waiting} waiting)." if waiting else "."
    go_on = f"To go on: focusweek resume {pause['id']}"
    return f"PAUSED {pause['of']} since {spoken(pause['since'])} by {pause['by']}: {pause['reason']}{many} {go_on}"


def _ended_line(view: Mapping[str, Any]) -> str:
    span = f"{spoken(view['since'])} by {view['by']} to {spoken(view['ended'])} by {view['ended_by']}"
    return f"{view['id']}: {view['of']}, {span}: {view['reason']}"


def _campaign(scope: Scope, slug: str) -> Campaign:
    found = scope.session.scalars(scope.query(Campaign).where(Campaign.slug == slug)).first()
    if found is None:
        raise InvalidInput(f"There is no campaign {slug!r}.", hint="See which there are: focusweek status")
    return found


def _view(view: service.PauseView) -> dict[str, Any]:
    pause = view.pause
    return {
        "id": pause.id,
        "scope": pause.scope,
        "of": view.of,
        "campaign": None if view.campaign is None else view.campaign.slug,
        "week": pause.week,
        "account": None if view.account is None else view.account.slug,
        "reason": pause.reason,
        "by": pause.started_by,
        "since": utc_text(pause.started_at),
        "ended_by": pause.ended_by,
        "ended": None if pause.ended_at is None else utc_text(pause.ended_at),
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("pause")(pause)
    app.command("pauses")(list_pauses)
    app.command("resume")(resume)
