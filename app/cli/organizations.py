"""`focusweek organizations ...`, `focusweek portfolio` and `focusweek copy-posts`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput
from app.identity.principal import LOCAL
from app.services import organizations as service
from app.services.organization_lists import import_organizations
from app.services.pages import Asked
from app.services.portfolio import portfolio as portfolio_of
from app.services.post_set_copies import copy_posts
from app.settings import read_settings

organizations_app = typer.Typer(help="The agencies that this service is run for.")
_MOST = 200


@organizations_app.command("list")
def list_all(as_json: JsonOption = False) -> None:
    """List all organizations."""
    with _house() as house, house.read_instance() as scope:
        cursor = None
        while True:
            page = service.organizations_page(scope, Asked(_MOST, cursor))
            for row in page.items:
                if as_json:
                    write_json_line({"id": row.id, "slug": row.slug, "name": row.name, "state": row.state})
                else:
                    typer.echo(f"{row.slug}  {row.name}" + ("" if row.state == "active" else f"  ({row.state})"))
            if (cursor := page.next_cursor) is None:
                return


@organizations_app.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="Its short name: lower-case letters, digits and -.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
) -> None:
    """Add an organization."""
    with _house() as house, house.write_instance() as scope:
        added = service.add_organization(scope, slug, name)
    typer.echo(f"{added.slug} is there. Invite its admin: focusweek --organization {added.slug} users invite ...")


@organizations_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file: slug,name,admin_email.")],
    commit: Annotated[str | None, typer.Option("--commit", help="all or good; without it, only look.")] = None,
) -> None:
    """Add many organizations from a CSV file, and invite their admins."""
    if commit not in (None, "all", "good"):
        raise InvalidInput(f"--commit {commit!r} is neither all nor good.", hint="Leave it out to only look.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.", hint="Give a CSV file in UTF-8.") from None
    with _house() as house:
        listed = import_organizations(house, LOCAL, text, commit=commit)
    for one in listed:
        typer.echo(f"{one.row}: {one.slug}: {one.action}")
        if one.problem is not None:
            typer.echo(f"  {one.problem.message} {one.problem.hint}")
        if one.link is not None:
            typer.echo(f"  Hand this to its admin: {one.link}")
    if commit is None:
        typer.echo("Nothing was added yet: give --commit all or --commit good.")


@organizations_app.command("close")
def close(slug: Annotated[str, typer.Argument(help="The organization's slug.")]) -> None:
    """Close an organization: it lets nobody in and publishes nothing from now on."""
    _set_state(slug, "closed")


@organizations_app.command("open")
def open_again(slug: Annotated[str, typer.Argument(help="The organization's slug.")]) -> None:
    """Open a closed organization again."""
    _set_state(slug, "active")


def portfolio(as_json: JsonOption = False) -> None:
    """See all organizations together: what is blocked, missed or waiting in each."""
    with _house() as house, house.read_instance() as scope:
        standings = portfolio_of(scope, LOCAL)
    table = Table("Organization", "Wants a person", "In review", "Next due")
    for one in standings:
        due = None if one.next_due is None else utc_text(one.next_due)
        if as_json:
            write_json_line({"organization": one.organization.slug, "by_state": dict(one.by_state),
                             "in_review": one.in_review, "next_due": due})  # fmt: skip
            continue
        states = ", ".join(f"{count} {state}" for state, count in sorted(one.by_state.items())) or "nothing"
        table.add_row(one.organization.slug, states, str(one.in_review), "" if due is None else spoken(due))
    if not as_json:
        Console(soft_wrap=True).print(table)


def copy_posts_to(
    to: Annotated[list[str], typer.Option("--to", help="An organization's slug; may be repeated.")],
    campaign: Annotated[int, typer.Option("--campaign", min=1, help="The campaign's id.")],
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="A CSV file: organization, then a column for each fill-in.")
    ] = None,
) -> None:
    """Copy a campaign's posts to other organizations."""
    text = None if sheet is None else sheet.read_text(encoding="utf-8-sig")
    with _house() as house:
        copied = copy_posts(house, LOCAL, campaign, to, text)
    for one in copied:
        if one.problem is not None:
            typer.echo(f"{one.organization}: nothing was changed. {one.problem.message} {one.problem.hint}")
            continue
        kept = f", {len(one.kept)} kept as they were changed there" if one.kept else ""
        typer.echo(
            f"{one.organization}: {one.added} added, {one.changed} changed, {one.unchanged} unchanged{kept}, "
            f"{one.fill_ins} fill-ins set"
        )
    if any(one.problem is not None for one in copied):
        raise typer.Exit(1)


def _set_state(slug: str, state: str) -> None:
    with _house() as house, house.write_instance() as scope:
        service.set_state(scope, service.organization_by_slug(scope, slug), state)
    typer.echo(f"{slug} is {'open' if state == 'active' else state}.")


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(organizations_app, name="organizations")
    app.command()(portfolio)
    app.command("copy-posts")(copy_posts_to)
