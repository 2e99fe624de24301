"""Whether a part is out: the account's own statuses since the attempt, compared by text. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from app.platforms.asked import unasked
from app.platforms.base import Sending
from app.platforms.mastodon.api import MastodonApi
from app.platforms.mastodon.errors import not_shown
from app.platforms.mastodon.payload import html_to_text, ref_of, same_text
from app.platforms.outcomes import parse_instant
from app.platforms.results import CannotTell, FindResult, Found, NotFound
from app.platforms.wire import Reply, WireError

OK = 200
PAGE = 40
MAX_PAGES = 5

# Servers without a call of that kind answer so.
_NO_SUCH_CALL = frozenset({404, 405, 501})

# The server's clock and ours may differ. A status that carries the text and is only this much older than the attempt
# proves nothing either way, and so a person decides; one that is older still is another post.
SLACK = timedelta(minutes=2)


class Unreadable(Exception):
    """The server's list of statuses could not be read to its end, or one of them not compared."""

    def __init__(self, answer: CannotTell) -> None:
        super().__init__(answer.reason)
        self.answer = answer


def find(
    api: MastodonApi, account_id: str, sending: Sending, *, since: datetime, taken: frozenset[str], now: datetime
) -> FindResult:
    """Look for the one status that is this part; `since` and `now` are aware."""
    try:
        statuses = list(_statuses(api, account_id, since, now))
        possible = [status for status in statuses if _candidate(status, sending, taken)]
        fitting = [status for status in possible if _carries(api, status, sending.minted.text, now)]
    except WireError as error:
        return unasked(error)
    except Unreadable as error:
        return error.answer
    return _judged(fitting, sending, since)


def _judged(fitting: list[dict[str, Any]], sending: Sending, since: datetime) -> FindResult:
    """Judge the statuses that carry the part's text."""
    if not fitting:
        return NotFound()
    if len(fitting) > 1:
        return CannotTell(f"{len(fitting)} posts carry this text.")
    (status,) = fitting
    if _made(status) < since:
        return CannotTell("A post with this text is a little older than the attempt; the clocks may differ.")
    if _reply_to(status) != _parent(sending):
        return CannotTell("A post carries this text but no longer says which post it continues.")
    ref = ref_of(status)
    return CannotTell("The post that fits has no id.") if ref is None else Found(ref, _made(status))


def _statuses(api: MastodonApi, account_id: str, since: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the account's statuses back to `since` less the slack; the list is complete or `Unreadable` is raised."""
    params: dict[str, str | int] = {"limit": PAGE, "exclude_reblogs": "true"}
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        reply = api.call("GET", f"/api/v1/accounts/{quote(account_id, safe='')}/statuses", params=params)
        page = reply.json()
        if reply.status != OK:
            raise Unreadable(not_shown(reply, "the account's posts", now, api.token))
        if not isinstance(page, list):
            # A page for people, by somebody on the way or while the server is down.
            raise Unreadable(CannotTell("The server's list of posts cannot be read.", later=True))
        floor = since - SLACK - _server_is_behind(reply, now)
        fresh = [status for status in page if _id(status) not in seen]
        for status in fresh:
            # A server may repeat a status at the edge of two pages, and the same one twice is still one.
            seen.add(_id(status))
            if _made(status) >= floor:
                yield status
        if not page or _made(page[-1]) < floor:
            return
        if not fresh:
            raise Unreadable(CannotTell("The server does not show the account's older posts."))
        params["max_id"] = _id(page[-1])
    raise Unreadable(CannotTell(f"The account has more than {PAGE * MAX_PAGES} posts since the attempt."))


def _server_is_behind(reply: Reply, now: datetime) -> timedelta:
    try:
        server = parsedate_to_datetime(reply.headers["date"])
        return max(now - server, timedelta(0))
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return timedelta(0)


def _id(status: object) -> str:
    ref = ref_of(status) if isinstance(status, dict) else None
    if ref is None:
        raise Unreadable(CannotTell("The server's list of posts cannot be read."))
    return ref.remote_id


def _made(status: Mapping[str, Any]) -> datetime:
    made = parse_instant(status.get("created_at"))
    if made is None:
        raise Unreadable(CannotTell("The server's list of posts cannot be read."))
    return made


def _candidate(status: Mapping[str, Any], sending: Sending, taken: frozenset[str]) -> bool:
    # A reply whose parent was deleted says of itself that it replies to nothing; that it is ours cannot be ruled out.
    places = {_parent(sending), None}
    return _id(status) not in taken and not status.get("reblog") and _reply_to(status) in places


def _parent(sending: Sending) -> str | None:
    return None if sending.parent is None else sending.parent.remote_id


def _reply_to(status: Mapping[str, Any]) -> str | None:
    reply_to = status.get("in_reply_to_id")
    return None if reply_to is None else str(reply_to)


def _carries(api: MastodonApi, status: Mapping[str, Any], text: str, now: datetime) -> bool:
    """Whether a status carries `text`, or did before it was edited.

    By its HTML, and where that differs by its source, where the server has one.
    """
    if _shows(status, text):
        return True
    path = f"/api/v1/statuses/{quote(_id(status), safe='')}"
    reply = api.call("GET", f"{path}/source")
    source = reply.json_object().get("text")
    has_source = reply.status == OK and isinstance(source, str)
    if has_source and same_text(str(source), text):
        return True
    if not has_source and reply.status not in _NO_SUCH_CALL:
        raise Unreadable(not_shown(reply, "a post's own text", now, api.token))
    if status.get("edited_at"):
        return _carried(api.call("GET", f"{path}/history"), text, now, api.token)
    # Without the source only the HTML speaks, and it does not show a mention's domain or what markup stood for.
    if not has_source and "@" in text:
        raise Unreadable(CannotTell("The server does not show a post's own text."))
    return False


def _carried(history: Reply, text: str, now: datetime, token: str) -> bool:
    """Whether an edited status carried `text` in one of its versions, by their HTML."""
    versions = history.json()
    if history.status != OK and history.status not in _NO_SUCH_CALL:
        raise Unreadable(not_shown(history, "an edited post's first text", now, token))
    readable = isinstance(versions, list) and versions and all(isinstance(version, dict) for version in versions)
    if readable and any(_shows(version, text) for version in versions):
        return True
    if not readable or history.status != OK or "@" in text:
        raise Unreadable(CannotTell("A post made since the attempt was edited; its first text cannot be read."))
    return False


def _shows(status: Mapping[str, Any], text: str) -> bool:
    return same_text(html_to_text(str(status.get("content") or "")), text)
