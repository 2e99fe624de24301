"""`focusweek alerts ...`: what is wrong now, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput, NetworkUnreachable
from app.models import AlertChannel
from app.services.alerting import channels as service
from app.services.alerting.kinds import kind_of
from app.services.alerting.open_alerts import alerts_page, channel_warnings
from app.services.alerting.told import Told
from app.services.pages import Asked
from app.settings import read_settings

alerts_app = typer.Typer(help="What is wrong now, and who is told of it.")

NameArgument = Annotated[str, typer.Argument(help="The channel's name.")]
_MOST_SHOWN = 200


@alerts_app.callback(invoke_without_command=True)
def list_alerts(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the open alerts, the newest first (200 at most)."""
    if context.invoked_subcommand is not None:
        return
    with _house() as house, house.read() as scope:
        page = alerts_page(scope, Asked(limit=_MOST_SHOWN))
        warnings = channel_warnings(scope)
    if as_json:
        for told in page.items:
            write_json_line(_alert_view(told))
    else:
        _print_alerts(page.items)
        if page.next_cursor is not None:
            typer.echo(f"There are more than {_MOST_SHOWN}; /api/v1/alerts has them all.")
    for warning in warnings:
        typer.echo(f"focusweek: {warning}", err=True)


@alerts_app.command("channels")
def list_channels(as_json: JsonOption = False) -> None:
    """List who is told of alerts, and how."""
    with _house() as house, house.read() as scope:
        found = service.channels_of(scope)
    if as_json:
        for channel in found:
            write_json_line(_channel_view(channel))
        return
    if not found:
        typer.echo("There are no channels yet. Add one: focusweek alerts add NAME --email ADDRESS")
        return
    table = Table("Channel", "Via", "Target", "Kinds", "Minutes", "State", "Reason")
    for channel in found:
        kinds = "all" if channel.kinds is None else ", ".join(channel.kinds)
        table.add_row(
            channel.name, channel.via, service.shown_target(channel), kinds, str(channel.digest_minutes),
            channel.state, channel.state_reason or "",
        )  # fmt: skip
    Console().print(table, markup=False)


@alerts_app.command("add")
def add(
    name: NameArgument,
    email: Annotated[str | None, typer.Option("--email", help="The address that gets the alerts.")] = None,
    webhook: Annotated[str | None, typer.Option("--webhook", help="The https address that takes webhooks.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only this kind; may be repeated.")] = None,
    digest_minutes: Annotated[
        int, typer.Option("--digest-minutes", min=1, max=1440, help="The least minutes between two messages.")
    ] = 15,
    as_json: JsonOption = False,
) -> None:
    """Add a channel: an e-mail address, or an address that takes signed webhooks (its secret is shown once)."""
    if (email is None) == (webhook is None):
        raise InvalidInput("Say where alerts go.", hint="Give either --email ADDRESS or --webhook URL.")
    via, target = ("email", email) if email is not None else ("webhook", webhook)
    if not name.strip() or len(name) > 100 or not name.isprintable():  # noqa: PLR2004 - the column's
        raise InvalidInput("A channel's name is one line of 1 to 100 characters.", hint="Choose another name.")
    with _house() as house:
        with house.write() as scope:
            new = service.NewChannel(name.strip(), via, target or "", kind or None, digest_minutes)
            channel, secret = service.add_channel(scope, house.alerting, lambda: house.vault, new)
        if as_json:
            write_json_line(_channel_view(channel) | {"secret": secret})
            return
        typer.echo(f"{channel.name} ({channel.via}) added. Try it: focusweek alerts test {channel.name!r}")
        if secret is not None:
            typer.echo(f"Its signing secret, shown this one time: {secret}")


@alerts_app.command("test")
def try_out(name: NameArgument, as_json: JsonOption = False) -> None:
    """Send a test message now, and say what happened."""
    with _house() as house:
        with house.read() as scope:
            channel = service.channel_by_name(scope, name)
        tested = service.try_channel(house, channel.id)
    if as_json:
        write_json_line({"sent": tested.sent, "detail": tested.detail})
    elif tested.sent:
        typer.echo(f"Sent. {tested.detail}")
    if not tested.sent:
        raise NetworkUnreachable(
            f"The test message was not taken. {tested.detail}",
            hint="Correct the channel or the mail server's settings.",
        )


@alerts_app.command("remove")
def remove(name: NameArgument) -> None:
    """Remove a channel; the alerts stay on record."""
    with _house() as house, house.write() as scope:
        channel = service.channel_by_name(scope, name)
        service.remove_channel(scope, scope.get(AlertChannel, channel.id, lock=True))
    typer.echo(f"{name} removed.")


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def _print_alerts(found: Sequence[Told]) -> None:
    console = Console(soft_wrap=True)
    if not found:
        console.print("There are no open alerts.")
    for told in found:
        kind = kind_of(told.alert.kind)
        row = told.alert.delivery_id
        what = f"{told.post or told.alert.subject} on {told.account} (delivery {row})" if row else told.account
        since = spoken(told.alert.opened_at)
        console.print(f"{kind.title}: {what}, since {since}", markup=False, highlight=False)
        for line in (told.alert.detail, f"What to do: {kind.next}"):
            if line:
                console.print(f"  {line}", markup=False, highlight=False)


def _alert_view(told: Told) -> dict[str, Any]:
    alert = told.alert
    return {
        "id": alert.id,
        "kind": alert.kind,
        "post": told.post,
        "account": told.account,
        "delivery": alert.delivery_id,
        "detail": alert.detail,
        "next": kind_of(alert.kind).next,
        "opened": utc_text(alert.opened_at),
    }


def _channel_view(channel: AlertChannel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "via": channel.via,
        "target": service.shown_target(channel),
        "kinds": channel.kinds,
        "digest_minutes": channel.digest_minutes,
        "state": channel.state,
        "reason": channel.state_reason,
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(alerts_app, name="alerts")
