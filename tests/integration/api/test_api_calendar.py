"""A campaign in people's calendars, as a calendar program reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import httpx
import pytest
from api_client import Json, made, ok, refused
from icalendar import Calendar

Tick = Callable[[str], None]


@pytest.fixture
def feed(api: httpx.Client, planned: Json) -> Json:
    return made(api.post(f"/campaigns/{planned['id']}/calendar-feeds", json={"name": "newsroom"}))


@pytest.fixture
def program(api: httpx.Client, feed: Json) -> Callable[..., httpx.Response]:
    """A calendar program: it knows the address and nothing else."""
    base = str(api.base_url).removesuffix("/api/v1/")

    def ask(ending: str = ".ics", headers: dict[str, str] | None = None) -> httpx.Response:
        path = feed["url"].removeprefix("http://127.0.0.1:8000").removesuffix(".ics")
        return httpx.get(f"{base}{path}{ending}", headers=headers)

    return ask


def events(response: httpx.Response) -> dict[str, Json]:
    """Return the events by their UIDs."""
    assert response.status_code == 200, response.text
    calendar = Calendar.from_ical(response.content)
    found = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert len(found) == len(calendar.walk("VEVENT"))
    return found


def of_post(found: dict[str, Json], delivery: Json) -> Json:
    name = f"post-{delivery['post']['id']}-{delivery['occurrence']}@"
    return next(event for uid, event in found.items() if uid.startswith(name))


class TestACalendar:
    def test_is_read_by_whoever_has_its_address_and_by_private_caches_only(
        self, program: Callable[..., httpx.Response]
    ) -> None:
        response = program()
        assert response.headers["content-type"] == "text/calendar; charset=utf-8"
        assert response.headers["cache-control"].startswith("private")
        assert events(response)

    def test_has_an_event_for_each_post_and_time_in_utc(
        self, program: Callable[..., httpx.Response], deliveries: list[Json]
    ) -> None:
        found = events(program())
        assert sum(uid.startswith("post-") for uid in found) >= 36
        event = of_post(found, deliveries[0])
        assert event["dtstart"].dt == datetime.fromisoformat(deliveries[0]["due"]["utc"])
        assert event["dtstart"].to_ical().endswith(b"Z")
        assert "bluesky (bluesky): scheduled" in event["description"]

    def test_has_focus_weeks_and_key_dates_as_whole_days(self, program: Callable[..., httpx.Response]) -> None:
        found = events(program())
        weeks = [event for uid, event in found.items() if uid.startswith("week-")]
        assert (weeks[0]["dtstart"].dt, weeks[0]["dtend"].dt) == (date(2027, 1, 1), date(2027, 1, 8))
        assert len(weeks) == 4
        assert any(event["dtstart"].dt == date(2027, 1, 11) for uid, event in found.items() if uid.startswith("day-"))

    def test_groups_what_goes_out_on_several_accounts_at_one_time(
        self, api: httpx.Client, planned: Json, program: Callable[..., httpx.Response], deliveries: list[Json]
    ) -> None:
        made(api.post("/accounts", json={"slug": "second", "platform": "mastodon", "via": "sandbox"}))
        preview = ok(api.post("/campaigns/1/plan/preview"))
        ok(api.post("/campaigns/1/plan/commit", json={"digest": preview["digest"]}))
        post = deliveries[0]["post"]["id"]
        pair = ok(api.get("/deliveries", params={"post_id": post}))["items"]
        pair = [row for row in pair if row["occurrence"] == deliveries[0]["occurrence"]]
        assert len(pair) == 2
        for row in pair:
            ok(api.post(f"/deliveries/{row['id']}/reschedule", json={"due_at": "2027-01-02T15:00:00Z"}))
        event = of_post(events(program()), deliveries[0])
        assert "bluesky (bluesky)" in event["description"]
        assert "second (mastodon)" in event["description"]
        assert event["dtstart"].dt == datetime(2027, 1, 2, 15, tzinfo=UTC)

    def test_moves_an_event_that_keeps_its_uid_and_raises_its_sequence(
        self, api: httpx.Client, program: Callable[..., httpx.Response], deliveries: list[Json]
    ) -> None:
        before = events(program())
        ok(api.post(f"/deliveries/{deliveries[0]['id']}/reschedule", json={"due_at": "2027-01-03T15:00:00Z"}))
        after = events(program())
        assert after.keys() == before.keys()
        old, new = of_post(before, deliveries[0]), of_post(after, deliveries[0])
        assert new["dtstart"].dt == datetime(2027, 1, 3, 15, tzinfo=UTC)
        assert new["sequence"] > old["sequence"]
        untouched = of_post(before, deliveries[1]), of_post(after, deliveries[1])
        assert untouched[0].to_ical() == untouched[1].to_ical()

    def test_says_what_is_blocked_and_what_is_out(
        self, api: httpx.Client, program: Callable[..., httpx.Response], deliveries: list[Json], tick: Tick
    ) -> None:
        tick(deliveries[0]["due"]["utc"])
        state = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"]
        said = {"published": "Published: ", "blocked": "Blocked: "}[state]
        assert str(of_post(events(program()), deliveries[0])["summary"]).startswith(said)

    def test_leaves_out_what_is_cancelled(
        self, api: httpx.Client, program: Callable[..., httpx.Response], deliveries: list[Json]
    ) -> None:
        count = len(events(program()))
        ok(api.post(f"/deliveries/{deliveries[0]['id']}/cancel"))
        assert len(events(program())) == count - 1

    def test_is_not_sent_again_to_who_has_it(self, program: Callable[..., httpx.Response]) -> None:
        first = program()
        assert program(headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        assert program(headers={"If-None-Match": '"other"'}).content == first.content


class TestAnAddress:
    def test_is_shown_once_and_kept_as_a_digest(self, api: httpx.Client, feed: Json) -> None:
        (listed,) = ok(api.get("/campaigns/1/calendar-feeds"))["items"]
        assert "url" not in listed
        assert (listed["id"], listed["name"]) == (feed["id"], "newsroom")

    def test_that_is_revoked_leads_nowhere_like_one_that_never_was(
        self, api: httpx.Client, feed: Json, program: Callable[..., httpx.Response]
    ) -> None:
        events(program())
        revoked = ok(api.post(f"/campaigns/1/calendar-feeds/{feed['id']}/revoke"))
        assert revoked["revoked"] is not None
        gone = refused(program(), 404, "not_found")
        never = refused(program("x.ics"), 404, "not_found")
        assert gone == never
        ok(api.post(f"/campaigns/1/calendar-feeds/{feed['id']}/revoke"))

    def test_of_another_campaign_is_not_revoked_here(self, api: httpx.Client, feed: Json) -> None:
        other = made(api.post("/campaigns", json={"year": 2028}))
        refused(api.post(f"/campaigns/{other['id']}/calendar-feeds/{feed['id']}/revoke"), 404, "not_found")

    def test_says_when_it_was_used_last(
        self, api: httpx.Client, feed: Json, program: Callable[..., httpx.Response]
    ) -> None:
        assert feed["used"] is None
        program()
        (listed,) = ok(api.get("/campaigns/1/calendar-feeds"))["items"]
        assert listed["used"] is not None
