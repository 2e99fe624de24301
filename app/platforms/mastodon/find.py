"""Whether a part is out: the account's own statuses since the attempt, compared by text. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from app.platforms.base import CannotTell, FindResult, Found, NotFound, Sending
from app.platforms.mastodon.api import MastodonApi
from app.platforms.mastodon.payload import html_to_text, ref_of, same_text
from app.platforms.outcomes import parse_instant
from app.platforms.wire import Reply, WireError

PAGE = 40
MAX_PAGES = 5

# The server's clock and ours may differ. A status that carries the text and is only this much older than the attempt
# proves nothing either way, and so a person decides; one that is older still is another post.
SLACK = timedelta(minutes=2)


class Unreadable(Exception):
    """The server's list of statuses could not be read to its end."""


def find(
    api: MastodonApi, account_id: str, sending: Sending, *, since: datetime, taken: frozenset[str], now: datetime
) -> FindResult:
    """Look for the one status that is this part; `since` and `now` are aware."""
    try:
        statuses = list(_statuses(api, account_id, since, now))
        fitting = [s for s in statuses if _candidate(s, sending, taken) and _carries(api, s, sending.minted.text)]
    except WireError as error:
        return CannotTell(f"The server could not be asked: {error.detail}")
    except Unreadable as error:
        return CannotTell(str(error))
    young = [s for s in fitting if _made(s) >= since]
    if len(fitting) > 1:
        return CannotTell(f"{len(fitting)} posts carry this text.")
    if fitting and not young:
        return CannotTell("A post with this text is a little older than the attempt; the clocks may differ.")
    if not young:
        return NotFound()
    ref = ref_of(young[0])
    return CannotTell("The post that fits has no id.") if ref is None else Found(ref, _made(young[0]))


def _statuses(api: MastodonApi, account_id: str, since: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the account's statuses back to `since` less the slack; the list is complete or `Unreadable` is raised."""
    params: dict[str, str | int] = {"limit": PAGE, "exclude_reblogs": "true"}
    for _ in range(MAX_PAGES):
        reply = api.call("GET", f"/api/v1/accounts/{quote(account_id, safe='')}/statuses", params=params)
        page = reply.json()
        if reply.status != 200 or not isinstance(page, list):  # noqa: PLR2004 - HTTP's own number
            raise Unreadable(f"The server answered {reply.status} when asked for the account's posts.")
        floor = since - SLACK - _server_is_behind(reply, now)
        for status in page:
            if (
                not isinstance(status, dict)
                or ref_of(status) is None
                or parse_instant(status.get("created_at")) is None
            ):
                raise Unreadable("The server's list of posts cannot be read.")
            if _made(status) >= floor:
                yield status
        if not page or _made(page[-1]) < floor:
            return
        params["max_id"] = str(page[-1]["id"])
    raise Unreadable(f"The account has more than {PAGE * MAX_PAGES} posts since the attempt.")


def _server_is_behind(reply: Reply, now: datetime) -> timedelta:
    try:
        server = parsedate_to_datetime(reply.headers["date"])
        return max(now - server, timedelta(0))
    except (KeyError, ValueError, TypeError, IndexError):
        return timedelta(0)


def _made(status: Mapping[str, Any]) -> datetime:
    made = parse_instant(status.get("created_at"))
    if made is None:
        raise Unreadable("The server's list of posts cannot be read.")
    return made


def _candidate(status: Mapping[str, Any], sending: Sending, taken: frozenset[str]) -> bool:
    ref = ref_of(status)
    parent = None if sending.parent is None else sending.parent.remote_id
    reply_to = status.get("in_reply_to_id")
    return (
        ref is not None
        and ref.remote_id not in taken
        and not status.get("reblog")
        and (None if reply_to is None else str(reply_to)) == parent
    )


def _carries(api: MastodonApi, status: Mapping[str, Any], text: str) -> bool:
    """Whether a status carries `text`: by its HTML, and where that differs by its source, where the server has one."""
    if same_text(html_to_text(str(status.get("content") or "")), text):
        return True
    reply = api.call("GET", f"/api/v1/statuses/{quote(str(status['id']), safe='')}/source")
    source = reply.json_object().get("text")
    if reply.status == 200 and isinstance(source, str):  # noqa: PLR2004 - HTTP's own number
        if same_text(source, text):
            return True
        if status.get("edited_at"):
            raise Unreadable("A post made since the attempt was edited; its first text cannot be read.")
        return False
    # Without the source only the HTML speaks, and it does not show a mention's domain or what markup stood for.
    if reply.status in (404, 405, 501) and not status.get("edited_at") and "@" not in text:
        return False
    raise Unreadable("The server does not show a post's own text.")
