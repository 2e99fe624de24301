"""`focusweek deliveries ...`: what goes out when, and what a person does to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from app.bootstrap import House, open_house
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.errors import InvalidInput
from app.models import Campaign, State
from app.services import deliveries as service
from app.services.bulk import MOST, Outcome
from app.services.deliveries import DeliveryView
from app.services.delivery_bulk import BulkAction, Change, change_deliveries
from app.services.delivery_lists import SORTS, Wanted, deliveries
from app.services.pages import Asked
from app.services.scope import Scope
from app.settings import read_settings

deliveries_app = typer.Typer(help="What goes out when, and what a person does to it.")

IdsArgument = Annotated[list[int], typer.Argument(metavar="ID...", min=1, help="Deliveries' ids.")]
IdArgument = Annotated[int, typer.Argument(metavar="ID", min=1, help="The delivery's id: focusweek deliveries")]


@deliveries_app.callback(invoke_without_command=True)
def list_deliveries(
    context: typer.Context,
    campaign: Annotated[str | None, typer.Option("--campaign", help="Only this campaign's (slug).")] = None,
    post: Annotated[int | None, typer.Option("--post", min=1, help="Only this post's (id).")] = None,
    week: Annotated[int | None, typer.Option("--week", min=1, help="Only of this focus week.")] = None,
    state: Annotated[list[str] | None, typer.Option("--state", help="Only in this state; may be repeated.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="Only on this account (slug).")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Only on this network.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only with this code as the reason.")] = None,
    sort: Annotated[str, typer.Option("--sort", help=f"One of {', '.join(SORTS)}.")] = "due",
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="So many at most.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List deliveries in the order of their times."""
    if context.invoked_subcommand is not None:
        return
    unknown = [one for one in state or () if one not in set(State)]
    if unknown:
        raise InvalidInput(f"There is no state {unknown[0]!r}.", hint=f"The states are: {', '.join(State)}.")
    with _house() as house, house.read() as scope:
        wanted = Wanted(
            campaign_id=None if campaign is None else _campaign(scope, campaign), week=week, states=state or (),
            account=account, post_id=post, platform=platform, reason=reason, sort=sort,
        )  # fmt: skip
        page = deliveries(scope, wanted, Asked(limit))
    if as_json:
        for view in page.items:
            write_json_line(_view(view))
        return
    _show(page.items)
    if page.next_cursor is not None:
        typer.echo(f"There are more than {limit}: give --limit, or ask for fewer with --state and the like.")


@deliveries_app.command("reschedule")
def reschedule(
    ids: IdsArgument,
    to: Annotated[str | None, typer.Option("--to", help="A time with its offset: 2027-01-12T09:00:00-05:00.")] = None,
    by_minutes: Annotated[int | None, typer.Option("--by-minutes", help="So much later; below 0, earlier.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Move deliveries that have not gone out: all to one time, or each by so many minutes."""
    shift = None if by_minutes is None else timedelta(minutes=by_minutes)
    _change(ids, Change(BulkAction.RESCHEDULE, None if to is None else _instant(to), shift), as_json=as_json)


@deliveries_app.command("send-now")
def send_now(ids: IdsArgument, as_json: JsonOption = False) -> None:
    """Make deliveries due now. The gate looks at each as at any other."""
    _change(ids, Change(BulkAction.SEND_NOW), as_json=as_json)


@deliveries_app.command("retry")
def retry(ids: IdsArgument, as_json: JsonOption = False) -> None:
    """Try deliveries again that failed, were missed, blocked or held."""
    _change(ids, Change(BulkAction.RETRY), as_json=as_json)


@deliveries_app.command("cancel")
def cancel(
    ids: IdsArgument,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in your own words.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel deliveries for good; of what is being sent, a stop is asked for."""
    _change(ids, Change(BulkAction.CANCEL, reason=reason), as_json=as_json)


@deliveries_app.command("resolve-review")
def resolve_review(
    delivery_id: IdArgument,
    decision: Annotated[str, typer.Argument(help="went-out, send-again or send-rest (of a thread).")],
    url: Annotated[str | None, typer.Option("--url", help="Where it stands; for went-out only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Settle a delivery of which nobody could tell whether it went out, or whose thread could not finish."""
    if url is not None and decision != "went-out":
        raise InvalidInput("An address belongs to went-out only.", hint="Leave --url out.")
    _one(lambda scope: service.resolve_review(scope, delivery_id, decision.replace("-", "_"), url), as_json=as_json)


@deliveries_app.command("posted-by-hand")
def posted_by_hand(
    delivery_id: IdArgument,
    url: Annotated[str, typer.Argument(help="Where the post stands.")],
    as_json: JsonOption = False,
) -> None:
    """Record that a person posted what was handed over, and where it stands."""
    _one(lambda scope: service.posted_by_hand(scope, delivery_id, url), as_json=as_json)


def _change(ids: Sequence[int], change: Change, *, as_json: bool) -> None:
    if len(ids) > MOST:
        raise InvalidInput(f"That is more than {MOST} at once.", hint="Do it in several goes.")
    with _house() as house:
        outcomes = change_deliveries(house, ids, change)
    for outcome in outcomes:
        _tell(outcome, as_json=as_json)
    if any(outcome.problem is not None for outcome in outcomes):
        raise typer.Exit(1)


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    problem = outcome.problem
    if as_json:
        said = None if problem is None else {"code": problem.code, "detail": problem.message, "hint": problem.hint}
        write_json_line({"id": outcome.row_id, "state": outcome.state, "problem": said})
    elif problem is None:
        typer.echo(f"{outcome.row_id}: {outcome.state}")
    else:
        typer.echo(f"{outcome.row_id}: not changed. {problem.message} {problem.hint}")


def _one(deed: Callable[[Scope], DeliveryView], *, as_json: bool) -> None:
    with _house() as house, house.write() as scope:
        view = deed(scope)
    if as_json:
        write_json_line(_view(view))
    else:
        typer.echo(f"{view.delivery.id}: {view.delivery.state}")


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def _campaign(scope: Scope, slug: str) -> int:
    found = scope.session.scalars(scope.query(Campaign).where(Campaign.slug == slug)).first()
    if found is None:
        raise InvalidInput(f"There is no campaign {slug!r}.", hint="See which there are: focusweek status")
    return found.id


def _instant(given: str) -> datetime:
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInput(
            f"{given[:80]!r} is no time with its offset.",
            hint="Write it as 2027-01-12T09:00:00-05:00, or with Z.",
        )
    return instant


def _show(views: Sequence[DeliveryView]) -> None:
    if not views:
        typer.echo("There are no such deliveries.")
        return
    table = Table("Delivery", "Due", "State", "Account", "Post", "Why")
    for view in views:
        row, zone = view.delivery, ZoneInfo(view.campaign.time_zone)
        due = f"{row.due_at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"
        table.add_row(str(row.id), due, row.state, view.account.slug, view.post.key, row.state_reason or "")
    Console().print(table, markup=False)


def _view(view: DeliveryView) -> dict[str, Any]:
    row = view.delivery
    return {
        "id": row.id,
        "campaign": view.campaign.slug,
        "post": view.post.key,
        "account": view.account.slug,
        "platform": view.account.platform,
        "week": row.week,
        "occurrence": row.occurrence,
        "state": row.state,
        "reason": row.state_reason,
        "due": utc_text(row.due_at),
        "url": row.remote_url,
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(deliveries_app, name="deliveries")
