"""`focusweek users`: the first user, invitations, new passwords, and who may sign in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput
from app.identity.permissions import Role
from app.identity.principal import LOCAL
from app.models import User
from app.services import users as service
from app.services.invitations import invite as invite_person
from app.services.pages import Asked
from app.services.password_resets import reset_link
from app.services.set_up import FirstUser, new_set_up_link, set_up_here
from app.settings import read_settings

users = typer.Typer(help="Who may sign in: the first user, invitations, new passwords.", no_args_is_help=True)

EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]
_PAGE = 200


@users.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List all users of this service and what they are where."""
    house = open_house(read_settings())
    try:
        cursor: str | None = None
        while True:
            with house.read_instance() as scope:
                page = service.users_page(scope, Asked(_PAGE, cursor))
                places = service.places_of(scope, page.items)
            for user in page.items:
                _tell(user, places[user.id], as_json=as_json)
            if (cursor := page.next_cursor) is None:
                break
    finally:
        house.close()


@users.command("set-up")
def set_up(
    email: Annotated[str, typer.Option("--email", help="The address to sign in with.")],
    organization: Annotated[str, typer.Option("--organization", help="The organization's name.")],
    alone: Annotated[
        bool,
        typer.Option("--alone/--several", help="Whether nobody else reviews: then people may approve their own texts."),
    ] = False,
    name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
) -> None:
    """Make the first user, who runs the service. The password is asked for, or read from standard input."""
    house = open_house(read_settings())
    try:
        password = _password()
        user = set_up_here(house, FirstUser(email, password, organization, works_alone=alone, name=name))
    finally:
        house.close()
    typer.echo(f"{user.email} can sign in now, and is the operator and an admin of {organization}.")


@users.command("invite")
def invite(
    email: EmailArgument,
    role: Annotated[Role, typer.Option("--role", help="What they will be.")] = Role.AUTHOR,
    as_json: JsonOption = False,
) -> None:
    """Invite somebody to the organization: by a letter, or by the link that is printed where no mail is set up."""
    house = open_house(read_settings())
    try:
        invited = invite_person(house, LOCAL, email, role)
    finally:
        house.close()
    if as_json:
        write_json_line({
            "id": invited.row.id, "email": invited.row.email, "role": role.value, "link": invited.link,
            "trouble": invited.trouble, "expires": utc_text(invited.row.expires_at),
        })  # fmt: skip
        return
    if invited.link is None:
        typer.echo(f"A letter to {invited.row.email} is on its way.")
        return
    if invited.trouble is not None:
        typer.echo(invited.trouble, err=True)
    typer.echo(f"Give this link to {invited.row.email}; it works once, until {spoken(invited.row.expires_at)}:")
    typer.echo(invited.link)


@users.command("reset-password")
def reset_password(email: EmailArgument) -> None:
    """Print a link by which somebody sets a new password. It works once, for an hour; the older ones are void."""
    house = open_house(read_settings())
    try:
        link = reset_link(house, email)
    finally:
        house.close()
    typer.echo(link)


@users.command("disable")
def disable(email: EmailArgument) -> None:
    """Refuse a user from their next request on, their sessions and tokens included."""
    house = open_house(read_settings())
    try:
        with house.write_instance() as scope:
            service.disable(scope, service.user_by_email(scope, email))
    finally:
        house.close()
    typer.echo(f"{email} is refused from now on. To let them in again: focusweek users enable {email}")


@users.command("enable")
def enable(email: EmailArgument) -> None:
    """Let a disabled user sign in again."""
    house = open_house(read_settings())
    try:
        with house.write_instance() as scope:
            service.enable(scope, service.user_by_email(scope, email))
    finally:
        house.close()
    typer.echo(f"{email} can sign in again.")


@users.command("remove-second-factor")
def remove_second_factor(email: EmailArgument) -> None:
    """Take away the second factor of somebody who has lost the app and the recovery codes. All their sessions end."""
    house = open_house(read_settings())
    try:
        with house.write_instance() as scope:
            service.remove_second_factor(scope, service.user_by_email(scope, email))
    finally:
        house.close()
    typer.echo(f"{email} signs in with the password alone now.")


@users.command("forget-openid")
def forget_openid(email: EmailArgument) -> None:
    """Forget who somebody is at the OpenID provider, whose account there was made anew. Their sessions go on."""
    house = open_house(read_settings())
    try:
        with house.write_instance() as scope:
            service.forget_openid(scope, service.user_by_email(scope, email))
    finally:
        house.close()
    typer.echo(f"{email} is known by the e-mail address at the next sign-in with the provider.")


def set_up_words(house: House) -> str | None:
    """Return what to say while nobody can sign in: a new one-time link, to be said before anything is served."""
    link = new_set_up_link(house)
    if link is None:
        return None
    return f"Nobody can sign in yet. Open this link to set Focusweek up; it works once, for a day:\n  {link}"


def _password() -> str:
    """Return the password that is typed, or the first line of standard input. It is never an argument."""
    if sys.stdin is None:
        raise InvalidInput("Standard input is closed.", hint="Give the password as its first line.")
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password (12 to 128 characters)", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _tell(user: User, places: list[tuple[str, str]], *, as_json: bool) -> None:
    if as_json:
        write_json_line({
            "id": user.id, "email": user.email, "name": user.name, "state": user.state,
            "is_operator": user.is_operator, "second_factor": user.totp_since is not None,
            "organizations": [{"organization": slug, "role": role} for slug, role in places],
            "last_sign_in": None if user.last_sign_in_at is None else utc_text(user.last_sign_in_at),
        })  # fmt: skip
        return
    words = [f"{role} in {slug}" for slug, role in places]
    words += ["operator"] if user.is_operator else []
    words += [] if user.state == "active" else [user.state]
    typer.echo(f"{user.email}: {', '.join(words) or 'in no organization'}; signed in: {spoken(user.last_sign_in_at)}")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(users, name="users")
