"""The sandbox: the local feed as its audience would see it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from app.services.pages import Asked, BadCursor
from app.services.sandbox_view import FeedPage, feed_page
from app.ui.house import HouseDep
from app.ui.pages import page

router = APIRouter()

#: Threads of a page.
_THREADS = 50


@router.get("/sandbox", response_class=HTMLResponse)
def sandbox(
    house: HouseDep,
    platform: Annotated[str, Query(max_length=60)] = "",
    account: Annotated[str, Query(max_length=64)] = "",
    cursor: Annotated[str, Query(max_length=600)] = "",
) -> HTMLResponse:
    """Show the feed, newest first, of one network or account where chosen."""
    platform, account = platform.replace("\0", ""), account.replace("\0", "")
    with house.read() as scope:
        try:
            feed = feed_page(scope, Asked(_THREADS, cursor or None), platform=platform or None, account=account or None)
        except BadCursor:
            # A link that has been shortened on its way still shows something useful.
            feed = feed_page(scope, Asked(_THREADS), platform=platform or None, account=account or None)
            cursor = ""
    return page(
        "sandbox/feed.html",
        feed=feed,
        platform=platform,
        account=account,
        first=not cursor,
        older=_older(feed, platform, account),
        newest=_address(platform, account),
    )


def _older(feed: FeedPage, platform: str, account: str) -> str | None:
    return None if feed.page.next_cursor is None else _address(platform, account, feed.page.next_cursor)


def _address(platform: str, account: str, cursor: str = "") -> str:
    given = {"platform": platform, "account": account, "cursor": cursor}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/sandbox?{query}" if query else "/sandbox"
