"""`focusweek review`: posts are put before reviewers, approved exactly as they would go out, or returned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.cli.own_campaigns import CampaignOption, chosen_campaign
from app.cli.review_house import FORMATS, AsOption, KeyArgument, KeysArgument, house, person, post_of, user_id_of
from app.cli.review_lines import outcome_json, review_lines
from app.cli.review_talk import add_to
from app.errors import InvalidInput
from app.services import reviews as service
from app.services.approvals import Outcome, approve, approve_clean, approve_everything
from app.services.approving import Word
from app.services.pages import Asked
from app.services.review_queue import review_queue
from app.services.review_views import review_view

review = typer.Typer(help="Review: posts are approved exactly as they would go out.", no_args_is_help=True)

_PAGE = 200


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
    due: Annotated[datetime | None, typer.Option("--due", help="When it is due, in UTC.", formats=FORMATS)] = None,
    as_json: JsonOption = False,
) -> None:
    """Put posts before reviewers."""
    with house() as opened, opened.write() as scope:
        chosen = chosen_campaign(scope, campaign)
        ids = [post_of(scope, chosen, key).id for key in posts]
        asking = service.Asking(
            None if reviewer is None else user_id_of(scope, reviewer), None if due is None else due.replace(tzinfo=UTC)
        )
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


def register(app: typer.Typer) -> None:
    """Add the commands."""
    add_to(review)
    app.add_typer(review, name="review")
