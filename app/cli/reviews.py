"""`focusweek review`: posts are put before reviewers, approved exactly as they would go out, or returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import select

from app.bootstrap import House, open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.cli.own_campaigns import CampaignOption, chosen_campaign
from app.cli.review_lines import outcome_json, review_lines
from app.errors import InvalidInput
from app.identity.principal import LOCAL, Principal
from app.models import Campaign, Post, User
from app.services import reviews as service
from app.services.approvals import Outcome, approve, approve_clean, approve_everything
from app.services.approving import Word
from app.services.pages import Asked
from app.services.review_queue import review_queue
from app.services.review_views import review_view
from app.services.scope import Scope
from app.settings import read_settings

review = typer.Typer(help="Review: posts are approved exactly as they would go out.", no_args_is_help=True)

_PAGE = 200
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ"]
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


@review.command("queue")
def queue(campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """List what is in review, first what is due first."""
    with house() as opened, opened.read() as scope:
        chosen = None if campaign is None else chosen_campaign(scope, campaign).id
        cursor: str | None = None
        shown = 0
        while True:
            page = review_queue(scope, Asked(_PAGE, cursor), campaign_id=chosen)
            for item in page.items:
                due = None if item.review.due_at is None else spoken(item.review.due_at)
                view = {
                    "post": item.post.key, "campaign": item.campaign.slug, "asked_by": item.review.asked_by,
                    "reviewer": item.reviewer, "due": due,
                }  # fmt: skip
                shown += 1
                if as_json:
                    write_json_line(view)
                else:
                    whom = item.reviewer or "anybody who may review"
                    typer.echo(
                        f"{item.post.key} ({item.campaign.slug}): asked of {whom}{f', due {due}' if due else ''}"
                    )
            cursor = page.next_cursor
            if cursor is None:
                break
    if not shown and not as_json:
        typer.echo("Nothing is in review.")


@review.command("show")
def show(post: KeyArgument, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Show what would go out where, what is found in it, and what has changed since the last approval."""
    with house() as opened, opened.read() as scope:
        view = review_view(scope, post_of(scope, chosen_campaign(scope, campaign), post).id)
        for line in review_lines(view, as_json=as_json):
            typer.echo(line)


@review.command("ask")
def ask(
    posts: KeysArgument,
    campaign: CampaignOption = None,
    reviewer: Annotated[str | None, typer.Option("--reviewer", help="E-mail address of who is asked.")] = None,
    due: Annotated[datetime | None, typer.Option("--due", help="When it is due, in UTC.", formats=_FORMATS)] = None,
    as_json: JsonOption = False,
) -> None:
    """Put posts before reviewers."""
    with house() as opened, opened.write() as scope:
        chosen = chosen_campaign(scope, campaign)
        ids = [post_of(scope, chosen, key).id for key in posts]
        asking = service.Asking(_user_id(scope, reviewer), None if due is None else due.replace(tzinfo=UTC))
        outcomes = service.ask_for_reviews(scope, ids, asking)
    _tell(outcomes, "in review", as_json=as_json)


@review.command("take-back")
def take_back(post: KeyArgument, campaign: CampaignOption = None) -> None:
    """Take a post out of review; it is a draft again."""
    with house() as opened, opened.write() as scope:
        service.take_back(scope, post_of(scope, chosen_campaign(scope, campaign), post).id)
    typer.echo(f"{post} is a draft.")


@review.command("approve")
def approve_posts(
    name: AsOption,
    posts: Annotated[list[str] | None, typer.Argument(metavar="POST...", help="Keys of posts.")] = None,
    campaign: CampaignOption = None,
    acknowledge: Annotated[
        list[str] | None, typer.Option("--acknowledge", help="A warning's key, from `review show`; may be repeated.")
    ] = None,
    second: Annotated[bool, typer.Option("--second", help="Give the second clearance.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every post of the campaign as it stands, with all warnings on it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Approve posts exactly as they stand, under your name."""
    if bool(posts) == everything:
        raise InvalidInput("Which posts?", hint="Name their keys, or give --all.")
    if everything and (acknowledge or second):
        raise InvalidInput("--all acknowledges every warning, and is no second clearance.", hint="Give it alone.")
    with house() as opened, opened.write(person(name)) as scope:
        chosen = chosen_campaign(scope, campaign)
        if everything:
            outcomes = approve_everything(scope, chosen)
        else:
            word = Word(frozenset(acknowledge or ()), second=second)
            rows = [approve(scope, post_of(scope, chosen, key).id, word) for key in posts or ()]
            outcomes = [Outcome(row.id, row.key, done=True) for row in rows]
    _tell(outcomes, "approved", as_json=as_json)


@review.command("return")
def return_post(
    post: KeyArgument,
    name: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="What is to be changed.")],
    campaign: CampaignOption = None,
) -> None:
    """Give a post back to its writers with a reason; approvals of it are voided."""
    with house() as opened, opened.write(person(name)) as scope:
        service.return_post(scope, post_of(scope, chosen_campaign(scope, campaign), post).id, reason)
    typer.echo(f"{post} is returned.")


@review.command("approve-clean")
def approve_clean_posts(name: AsOption, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """Approve what is in review and has neither an error nor a warning on it."""
    with house() as opened, opened.write(person(name)) as scope:
        chosen = None if campaign is None else chosen_campaign(scope, campaign).id
        outcomes = approve_clean(scope, service.posts_to_review(scope, campaign_id=chosen))
    _tell(outcomes, "approved", as_json=as_json)


def _tell(outcomes: Sequence[Outcome], done: str, *, as_json: bool) -> None:
    for outcome in outcomes:
        if as_json:
            write_json_line(outcome_json(outcome))
        else:
            typer.echo(f"{outcome.key}: {done}" if outcome.done else f"{outcome.key}: not {done}. {outcome.reason}")
    if not outcomes and not as_json:
        typer.echo("There was nothing to do.")
    if outcomes and not any(outcome.done for outcome in outcomes):
        raise typer.Exit(1)


def _user_id(scope: Scope, email: str | None) -> int | None:
    if email is None:
        return None
    found = scope.session.scalars(select(User.id).where(User.email == email.strip().lower())).first()
    if found is None:
        raise InvalidInput(f"There is no user {email}.", hint="See which there are: focusweek users list")
    return found


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(review, name="review")
