"""`focusweek tokens`: programs' keys to the organization, made on the machine itself."""

from __future__ import annotations

from typing import Annotated

import typer

from app.bootstrap import open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.identity.permissions import Permission
from app.services import api_tokens as service
from app.services.pages import Asked
from app.settings import read_settings

tokens = typer.Typer(help="API tokens: programs' keys to the organization.", no_args_is_help=True)

_PAGE = 200


@tokens.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    scope: Annotated[list[Permission], typer.Option("--scope", help="What it may do; may be repeated.")],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="For how many days.")] = service.DEFAULT_DAYS,
    as_json: JsonOption = False,
) -> None:
    """Make a token and print it, this one time. It belongs to no user."""
    house = open_house(read_settings())
    try:
        with house.write() as scope_:
            row, secret = service.create_token(scope_, name, set(scope), days)
    finally:
        house.close()
    if as_json:
        expires = None if row.expires_at is None else utc_text(row.expires_at)
        write_json_line({"id": row.id, "name": row.name, "scopes": row.scopes, "expires": expires, "token": secret})
    else:
        typer.echo(f"Token {row.id}, until {spoken(row.expires_at)}. It is not shown again:", err=True)
        typer.echo(secret)


@tokens.command("list")
def list_tokens(as_json: JsonOption = False) -> None:
    """List the organization's tokens, newest first."""
    house = open_house(read_settings())
    try:
        with house.read() as scope:
            cursor: str | None = None
            while True:
                page = service.tokens_page(scope, Asked(_PAGE, cursor))
                for row in page.items:
                    view = {
                        "id": row.id, "name": row.name, "hint": row.hint, "scopes": row.scopes, "by": row.created_by,
                        "state": service.state_of(row, scope.now),
                        "expires": None if row.expires_at is None else utc_text(row.expires_at),
                        "used": None if row.used_at is None else utc_text(row.used_at),
                    }  # fmt: skip
                    if as_json:
                        write_json_line(view)
                    else:
                        until = f"{view['state']}, until {spoken(row.expires_at)}, used: {spoken(row.used_at)}"
                        typer.echo(f"{row.id}: {row.name} ({row.hint}…) {', '.join(row.scopes)}; {until}")
                if (cursor := page.next_cursor) is None:
                    break
    finally:
        house.close()


@tokens.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The token's id: focusweek tokens list")],
) -> None:
    """Revoke a token: it is refused from the next request on."""
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            row = service.revoke_token(scope, token_id)
    finally:
        house.close()
    typer.echo(f"Token {row.id} ({row.name}) is revoked.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(tokens, name="tokens")
