"""`focusweek calendar ...`: secret addresses under which calendar programs read a campaign."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput
from app.models import CalendarFeed, Campaign
from app.services import calendar_feeds as service
from app.services.pages import Asked
from app.services.scope import Scope
from app.settings import read_settings

calendar_app = typer.Typer(help="A campaign in people's calendars, under a secret address.", no_args_is_help=True)

CampaignArgument = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's slug.")]


@calendar_app.command("add")
def add(
    campaign: CampaignArgument,
    name: Annotated[str, typer.Option("--for", help="Whose it is, so that it can be told from others.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make an address for a calendar program. It is shown this one time."""
    with _house() as house:
        with house.write() as scope:
            feed, secret = service.create_feed(scope, _campaign(scope, campaign), name.strip()[:100])
            view = _view(feed)
        url = service.address_of(house.settings, secret)
    if as_json:
        write_json_line(view | {"url": url})
    else:
        typer.echo(f"Calendar feed {view['id']}. Its address, shown this one time: {url}")
        typer.echo("Whoever has it can read the campaign's plan. To revoke it: focusweek calendar revoke")


@calendar_app.command("list")
def list_feeds(campaign: CampaignArgument, as_json: JsonOption = False) -> None:
    """List a campaign's feeds, the newest first, without their addresses."""
    with _house() as house, house.read() as scope:
        found = service.feeds_page(scope, _campaign(scope, campaign), Asked(200)).items
    for feed in found:
        if as_json:
            write_json_line(_view(feed))
        else:
            state = "in force" if feed.revoked_at is None else f"revoked {spoken(feed.revoked_at)}"
            typer.echo(f"{feed.id}: {feed.name or 'no name'}, {state}, last used {spoken(feed.used_at)}")
    if not found and not as_json:
        typer.echo("There are no calendar feeds yet.")


@calendar_app.command("revoke")
def revoke(
    campaign: CampaignArgument,
    feed_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="focusweek calendar list CAMPAIGN")],
) -> None:
    """Let a feed's address lead nowhere from now on."""
    with _house() as house, house.write() as scope:
        service.revoke_feed(scope, _campaign(scope, campaign), feed_id)
    typer.echo(f"Calendar feed {feed_id} is revoked.")


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def _campaign(scope: Scope, slug: str) -> Campaign:
    found = scope.session.scalars(scope.query(Campaign).where(Campaign.slug == slug)).first()
    if found is None:
        raise InvalidInput(f"There is no campaign {slug!r}.", hint="See which there are: focusweek status")
    return found


def _view(feed: CalendarFeed) -> dict[str, Any]:
    return {
        "id": feed.id,
        "name": feed.name,
        "created": utc_text(feed.created_at),
        "used": None if feed.used_at is None else utc_text(feed.used_at),
        "revoked": None if feed.revoked_at is None else utc_text(feed.revoked_at),
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(calendar_app, name="calendar")
