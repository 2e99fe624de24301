"""The sandbox: the local feed as its audience would see it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from app.errors import NotFound
from app.services.pages import Asked, BadCursor
from app.services.sandbox_view import FeedPage, feed_page
from app.ui.house import ViewPage
from app.ui.pages import page

router = APIRouter()

#: Threads of a page.
_THREADS = 50


@router.get("/sandbox", response_class=HTMLResponse)
def sandbox(
    desk: ViewPage,
    platform: Annotated[str, Query(max_length=60)] = "",
    account: Annotated[str, Query(max_length=64)] = "",
    cursor: Annotated[str, Query(max_length=600)] = "",
    post: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Show the feed, newest first, of one network or account where chosen; with `post`, from its thread on."""
    platform, account, post = (given.replace("\0", "") for given in (platform, account, post))
    chosen = {"platform": platform or None, "account": account or None}
    status = 200
    with desk.read() as scope:
        try:
            feed = feed_page(scope, Asked(_THREADS, cursor or None), post=post or None, **chosen)
        except (BadCursor, NotFound) as error:
            # A link that has been shortened on its way, or leads to what is gone, still shows something useful.
            feed = feed_page(scope, Asked(_THREADS), **chosen)
            status, cursor = (404 if isinstance(error, NotFound) else 200), ""
    return page(
        "sandbox/feed.html",
        status,
        who=desk.who,
        missing=status == 404,  # noqa: PLR2004 - as set above
        wanted=post,
        feed=feed,
        platform=platform,
        account=account,
        first=not (cursor or post) or status != 200,  # noqa: PLR2004 - as set above
        older=_older(feed, platform, account),
        newest=_address(platform, account),
    )


def _older(feed: FeedPage, platform: str, account: str) -> str | None:
    return None if feed.page.next_cursor is None else _address(platform, account, feed.page.next_cursor)


def _address(platform: str, account: str, cursor: str = "") -> str:
    given = {"platform": platform, "account": account, "cursor": cursor}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/sandbox?{query}" if query else "/sandbox"
