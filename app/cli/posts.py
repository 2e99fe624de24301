"""`focusweek posts ...`: a campaign's posts, and what is done to many of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.bootstrap import House, open_house
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.errors import InvalidInput
from app.models import Campaign, Post
from app.services.bulk import MOST
from app.services.pages import Asked
from app.services.post_bulk import PostAction, PostsChange, change_posts
from app.services.post_lists import SORTS, WantedPosts, posts_page
from app.services.scope import Scope
from app.settings import read_settings

posts_app = typer.Typer(help="A campaign's posts, and what is done to many of them at once.", no_args_is_help=True)

IdsArgument = Annotated[list[int], typer.Argument(metavar="ID...", min=1, help="Posts' ids: focusweek posts list")]
PlatformsOption = Annotated[list[str], typer.Option("--platform", help="A network; may be repeated.")]


@posts_app.command("list")
def list_posts(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's slug.")],
    text: Annotated[str | None, typer.Option("--text", help="Only those that say this.")] = None,
    week: Annotated[int | None, typer.Option("--week", min=1, help="Only of this focus week.")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Only those for this network.")] = None,
    sort: Annotated[str, typer.Option("--sort", help=f"One of {', '.join(SORTS)}.")] = "position",
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="So many at most.")] = 200,
    as_json: JsonOption = False,
) -> None:
    """List a campaign's posts, in the pack's order unless another is asked for."""
    with _house() as house, house.read() as scope:
        wanted = WantedPosts(week=week, words=text, platform=platform, sort=sort)
        page = posts_page(scope, _campaign(scope, campaign), wanted, Asked(limit))
    if as_json:
        for post in page.items:
            write_json_line(_view(post))
        return
    table = Table("Id", "Key", "Week", "Review", "Left out", "Text")
    for post in page.items:
        words = " ".join(post.text.split())
        shown = f"{words[:59]}…" if len(words) > 60 else words  # noqa: PLR2004 - a table's cell
        table.add_row(str(post.id), post.key, str(post.week), post.review_state, post.left_out or "", shown)
    Console().print(table, markup=False)
    if page.next_cursor is not None:
        typer.echo(f"There are more than {limit}: give --limit, or ask for fewer.")


@posts_app.command("leave-out")
def leave_out(
    ids: IdsArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why they are in no further plan.")],
    as_json: JsonOption = False,
) -> None:
    """Leave posts out of every further plan."""
    _change(ids, PostsChange(PostAction.LEAVE_OUT, reason=reason), as_json=as_json)


@posts_app.command("take-in")
def take_in(ids: IdsArgument, as_json: JsonOption = False) -> None:
    """Take posts in again that were left out."""
    _change(ids, PostsChange(PostAction.TAKE_IN), as_json=as_json)


@posts_app.command("set-week")
def set_week(
    ids: IdsArgument,
    week: Annotated[int, typer.Option("--week", min=1, max=99, help="The focus week.")],
    as_json: JsonOption = False,
) -> None:
    """Put posts into a focus week. Nothing moves before a plan is committed."""
    _change(ids, PostsChange(PostAction.SET_WEEK, week=week), as_json=as_json)


@posts_app.command("add-platforms")
def add_platforms(ids: IdsArgument, platform: PlatformsOption, as_json: JsonOption = False) -> None:
    """Let posts go to further networks."""
    _change(ids, PostsChange(PostAction.ADD_PLATFORMS, platforms=platform), as_json=as_json)


@posts_app.command("remove-platforms")
def remove_platforms(ids: IdsArgument, platform: PlatformsOption, as_json: JsonOption = False) -> None:
    """Let posts go to some networks no more."""
    _change(ids, PostsChange(PostAction.REMOVE_PLATFORMS, platforms=platform), as_json=as_json)


@posts_app.command("delete")
def delete(
    ids: IdsArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete posts of which nothing was ever attempted, with what is planned of them."""
    if not yes:
        typer.confirm(f"Delete {len(ids)}?", abort=True, err=True)
    _change(ids, PostsChange(PostAction.DELETE), as_json=as_json)


def _change(ids: Sequence[int], change: PostsChange, *, as_json: bool) -> None:
    if len(ids) > MOST:
        raise InvalidInput(f"That is more than {MOST} at once.", hint="Do it in several goes.")
    with _house() as house:
        outcomes = change_posts(house, ids, change)
    for one in outcomes:
        problem = one.problem
        if as_json:
            said = None if problem is None else {"code": problem.code, "detail": problem.message, "hint": problem.hint}
            write_json_line({"id": one.row_id, "state": one.state, "problem": said})
        elif problem is None:
            typer.echo(f"{one.row_id}: {(one.state or '').replace('_', ' ')}")
        else:
            typer.echo(f"{one.row_id}: not changed. {problem.message} {problem.hint}")
    if any(one.problem is not None for one in outcomes):
        raise typer.Exit(1)


@contextmanager
def _house() -> Iterator[House]:
    house = open_house(read_settings())
    try:
        yield house
    finally:
        house.close()


def _campaign(scope: Scope, slug: str) -> Campaign:
    found = scope.session.scalars(scope.query(Campaign).where(Campaign.slug == slug)).first()
    if found is None:
        raise InvalidInput(f"There is no campaign {slug!r}.", hint="See which there are: focusweek status")
    return found


def _view(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "key": post.key,
        "week": post.week,
        "language": post.language,
        "review_state": post.review_state,
        "left_out": post.left_out,
        "platforms": post.platforms,
        "text": post.text,
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(posts_app, name="posts")
