"""`focusweek accounts ...`: places to publish to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bootstrap import House, open_house
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.errors import InvalidInput, NetworkUnreachable
from app.models import Account
from app.platforms.base import Via
from app.services.account_checks import ask_account
from app.services.account_connections import connect_account
from app.services.accounts import SECRETS, NewAccount, account_by_slug, accounts_of, add_account
from app.services.pauses import account_pauses
from app.settings import read_settings

accounts_app = typer.Typer(help="The places that Focusweek publishes to.", no_args_is_help=True)

SlugArgument = Annotated[str, typer.Argument(help="The account's short name.")]


@accounts_app.command("add")
def add(
    slug: SlugArgument,
    platform: Annotated[str, typer.Option("--platform", help="Its network's slug, such as x or mastodon.")],
    via: Annotated[Via, typer.Option("--via", help="How its posts leave.")] = Via.NETWORK,
    name: Annotated[str, typer.Option("--name", help="What people call it.")] = "",
    server: Annotated[str | None, typer.Option("--server", help="Base URL, such as https://example.social.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Who posts by hand.")] = None,
    identifier: Annotated[str | None, typer.Option("--identifier", help="Handle to sign in with (Bluesky).")] = None,
    min_gap: Annotated[
        int | None, typer.Option("--min-gap", min=1, max=1440, help="Minutes between two posts.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add an account. Its token or password is asked for, or read from FOCUSWEEK_ACCOUNT_SECRET; never an option."""
    secrets = _secrets(platform, identifier) if via is Via.NETWORK else {}
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            new = NewAccount(slug, platform, via, name, server, person, min_gap, secrets)
            account = add_account(scope, house.vault, new)
        _report(account, as_json=as_json, done="added")
    finally:
        house.close()


@accounts_app.command("list")
def list_accounts(as_json: JsonOption = False) -> None:
    """List the accounts."""
    house = open_house(read_settings())
    try:
        with house.read() as scope:
            accounts = accounts_of(scope)
            paused = account_pauses(scope, accounts)
    finally:
        house.close()
    if as_json:
        for account in accounts:
            pause = paused.get(account.id)
            write_json_line(_view(account) | {"paused": None if pause is None else pause.reason})
        return
    if not accounts:
        typer.echo("There are no accounts yet. Add one: focusweek accounts add NAME --platform x --via sandbox")
        return
    table = Table("Account", "Platform", "Via", "State", "Reason")
    for account in accounts:
        why = [account.state_reason] if account.state_reason else []
        why += [f"PAUSED: {paused[account.id].reason}"] if account.id in paused else []
        # What a person wrote is no markup.
        table.add_row(account.slug, account.platform, account.via, account.state, Text(" ".join(why)))
    Console().print(table)


@accounts_app.command("check")
def check(slug: SlugArgument, as_json: JsonOption = False) -> None:
    """Ask the network who the account is, and what its server allows."""
    house = open_house(read_settings())
    try:
        account, answer = ask_account(house, _found(house, slug).id)
        if answer.unreachable:
            raise NetworkUnreachable(
                f"The network could not be asked about {slug}: {answer.detail}",
                hint=f"Nothing was changed: {slug} is {account.state} as before. Try again later, or check its server.",
            )
        _report(account, as_json=as_json, done="checked")
    finally:
        house.close()


@accounts_app.command("connect")
def connect(
    slug: SlugArgument,
    server: Annotated[str | None, typer.Option("--server", help="Base URL; the present one without it.")] = None,
    identifier: Annotated[str | None, typer.Option("--identifier", help="Handle to sign in with (Bluesky).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Connect an account again. Its new token or password is asked for, or read from FOCUSWEEK_ACCOUNT_SECRET."""
    house = open_house(read_settings())
    try:
        found = _found(house, slug)
        secrets = _secrets(found.platform, identifier) if found.via == Via.NETWORK else {}
        account = connect_account(house, found.id, secrets, server)
        _report(account, as_json=as_json, done="connected" if account.state == "connected" else "kept, not checked")
    finally:
        house.close()


def _found(house: House, slug: str) -> Account:
    with house.read() as scope:
        found = account_by_slug(scope, slug)
    if found is None:
        raise InvalidInput(f"There is no account {slug!r}.", hint="List them: focusweek accounts list")
    return found


def _secrets(platform: str, identifier: str | None) -> dict[str, str]:
    names = SECRETS.get(platform, ())
    secrets: dict[str, str] = {}
    for name in names:
        if name == "identifier":
            secrets[name] = identifier or ""
        elif given := os.environ.get("FOCUSWEEK_ACCOUNT_SECRET"):
            secrets[name] = given
        elif sys.stdin.isatty():
            secrets[name] = typer.prompt(f"{platform} {name}", hide_input=True, err=True)
    given_now = {name: value for name, value in secrets.items() if value}
    if missing := [name for name in names if name not in given_now]:
        raise InvalidInput(f"{platform} needs {' and '.join(missing)}.", hint=_how_to_give(missing))
    return given_now


def _how_to_give(missing: Sequence[str]) -> str:
    ways = ["Give the handle with --identifier."] if "identifier" in missing else []
    if any(name != "identifier" for name in missing):
        ways.append("Run this in a terminal to be asked for the secret, or put it into FOCUSWEEK_ACCOUNT_SECRET.")
    return " ".join(ways)


def _report(account: Account, *, as_json: bool, done: str) -> None:
    if as_json:
        write_json_line(_view(account))
        return
    typer.echo(f"{account.slug} ({account.platform}, {account.via}) {done}: {account.state}.")
    if account.state_reason:
        typer.echo(f"  {account.state_reason}")


def _view(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "slug": account.slug,
        "platform": account.platform,
        "via": account.via,
        "name": account.name,
        "server": account.server,
        "handle": account.handle,
        "person": account.person,
        "state": account.state,
        "reason": account.state_reason,
        "min_gap_minutes": account.min_gap_minutes,
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(accounts_app, name="accounts")
