"""Calendar feeds: made and revoked by authors, read by calendar programs under a secret address."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response

from app.api.desk import Open, ViewDesk, WriteDesk
from app.api.house import HouseDep
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.calendar import CalendarFeedCreate, CalendarFeedOut, NewCalendarFeedOut, feed_values
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services import calendar_feeds as service

router = APIRouter(prefix="/campaigns/{campaign_id}/calendar-feeds", tags=["calendar"])
#: Outside the API, for programs that know an address and nothing else.
public = APIRouter(tags=["calendar"], dependencies=[Open])

_MEDIA_TYPE = "text/calendar"
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The campaign's posts, focus weeks and key dates (RFC 5545).",
        "content": {_MEDIA_TYPE: {"schema": {"type": "string"}}},
    },
    304: {"description": "It is as it was."},
}


# FastAPI would document JSON beside the calendar for a response class of another kind.
class _Calendar(Response):
    media_type = None


@router.get("", responses=problems(404))
def list_calendar_feeds(desk: ViewDesk, campaign_id: RowIdPath, asked: AskedDep) -> PageOut[CalendarFeedOut]:
    """List a campaign's feeds, the newest first, without their addresses."""
    with desk.read() as scope:
        page = service.feeds_page(scope, scope.get(Campaign, campaign_id), asked)
        items = [CalendarFeedOut(**feed_values(feed)) for feed in page.items]
        return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(404, 409, 413, 415))
def create_a_calendar_feed(
    desk: WriteDesk, campaign_id: RowIdPath, body: CalendarFeedCreate | None = None
) -> NewCalendarFeedOut:
    """Make a secret address under which calendar programs read the campaign. It is shown this one time."""
    name = None if body is None else body.name
    with desk.write() as scope:
        feed, secret = service.create_feed(scope, scope.get(Campaign, campaign_id), name or "")
        return NewCalendarFeedOut(**feed_values(feed), url=service.address_of(desk.settings, secret))


@router.post("/{feed_id}/revoke", responses=problems(404, 415))
def revoke_a_calendar_feed(desk: WriteDesk, campaign_id: RowIdPath, feed_id: RowIdPath) -> CalendarFeedOut:
    """Let a feed's address lead nowhere from now on."""
    with desk.write() as scope:
        feed = service.revoke_feed(scope, scope.get(Campaign, campaign_id), feed_id)
        return CalendarFeedOut(**feed_values(feed))


@public.get("/calendar/{secret}.ics", response_class=_Calendar, responses=_CALENDAR | problems(400, 404, 422, 503))
def read_a_calendar(
    house: HouseDep,
    secret: Annotated[str, Path(max_length=200, description="What the feed's address was made with.")],
    if_none_match: Annotated[str | None, Header(max_length=200, description="The ETag that is known.")] = None,
) -> Response:
    """Read a campaign's calendar. Whoever has its address may; once it is revoked it leads nowhere."""
    content = service.calendar_behind(house, secret)
    headers = {
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "Cache-Control": "private, max-age=300",
        "X-Robots-Tag": "noindex, nofollow",
        "Content-Disposition": 'inline; filename="focusweek.ics"',
    }
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=f"{_MEDIA_TYPE}; charset=utf-8", headers=headers)
