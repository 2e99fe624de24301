from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.composing.values import Part, PartLink, PartTag
from app.platforms.bluesky.payload import facets_of, place_of, record_of
from app.platforms.bluesky.payload import ref_of as record_ref
from app.platforms.bluesky.tid import ALPHABET, is_tid, tid_of
from app.platforms.keys import key_of
from app.platforms.mastodon.payload import html_to_text, same_text
from app.platforms.mastodon.payload import ref_of as status_ref
from app.platforms.results import RemoteRef

NOW = datetime(2027, 1, 11, 15, 0, 0, 123456, tzinfo=UTC)


def micros(tid: str) -> int:
    number = 0
    for letter in tid:
        number = number * 32 + ALPHABET.index(letter)
    return number >> 10


class TestRecordKeys:
    @given(st.text(), st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_are_valid_and_of_the_second_before(self, seed, now) -> None:
        tid = tid_of(seed, now)
        assert is_tid(tid)
        assert tid == tid_of(seed, now)
        age = now.timestamp() - micros(tid) / 1e6
        assert 0 <= age <= 2.001

    def test_of_one_moment_differ_by_their_seeds(self) -> None:
        assert len({tid_of(f"delivery {n}", NOW) for n in range(5000)}) == 5000

    def test_sort_by_time(self) -> None:
        tids = [tid_of(f"{n}", NOW + timedelta(seconds=2 * n)) for n in range(100)]
        assert tids == sorted(tids)

    @pytest.mark.parametrize(
        "value", ["", "3jzfcijpj2z2", "3jzfcijpj2z2aa", "zzzzzzzzzzzzz", "3jzfcijpj2z21", "3JZFCIJPJ2Z2A"]
    )
    def test_that_are_none_are_told(self, value) -> None:
        assert not is_tid(value)

    def test_idempotency_keys_are_short_and_tell_nothing(self) -> None:
        assert key_of("delivery 1/0/1") == key_of("delivery 1/0/1")
        assert len({key_of(str(n)) for n in range(1000)}) == 1000
        assert "delivery" not in key_of("delivery")


@st.composite
def parts(draw: st.DrawFn) -> Part:
    text = draw(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
    spans = st.tuples(st.integers(-3, 70), st.integers(-3, 70))
    links = tuple(PartLink(span, "https://x.org") for span in draw(st.lists(spans, max_size=5)))
    tags = tuple(PartTag(span, "Tag") for span in draw(st.lists(spans, max_size=5)))
    return Part(text, len(text), links, tags)


class TestFacets:
    def test_count_bytes_and_not_characters(self) -> None:
        text = "é👩‍⚕️ x.org #Tag"
        start, tag = text.index("x.org"), text.index("#")
        part = Part(text, 1, (PartLink((start, start + 5), "https://x.org"),), (PartTag((tag, tag + 4), "Tag"),))
        link, hashtag = facets_of(part)
        assert text.encode()[link["index"]["byteStart"] : link["index"]["byteEnd"]] == b"x.org"
        assert link["features"] == [{"$type": "app.bsky.richtext.facet#link", "uri": "https://x.org"}]
        assert text.encode()[hashtag["index"]["byteStart"] : hashtag["index"]["byteEnd"]] == b"#Tag"
        assert hashtag["features"] == [{"$type": "app.bsky.richtext.facet#tag", "tag": "Tag"}]

    @given(parts())
    def test_lie_within_the_text_in_order_and_apart(self, part) -> None:
        done = 0
        for facet in facets_of(part):
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            assert done <= start < end <= len(part.text.encode())
            part.text.encode()[start:end].decode()
            done = end

    def test_are_left_out_where_there_are_none(self) -> None:
        record = record_of(Part("plain", 5), language="", now=NOW)
        assert record == {"$type": "app.bsky.feed.post", "text": "plain", "createdAt": "2027-01-11T15:00:00.123Z"}


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "at://did:plc:abc/app.bsky.feed.like/3jzfcijpj2z2a",
        "https://x/app.bsky.feed.post/a",
        "at://did:plc:abc/app.bsky.feed.post/a/b",
    ],
)
def test_an_address_that_is_no_posts_has_no_place(uri) -> None:
    assert place_of(uri) is None


class TestWhatAServerSaysOfAPost:
    @pytest.mark.parametrize("remote_id", [None, "", True, 1.5, "a b", "\ud800", "9" * 500, ["1"]])
    def test_without_a_usable_id_is_no_reference(self, remote_id) -> None:
        assert status_ref({"id": remote_id, "url": "https://x.org/1"}) is None

    @pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "https://x.org/\ud800", "https://x.org/ y", 7])
    def test_without_a_usable_address_still_has_its_id(self, url) -> None:
        assert status_ref({"id": 7, "url": url}) == RemoteRef("7")

    @pytest.mark.parametrize("cid", [None, "", "\ud800" * 9, "bafy reih"])
    def test_without_a_usable_cid_is_no_reference(self, cid) -> None:
        assert record_ref({"uri": "at://did:plc:abc/app.bsky.feed.post/3jzfcijpj2z2a", "cid": cid}) is None


class TestStatusHtml:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("<p>Hello</p>", "Hello"),
            ("<p>a</p><p>b<br>c<br />d</p>", "a\n\nb\nc\nd"),
            ("<p>a &amp; b &lt; c &#39;d&#39;</p>", "a & b < c 'd'"),
            ('<a href="x"><span class="invisible">https://</span><span>x.org/</span><span>long</span></a>', "https://x.org/long"),
            ('<p><a class="hashtag">#<span>Tag</span></a> x</p>', "#Tag x"),
            ("", ""),
            ("<p>broken <b", "broken <b"),
            ("a<!-- hidden -->b", "ab"),
            ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ],
    )  # fmt: skip
    def test_reads_as_the_text(self, html, text) -> None:
        assert same_text(html_to_text(html), text)

    @given(st.text(max_size=200))
    def test_of_any_kind_is_read_without_error(self, html) -> None:
        assert isinstance(html_to_text(html), str)

    @pytest.mark.timeout(10)
    @pytest.mark.parametrize("piece", ["<", "<p", "&", "<!--", "<a href='", "&#x", "</"])
    def test_of_a_hostile_kind_is_read_in_time(self, piece) -> None:
        html_to_text(piece * 20_000)

    def test_texts_that_differ_in_a_word_are_not_the_same(self) -> None:
        assert not same_text("Call now", "Call  not")
        assert same_text("a\r\nb ", "a\nb")
