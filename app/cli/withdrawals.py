"""`focusweek withdraw`: what is out, found by what it says, and taken back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.bootstrap import House, open_house
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.errors import InvalidInput
from app.services.deliveries import DeliveryView, delivery_view
from app.services.pages import Asked
from app.services.published_search import Sought, search
from app.services.withdrawals import Answer, withdraw_many
from app.settings import read_settings

_PAGE = 200


def withdraw(
    reason: Annotated[str, typer.Option("--reason", help="What is wrong with it; it stays with the delivery.")],
    ids: Annotated[list[int] | None, typer.Option("--id", min=1, help="A delivery's id; may be repeated.")] = None,
    number: Annotated[str | None, typer.Option("--number", help="All that say this number, in any grouping.")] = None,
    link: Annotated[str | None, typer.Option("--link", help="All with this link, or to this host.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="All with these words.")] = None,
    correct: Annotated[bool, typer.Option("--correct", help="Open a draft of the correction for each post.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take published deliveries back. Shows which, asks, then has the running service delete them."""
    if not reason.strip():
        raise InvalidInput("A withdrawal needs a reason.", hint='For example: --reason "The number is wrong."')
    given = number is not None or link is not None or words is not None
    if bool(ids) == given:
        raise InvalidInput(
            "Say what is to be taken back, in one way.", hint="Give --id, or what it says: --number, --link, --words."
        )
    house = open_house(read_settings())
    try:
        views = _by_id(house, ids) if ids else list(_found(house, Sought(number, link, words)))
        if not views:
            if not as_json:
                typer.echo("Nothing that is out says that; nothing was taken back.")
            return
        if not as_json:
            _show(views)
        if not yes:
            _ask(len(views))
        answers = withdraw_many(house, [view.delivery.id for view in views], reason, correct=correct)
    finally:
        house.close()
    for answer in answers:
        _tell(answer, as_json=as_json)
    if any(answer.problem is not None for answer in answers):
        raise typer.Exit(1)


def _by_id(house: House, ids: Sequence[int]) -> list[DeliveryView]:
    with house.read() as scope:
        return [delivery_view(scope, delivery_id) for delivery_id in dict.fromkeys(ids)]


def _found(house: House, sought: Sought) -> Iterator[DeliveryView]:
    cursor = None
    while True:
        with house.read() as scope:
            page = search(scope, sought, Asked(_PAGE, cursor))
        yield from (hit.view for hit in page.items)
        if (cursor := page.next_cursor) is None:
            return


def _show(views: Sequence[DeliveryView]) -> None:
    table = Table(title=f"{len(views)} to take back")
    for heading in ("Delivery", "State", "Account", "Post", "Where"):
        # Folded and not cut: an address that is cut cannot be opened.
        table.add_column(heading, overflow="fold")
    for view in views:
        row = view.delivery
        table.add_row(str(row.id), row.state, view.account.slug, view.post.key, row.remote_url or "")
    Console().print(table)


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise InvalidInput("Nobody can be asked here.", hint="Look at what it shows, then give --yes.")
    typer.confirm(f"Take {count} back?", abort=True, err=True)


def _tell(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        write_json_line(_view(answer))
        return
    said = f"{answer.delivery_id}: {answer.state}"
    if answer.problem is not None:
        said = f"{answer.delivery_id}: not taken back. {answer.problem.message} {answer.problem.hint}"
    elif answer.draft is not None:
        said += f", corrected by {answer.draft.key}"
    typer.echo(said)


def _view(answer: Answer) -> dict[str, Any]:
    problem = answer.problem
    return {
        "id": answer.delivery_id,
        "state": answer.state,
        "problem": None if problem is None else {"code": problem.code, "detail": problem.message, "hint": problem.hint},
        "draft": None if answer.draft is None else answer.draft.key,
    }


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(withdraw)
