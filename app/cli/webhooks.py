"""`focusweek webhooks ...`: other systems that are told what happens, and the log of what they were told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import NetworkUnreachable
from app.models import Webhook, WebhookMessage
from app.services.pages import Asked
from app.services.receivers import shown_receiver
from app.services.webhooks import endpoints, log
from app.settings import read_settings

webhooks_app = typer.Typer(help="Other systems that are told what happens (Standard Webhooks).")

IdArgument = Annotated[int, typer.Argument(metavar="ID", min=1, help="The webhook's id: focusweek webhooks")]
_MOST_SHOWN = 200


@webhooks_app.callback(invoke_without_command=True)
def list_webhooks(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the webhooks."""
    if context.invoked_subcommand is not None:
        return
    with _house() as house, house.read() as scope:
        found = endpoints.webhooks_page(scope, Asked(_MOST_SHOWN)).items
    if as_json:
        for webhook in found:
            write_json_line(_view(webhook))
        return
    if not found:
        typer.echo("There are no webhooks yet. Add one: focusweek webhooks add URL")
        return
    table = Table("Id", "Address", "What for", "Kinds", "State", "Reason")
    for webhook in found:
        kinds = "all" if webhook.kinds is None else ", ".join(webhook.kinds)
        table.add_row(
            str(webhook.id), shown_receiver(webhook.url), webhook.description, kinds, webhook.state,
            webhook.state_reason or "",
        )  # fmt: skip
    Console().print(table, markup=False)


@webhooks_app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="The https address that takes the messages.")],
    description: Annotated[str, typer.Option("--for", help="What it is for.")] = "",
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only this kind; may be repeated.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a webhook. Its signing secret is shown this one time."""
    with _house() as house, house.write() as scope:
        new = endpoints.NewWebhook(url, description.strip()[:200], kind or None)
        allow_private = house.webhooks.allow_private
        webhook, secret = endpoints.add_webhook(scope, lambda: house.vault, new, allow_private=allow_private)
        view = _view(webhook)
    if as_json:
        write_json_line(view | {"secret": secret})
        return
    typer.echo(f"Webhook {view['id']} added. Try it: focusweek webhooks test {view['id']}")
    typer.echo(f"Its signing secret, shown this one time: {secret}")


@webhooks_app.command("test")
def try_out(webhook_id: IdArgument, as_json: JsonOption = False) -> None:
    """Send a test message now, once, and say what happened."""
    with _house() as house:
        tried = endpoints.try_webhook(house, webhook_id)
    if as_json:
        write_json_line({"sent": tried.sent, "status": tried.status, "detail": tried.detail})
    elif tried.sent:
        typer.echo(f"Sent. {tried.detail}")
    if not tried.sent:
        raise NetworkUnreachable(
            f"The test message was not taken. {tried.detail}", hint="Correct the address or the receiver."
        )


@webhooks_app.command("new-secret")
def new_secret(webhook_id: IdArgument, as_json: JsonOption = False) -> None:
    """Give a webhook a new signing secret; for a day the former one signs as well."""
    with _house() as house, house.write() as scope:
        secret = endpoints.renew_secret(scope, lambda: house.vault, scope.get(Webhook, webhook_id, lock=True))
    if as_json:
        write_json_line({"id": webhook_id, "secret": secret})
    else:
        typer.echo(f"Its new signing secret, shown this one time: {secret}")


@webhooks_app.command("on")
def turn_on(webhook_id: IdArgument) -> None:
    """Turn a webhook on; it is told of what happens from now on."""
    _set_state(webhook_id, "on")


@webhooks_app.command("off")
def turn_off(webhook_id: IdArgument) -> None:
    """Turn a webhook off."""
    _set_state(webhook_id, "off")


@webhooks_app.command("remove")
def remove(webhook_id: IdArgument) -> None:
    """Remove a webhook with its log."""
    with _house() as house, house.write() as scope:
        endpoints.remove_webhook(scope, scope.get(Webhook, webhook_id, lock=True))
    typer.echo(f"Webhook {webhook_id} removed.")


@webhooks_app.command("log")
def show_log(webhook_id: IdArgument, as_json: JsonOption = False) -> None:
    """Show what a webhook was told, the newest first (200 messages at most)."""
    with _house() as house, house.read() as scope:
        found = log.messages_page(scope, scope.get(Webhook, webhook_id), Asked(_MOST_SHOWN)).items
        tries = log.tries_of(scope, found)
    for message in found:
        last = tries[message.id][-1] if tries[message.id] else None
        if as_json:
            write_json_line(_message_view(message) | {"error": None if last is None else last.error})
        else:
            why = f" {last.error}" if last is not None and last.error else ""
            typer.echo(f"{message.id}: {message.kind}, {spoken(message.created_at)}, {log.state_of(message)}.{why}")
    if not found and not as_json:
        typer.echo("It was told nothing in the last 30 days.")


@webhooks_app.command("resend")
def resend(
    webhook_id: IdArgument,
    message_id: Annotated[int, typer.Argument(metavar="MESSAGE", min=1, help="focusweek webhooks log ID")],
) -> None:
    """Have the running service send a message again, with the same id."""
    with _house() as house, house.write() as scope:
        log.resend(scope, scope.get(Webhook, webhook_id, lock=True), message_id)
    typer.echo(f"Message {message_id} is sent again within seconds.")


def _set_state(webhook_id: int, state: str) -> None:
    with _house() as house, house.write() as scope:
        webhook = scope.get(Webhook, webhook_id, lock=True)
        endpoints.change_webhook(scope, webhook, {"state": state}, allow_private=house.webhooks.allow_private)
    typer.echo(f"Webhook {webhook_id} is {state}.")


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def _view(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": shown_receiver(webhook.url),
        "description": webhook.description,
        "kinds": webhook.kinds,
        "state": webhook.state,
        "reason": webhook.state_reason,
    }


def _message_view(message: WebhookMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "message_id": message.key,
        "kind": message.kind,
        "state": log.state_of(message),
        "created": utc_text(message.created_at),
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(webhooks_app, name="webhooks")
