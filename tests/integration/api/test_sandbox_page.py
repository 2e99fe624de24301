from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
from api_client import Json, commit, made, ok

from app.bootstrap import House

Tick = Callable[[str], None]


class Outline(HTMLParser):
    """The elements of a page that assistive technology goes by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def put(
    house: House,
    text: str,
    *,
    account: str = "demo",
    key: str = "k",
    platform: str = "x",
    parent: str | None = None,
    details: Json | None = None,
) -> str:
    with house.read() as scope:
        name = f"{scope.organization_id}/{account}"
    post = house.feed.put(
        account=name,
        platform=platform,
        key=key,
        text=text,
        created_at=house.clock.now(),
        parent_id=parent,
        details=details,
    )
    return post.id


class TestAnEmptyFeed:
    def test_it_says_what_to_do_next(self, site: httpx.Client) -> None:
        page = site.get("/sandbox").text
        assert "Nothing has been published here yet" in page
        assert "focusweek demo" in page


class TestWhatWasPublished:
    def test_a_delivery_shows_its_exact_text_its_length_and_its_time_in_the_campaign_s_zone(
        self, api: httpx.Client, site: httpx.Client, deliveries: list[Json], tick: Tick
    ) -> None:
        tick(deliveries[0]["due"]["utc"])
        detail = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))

        page = site.get("/sandbox").text
        shown = html.unescape(re.sub(r"<[^>]+>", "", page))
        assert detail["parts"][0]["text"] in shown
        assert "1 Jan 2027, 09:00 EST" in shown
        assert "1 Jan 2027, 14:00 UTC" in shown
        assert "America/New_York" in shown
        assert f"{detail['parts'][0]['length']} of 300" in shown
        assert f'id="{detail["url"].partition("#")[2]}"' in page
        assert f"/api/v1/deliveries/{detail['id']}" in page

    def test_links_and_hashtags_look_as_on_the_network(self, site: httpx.Client, house: House) -> None:
        put(house, "See train.org and #Partner2Prevent", platform="x")
        page = site.get("/sandbox").text
        assert '<a href="https://train.org"' in page
        assert '<span class="hashtag">#Partner2Prevent</span>' in page

    def test_a_network_that_links_nothing_shows_no_links(self, site: httpx.Client, house: House) -> None:
        put(house, "See https://train.org today", platform="instagram")
        assert 'href="https://train.org' not in site.get("/sandbox").text

    def test_a_text_is_never_markup(self, site: httpx.Client, house: House) -> None:
        put(house, "<script>alert(1)</script> & javascript:alert(1)", details={
            "links": [{"start": 28, "end": 37, "target": "javascript:alert(1)"}], "hashtags": [], "language": '"><b>',
        })  # fmt: skip
        page = site.get("/sandbox").text
        assert "<script" not in page
        assert 'href="javascript' not in page
        assert "<b>" not in page

    def test_spans_that_do_not_fit_the_text_leave_it_whole(self, site: httpx.Client, house: House) -> None:
        put(house, "short", details={"links": [{"start": 3, "end": 90, "target": "https://x.example"}], "hashtags": []})
        assert ">short</p>" in site.get("/sandbox").text

    def test_a_thread_stands_together_in_its_order(self, site: httpx.Client, house: House) -> None:
        first = put(house, "first part", key="a")
        second = put(house, "second part", key="b", parent=first)
        put(house, "third part", key="c", parent=second)
        put(house, "another post", key="d")
        page = site.get("/sandbox").text
        assert (
            page.index("another post") < page.index("first part") < page.index("second part") < page.index("third part")
        )
        assert "Thread of 3 posts" in page
        assert page.count("<article") == 2

    def test_another_organization_s_feed_is_not_shown(self, site: httpx.Client, house: House) -> None:
        house.feed.put(account="999/theirs", platform="x", key="k", text="not ours", created_at=house.clock.now())
        assert "not ours" not in site.get("/sandbox").text


class TestNarrowing:
    def test_by_network_and_account(self, site: httpx.Client, house: House) -> None:
        put(house, "on x", account="one", platform="x")
        put(house, "on bluesky", account="two", platform="bluesky")
        assert "on bluesky</p>" not in site.get("/sandbox", params={"platform": "x"}).text
        page = site.get("/sandbox", params={"account": "two"}).text
        assert "on bluesky</p>" in page
        assert "on x</p>" not in page
        assert '<option value="two" selected>' in page

    def test_what_fits_nothing_leads_back(self, site: httpx.Client, house: House) -> None:
        put(house, "on x")
        assert "Nothing fits" in site.get("/sandbox", params={"platform": "threads", "account": "%"}).text

    def test_pages_lead_to_older_posts_and_back(self, site: httpx.Client, house: House) -> None:
        for number in range(60):
            put(house, f"number {number}.", key=str(number))
        first = site.get("/sandbox", params={"platform": "x"}).text
        (older,) = re.findall(r'<a href="([^"]+)" rel="next">', first)
        second = site.get(html.unescape(older)).text
        assert (first.count("<article"), second.count("<article")) == (50, 10)
        assert "number 0." in second
        assert "Newest posts" in second

    def test_a_link_to_a_post_opens_the_page_that_it_stands_on(self, site: httpx.Client, house: House) -> None:
        first = put(house, "the beginning", key="a")
        second = put(house, "the rest", key="b", parent=first)
        for number in range(60):
            put(house, f"number {number}.", key=str(number))
        assert "the beginning" not in site.get("/sandbox").text
        for post in (first, second):
            page = site.get("/sandbox", params={"post": post})
            assert page.status_code == 200
            assert page.text.index("the beginning") < page.text.index("the rest")
            assert f'class="part wanted" id="{post}"' in page.text
            assert "Newest posts" in page.text

    def test_a_link_to_a_post_that_is_gone_says_so_and_shows_the_feed(self, site: httpx.Client, house: House) -> None:
        put(house, "on x")
        house.feed.put(account="999/theirs", platform="x", key="k", text="not ours", created_at=house.clock.now())
        theirs = house.feed.list("999/theirs")[0].id
        for post in ("no-such-post", "\u0000x", theirs):
            page = site.get("/sandbox", params={"post": post})
            assert page.status_code == 404
            assert "is not in the sandbox" in page.text
            assert "on x</p>" in page.text

    def test_odd_parameters_still_show_the_feed(self, site: httpx.Client, house: House) -> None:
        put(house, "on x")
        for params in ({"cursor": "nonsense"}, {"cursor": "\u0000"}):
            assert "on x</p>" in site.get("/sandbox", params=params).text
        assert site.get("/sandbox", params={"account": "\u0000"}).status_code == 200


class TestThePages:
    def test_they_can_be_gone_through_by_landmarks_and_headings(self, site: httpx.Client, house: House) -> None:
        put(house, "on x")
        for address in ("/", "/sandbox", "/problems/not_found"):
            outline = Outline(site.get(address).text)
            assert outline.all("html")[0]["lang"] == "en"
            assert len(outline.all("main")) == len(outline.all("h1")) == 1
            assert outline.all("nav")[0]["aria-label"]
            assert outline.all("meta")[1]["content"] == "width=device-width, initial-scale=1"
            labels = {attributes["for"] for attributes in outline.all("label")}
            assert {attributes["id"] for attributes in outline.all("select")} <= labels

    def test_nothing_is_inline_or_from_elsewhere(self, site: httpx.Client) -> None:
        for address in ("/", "/sandbox"):
            outline = Outline(site.get(address).text)
            assert not outline.all("script")
            assert not outline.all("style")
            assert not [attributes for _, attributes in outline.tags if "style" in attributes]
            for link in outline.all("link"):
                assert site.get(str(link["href"])).status_code == 200

    def test_the_start_page_says_how_campaigns_stand(
        self, api: httpx.Client, site: httpx.Client, campaign: Json
    ) -> None:
        made(api.post("/accounts", json={"slug": "x", "platform": "x", "via": "sandbox"}))
        commit(api, campaign["id"])
        made(api.post(f"/campaigns/{campaign['id']}/pause", json={"reason": "<b>The hotline is down.</b>"}))
        page = site.get("/").text
        assert campaign["name"] in page
        assert "scheduled" in page
        assert "&lt;b&gt;The hotline is down." in page

    def test_a_problem_that_is_none_is_not_found(self, site: httpx.Client) -> None:
        assert site.get("/problems/<script>").status_code == 404
