"""`focusweek facts ...`: an issuer's urgent corrections."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput
from app.identity.principal import LOCAL
from app.models import WithdrawnFact
from app.services import withdrawn_facts as service
from app.services.fact_checks import NewFact
from app.services.pages import Asked
from app.settings import read_settings

facts_app = typer.Typer(help="Numbers, links and wordings that an issuer has withdrawn.", no_args_is_help=True)
_PAGE = 200


@facts_app.command("withdraw")
def withdraw_fact(
    pack: Annotated[str, typer.Option("--pack", help="The pack's key; its campaigns in all organizations are meant.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the people of every organization.")],
    number: Annotated[str | None, typer.Option("--number", help="A number, in any grouping.")] = None,
    link: Annotated[str | None, typer.Option("--link", help="An address, or a host for all of its pages.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="A wording, in this order.")] = None,
    new: Annotated[str | None, typer.Option("--new", help="What stands in its place.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a fact: at once nothing that says it goes out. Tells what was stopped and what is out, by agency."""
    given = {kind: old for kind, old in (("number", number), ("link", link), ("words", words)) if old is not None}
    if len(given) != 1:
        raise InvalidInput("What is withdrawn?", hint="Give one of --number, --link and --words.")
    kind, old = next(iter(given.items()))
    house = open_house(read_settings())
    try:
        issued = service.withdraw_fact(house, LOCAL, NewFact(pack, kind, old, reason, new))
    finally:
        house.close()
    if as_json:
        counts = [
            {
                "organization": one.organization, "campaigns": one.campaigns, "replaced": one.replaced,
                "blocked": one.blocked, "handed_over": one.handed_over, "published": one.published,
            }
            for one in issued.organizations
        ]  # fmt: skip
        write_json_line(_view(issued.fact) | {"organizations": counts})
        return
    typer.echo(f"Withdrawn as {issued.fact.id}. Nothing that says it goes out any more.")
    for one in issued.organizations:
        typer.echo(
            f"  {one.organization}: {one.campaigns} campaigns, {one.blocked} deliveries stopped, "
            f"{one.handed_over} with a person, {one.published} out and to be withdrawn"
        )
    if new is not None:
        typer.echo("The new value waits for a person's confirmation in each campaign whose pack had the old one.")


@facts_app.command("list")
def list_facts(as_json: JsonOption = False) -> None:
    """List what was withdrawn of the packs that the organization's campaigns are made of, newest first."""
    house = open_house(read_settings())
    try:
        with house.read() as scope:
            facts = list(service.withdrawn_facts_page(scope, Asked(_PAGE)).items)
    finally:
        house.close()
    for fact in facts:
        if as_json:
            write_json_line(_view(fact))
        else:
            instead = f", now “{fact.new}”" if fact.new else ""
            when = f"{spoken(fact.issued_at)} by {fact.issued_by}"
            typer.echo(f"{fact.id}: {fact.kind} “{fact.old}”{instead} ({fact.pack_key}), {when}: {fact.reason}")
    if not facts and not as_json:
        typer.echo("Nothing has been withdrawn.")


@facts_app.command("published")
def list_published(
    fact_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The withdrawn fact's id: focusweek facts list")],
    as_json: JsonOption = False,
) -> None:
    """List the organization's deliveries that are out and say a withdrawn fact: they are to be withdrawn."""
    house = open_house(read_settings())
    try:
        found = _published(house, fact_id)
    finally:
        house.close()
    for row in found:
        if as_json:
            write_json_line(row)
        else:
            typer.echo(f"{row['id']}: {row['post']} on {row['account']}, {row['state']} {row['url'] or ''}".rstrip())
    if not as_json:
        ids = " ".join(f"--id {row['id']}" for row in found)
        typer.echo(
            f"To take them back: focusweek withdraw --reason WHY {ids}" if found else "Nothing that is out says it."
        )


@facts_app.command("lift")
def lift(
    fact_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The withdrawn fact's id: focusweek facts list")],
) -> None:
    """Take a withdrawal back that was a mistake. What it had blocked is looked at anew."""
    house = open_house(read_settings())
    try:
        service.lift_fact(house, LOCAL, fact_id)
    finally:
        house.close()
    typer.echo(f"{fact_id} is lifted.")


def _published(house: House, fact_id: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        with house.read() as scope:
            page = service.published_with(scope, fact_id, Asked(_PAGE, cursor))
        for hit in page.items:
            view = hit.view
            rows.append({
                "id": view.delivery.id, "state": view.delivery.state, "post": view.post.key,
                "account": view.account.slug, "url": view.delivery.remote_url,
            })  # fmt: skip
        if (cursor := page.next_cursor) is None:
            return rows


def _view(fact: WithdrawnFact) -> dict[str, Any]:
    return {
        "id": fact.id, "pack": fact.pack_key, "kind": fact.kind, "old": fact.old, "new": fact.new,
        "reason": fact.reason, "by": fact.issued_by, "at": utc_text(fact.issued_at),
    }  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(facts_app, name="facts")
