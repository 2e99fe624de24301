"""What the commands of `focusweek review` share: the house, who acts by which name, and how posts are named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer
from sqlalchemy import select

from app.bootstrap import House, open_house
from app.errors import InvalidInput
from app.identity.principal import LOCAL, Principal
from app.models import Campaign, Post, User
from app.services.scope import Scope
from app.settings import read_settings

#: How moments are written, in UTC.
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ"]
KeysArgument = Annotated[list[str], typer.Argument(metavar="POST...", help="Keys of posts.")]
KeyArgument = Annotated[str, typer.Argument(metavar="POST", help="The post's key.")]
AsOption = Annotated[str, typer.Option("--as", help="Your name, as it goes on record.")]


@contextmanager
def house() -> Iterator[House]:
    """Open the service's house for a command."""
    opened = open_house(read_settings())
    try:
        yield opened
    finally:
        opened.close()


def person(name: str) -> Principal:
    """Return whoever has the machine, by the name that they give.

    Raises:
        InvalidInput: It is empty.
    """
    if not name.strip() or not name.isprintable():
        raise InvalidInput("--as takes a name.", hint="Give your name, as it is to stand on record.")
    return replace(LOCAL, name=f"{name.strip()[:200]} (local)")


def post_of(scope: Scope, campaign: Campaign, key: str) -> Post:
    """Return a campaign's post by its key.

    Raises:
        InvalidInput: There is none.
    """
    found = scope.session.scalars(scope.query(Post).where(Post.campaign_id == campaign.id, Post.key == key)).first()
    if found is None:
        raise InvalidInput(f"The campaign {campaign.slug} has no post {key!r}.", hint="Export it to see the keys.")
    return found


def user_id_of(scope: Scope, email: str) -> int:
    """Return the id of a user by their e-mail address.

    Raises:
        InvalidInput: There is none.
    """
    found = scope.session.scalars(select(User.id).where(User.email == email.strip().lower())).first()
    if found is None:
        raise InvalidInput(f"There is no user {email}.", hint="See which there are: focusweek users list")
    return found
