"""`focusweek review`: what is said of posts, who stands in for reviewers, and guests who look from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.cli.own_campaigns import CampaignOption, chosen_campaign
from app.cli.review_house import FORMATS, AsOption, KeyArgument, house, person, post_of, user_id_of
from app.clock import utc_text
from app.services.guest_reviews import NewGuest, guest_reviews_page, invite_guest, revoke_guest
from app.services.pages import Asked, Page
from app.services.review_comments import comment, comments_page, settle_comment
from app.services.review_delegates import delegates_page, end_delegate, name_delegate

_PAGE = 200
IdArgument = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1)]


def say(
    post: KeyArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is said.")],
    name: AsOption,
    campaign: CampaignOption = None,
) -> None:
    """Say something of a post."""
    with house() as opened, opened.write(person(name)) as scope:
        row = comment(scope, post_of(scope, chosen_campaign(scope, campaign), post).id, text)
    typer.echo(f"Comment {row.id} stands on {post}.")


def comments(post: KeyArgument, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    """List what was said of a post, oldest first."""
    with house() as opened, opened.read() as scope:
        post_id = post_of(scope, chosen_campaign(scope, campaign), post).id
        for row in _all(lambda asked: comments_page(scope, post_id, asked)):
            settled = None if row.settled_at is None else utc_text(row.settled_at)
            view = {"id": row.id, "by": row.said_by, "at": utc_text(row.said_at), "text": row.text, "settled": settled}
            done = "" if settled is None else f" (settled by {row.settled_by})"
            _tell(view, f"{row.id}: {row.said_by}, {spoken(row.said_at)}{done}: {row.text}", as_json=as_json)


def settle(comment_id: IdArgument, name: AsOption) -> None:
    """Mark a comment settled."""
    with house() as opened, opened.write(person(name)) as scope:
        settle_comment(scope, comment_id)
    typer.echo(f"Comment {comment_id} is settled.")


def delegate(
    user: Annotated[str, typer.Argument(metavar="EMAIL", help="Who is away.")],
    stand_in: Annotated[str, typer.Argument(metavar="STAND-IN", help="Who reviews in their place.")],
    until: Annotated[datetime, typer.Option("--until", help="Until when, in UTC.", formats=FORMATS)],
    since: Annotated[
        datetime | None, typer.Option("--since", help="From when, in UTC; now without it.", formats=FORMATS)
    ] = None,
) -> None:
    """Name who reviews in somebody's place for a while."""
    with house() as opened, opened.write() as scope:
        begins = scope.now if since is None else since.replace(tzinfo=UTC)
        away, there = user_id_of(scope, user), user_id_of(scope, stand_in)
        view = name_delegate(scope, there, since=begins, until=until.replace(tzinfo=UTC), user_id=away)
    typer.echo(f"{view.delegate} stands in for {view.user} until {spoken(view.row.until)} (delegate {view.row.id}).")


def delegates(as_json: JsonOption = False) -> None:
    """List who stands in for whom, now or later."""
    with house() as opened, opened.read() as scope:
        for one in _all(lambda asked: delegates_page(scope, asked)):
            span = {"since": utc_text(one.row.since), "until": utc_text(one.row.until)}
            line = f"{one.row.id}: {one.delegate} for {one.user}, {spoken(one.row.since)} to {spoken(one.row.until)}"
            _tell({"id": one.row.id, "user": one.user, "delegate": one.delegate, **span}, line, as_json=as_json)


def end(delegate_id: IdArgument) -> None:
    """Let somebody stand in no longer."""
    with house() as opened, opened.write() as scope:
        end_delegate(scope, delegate_id)
    typer.echo(f"Delegate {delegate_id} is ended.")


def guest(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Where their code is sent.")],
    posts: Annotated[list[str], typer.Argument(metavar="POST...", help="Keys of the posts that they see.")],
    name: AsOption,
    campaign: CampaignOption = None,
    decides: Annotated[
        bool, typer.Option("--decides", help="They approve and return; else they only comment.")
    ] = False,
) -> None:
    """Put posts before somebody who has no user here, and print the link's token, this one time."""
    with house() as opened, opened.write(person(name)) as scope:
        chosen = chosen_campaign(scope, campaign)
        ids = [post_of(scope, chosen, key).id for key in posts]
        invited = invite_guest(scope, NewGuest(email, ids, may_decide=decides), can_send=opened.letters.can_send)
    typer.echo(f"Guest review {invited.row.id}, until {spoken(invited.row.expires_at)}. Not shown again:", err=True)
    typer.echo(invited.token)


def guests(as_json: JsonOption = False) -> None:
    """List what was put before guests, newest first."""
    with house() as opened, opened.read() as scope:
        for row in _all(lambda asked: guest_reviews_page(scope, asked)):
            revoked = None if row.revoked_at is None else utc_text(row.revoked_at)
            view = {
                "id": row.id, "email": row.email, "posts": row.post_ids, "decides": row.may_decide,
                "expires": utc_text(row.expires_at), "revoked": revoked,
            }  # fmt: skip
            stands = f"until {spoken(row.expires_at)}" if revoked is None else "revoked"
            _tell(view, f"{row.id}: {row.email}, {len(row.post_ids)} posts, {stands}", as_json=as_json)


def revoke(guest_review_id: IdArgument) -> None:
    """Let a guest in no longer."""
    with house() as opened, opened.write() as scope:
        revoke_guest(scope, guest_review_id)
    typer.echo(f"Guest review {guest_review_id} is revoked.")


def _all(page_at: Callable[[Asked], Page[Any]]) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        page = page_at(Asked(_PAGE, cursor))
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _tell(view: dict[str, Any], line: str, *, as_json: bool) -> None:
    if as_json:
        write_json_line(view)
    else:
        typer.echo(line)


def add_to(review: typer.Typer) -> None:
    """Add the commands to `focusweek review`."""
    review.command("comment")(say)
    review.command("comments")(comments)
    review.command("settle")(settle)
    review.command("delegate")(delegate)
    review.command("delegates")(delegates)
    review.command("end-delegate")(end)
    review.command("guest")(guest)
    review.command("guests")(guests)
    review.command("revoke-guest")(revoke)
