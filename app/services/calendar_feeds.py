"""Calendar feeds: secret addresses under which calendar programs read a campaign, and which can be revoked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from app.errors import Conflict, NotFound
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.identity.secret_words import digest_of, new_secret
from app.models import CalendarFeed, Campaign, Organization
from app.services.calendar_events import calendar_of
from app.services.house import House
from app.services.pages import Asked, Page, page_of
from app.services.places import base_url
from app.services.scope import Scope
from app.settings import Settings

#: A campaign has so many in force at most.
MOST = 100
#: Programs ask every few minutes; it is noted that they did so often at most.
_NOTED_EVERY = timedelta(hours=1)


def create_feed(scope: Scope, campaign: Campaign, name: str = "") -> tuple[CalendarFeed, str]:
    """Make a feed of a campaign; return it and the secret of its address, which is given this one time.

    Raises:
        Conflict: There are too many.
    """
    mine = (CalendarFeed.campaign_id == campaign.id, CalendarFeed.revoked_at.is_(None))
    if (scope.session.scalar(select(func.count()).select_from(CalendarFeed).where(*mine)) or 0) >= MOST:
        raise Conflict(f"The campaign has {MOST} calendar feeds already.", hint="Revoke one that nobody needs.")
    secret = new_secret()
    feed = CalendarFeed(
        organization_id=scope.organization_id,
        campaign_id=campaign.id,
        name=name,
        digest=digest_of(secret),
        created_by=scope.actor,
        created_at=scope.now,
    )
    scope.session.add(feed)
    scope.session.flush()
    return feed, secret


def feeds_page(scope: Scope, campaign: Campaign, asked: Asked) -> Page[CalendarFeed]:
    """Return a page of a campaign's feeds, those that were revoked included, the newest first."""
    query = scope.query(CalendarFeed).where(CalendarFeed.campaign_id == campaign.id)
    return page_of(scope.session, query, (CalendarFeed.id,), lambda row: (row.id,), asked, newest_first=True)


def revoke_feed(scope: Scope, campaign: Campaign, feed_id: int) -> CalendarFeed:
    """Let a feed's address lead nowhere from now on; asked for twice is as good as once.

    Raises:
        NotFound: The campaign has no such feed.
    """
    feed = scope.get(CalendarFeed, feed_id, lock=True)
    if feed.campaign_id != campaign.id:
        raise NotFound(f"There is no calendar feed {feed_id}.", hint="List the campaign's calendar feeds.")
    feed.revoked_at = feed.revoked_at or scope.now
    scope.session.flush()
    return feed


def address_of(settings: Settings, secret: str) -> str:
    """Return a feed's address below the service's own."""
    return f"{base_url(settings)}/calendar/{secret}.ics"


def calendar_behind(house: House, secret: str) -> bytes:
    """Return the calendar behind a secret, as iCalendar.

    Raises:
        NotFound: There is none, it was revoked, or its organization is closed: the answer is the same.
    """
    with house.database.read() as session:
        found = session.execute(
            select(CalendarFeed, Organization.state)
            .join(Organization, Organization.id == CalendarFeed.organization_id)
            .where(CalendarFeed.digest == digest_of(secret), CalendarFeed.revoked_at.is_(None))
        ).first()
    if found is None or found[1] != "active":
        raise NotFound("There is no such calendar.", hint="Ask whoever gave you the address for a new one.")
    feed: CalendarFeed = found[0]
    reader = Principal(f"calendar feed {feed.id}", frozenset({Permission.VIEW}), feed.organization_id, via="guest")
    with house.read(reader) as scope:
        made = calendar_of(scope, scope.get(Campaign, feed.campaign_id), public_url=house.settings.public_url)
        now = scope.now
    if feed.used_at is None or now - feed.used_at >= _NOTED_EVERY:
        with house.database.write() as session:
            session.execute(update(CalendarFeed).where(CalendarFeed.id == feed.id).values(used_at=now))
    return made
