"""Whatever is written as a Focusweek sheet reads back as the same."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.packs.bundled import default_pack
from app.packs.sheets.reading import read_posts
from app.packs.sheets.values import ImportTarget, ReadOptions
from app.packs.window import build_window
from app.packs.writing.sheet import SheetPost, csv_bytes, sheet_rows
from app.packs.writing.workbook import xlsx_bytes

ZONE = ZoneInfo("America/New_York")
TARGET = ImportTarget(
    build_window(default_pack(), year=2027), "en", datetime(2026, 12, 1, tzinfo=UTC), frozenset({"our-page"})
)
#: Anything that a text may have; line ends are those of the file where it is a workbook.
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t")
TEXTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=80),
    st.sampled_from(["=1+1", "'=x", "''=x", "+", "-", "@x", "\tx", '"', '""', "a,b;c\td|e", "  x  ", "null", "01"]),
).filter(lambda text: bool(text.strip()))
WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
HEADINGS = st.lists(WORDS, max_size=4).map(" ".join)
# Made of what an address may hold: hardly any word of all letters would be one.
ADDRESSES = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12).map(
    lambda word: f"https://example.org/{word}"
)


@st.composite
def posts(draw: Any) -> list[SheetPost]:
    number = draw(st.integers(1, 4))
    return [
        SheetPost(
            key=f"post-{place}",
            week=draw(st.integers(1, 4)),
            text=draw(TEXTS),
            language=draw(st.sampled_from(["en", "es", "es-US"])),
            section=draw(HEADINGS),
            resource=draw(HEADINGS),
            variants=draw(st.dictionaries(st.sampled_from(["x", "bluesky"]), TEXTS, max_size=2)),
            links=draw(st.lists(st.tuples(WORDS, st.one_of(st.none(), ADDRESSES)), max_size=2)),
            images=draw(st.lists(st.tuples(ADDRESSES, HEADINGS), max_size=2)),
            pins=sorted(draw(st.sets(st.dates(date(2027, 1, 1), date(2027, 1, 28)), max_size=3))),
            tags=draw(st.lists(WORDS, max_size=3, unique=True)),
            platforms=draw(st.one_of(st.none(), st.just(["x", "bluesky"]))),
            at=draw(st.one_of(st.none(), st.integers(0, 60 * 24 * 700).map(_minutes))),
        )
        for place in range(number)
    ]


def _minutes(number: int) -> datetime:
    return datetime(2026, 12, 1, tzinfo=UTC) + timedelta(minutes=number)


def back(content: bytes, name: str) -> list[dict[str, Any]]:
    reading = read_posts(content, name, ReadOptions(), TARGET)
    assert (reading.format, reading.questions, reading.unused_columns) == ("focusweek", (), ())
    assert [error for row in reading.rows for error in row.errors] == []
    return [{"key": row.key, **row.values} for row in reading.rows]


def expected(post: SheetPost, networks: set[str]) -> dict[str, Any]:
    return {
        "key": post.key,
        "week": post.week,
        "text": post.text,
        "language": post.language,
        "section": post.section,
        "resource": post.resource,
        "links": [{"visible": visible, "target": target} for visible, target in post.links],
        "media": [{"url": url, "alt": alt or None} for url, alt in post.images],
        "pins": list(post.pins),
        "tags": list(post.tags),
        "platforms": post.platforms,
        "at": post.at,
    } | ({"variants": post.variants} if networks else {})


class TestASheetThatIsWritten:
    @settings(max_examples=200, deadline=None)
    @given(posts())
    def test_reads_back_the_same_as_csv(self, written: list[SheetPost]) -> None:
        networks = {network for post in written for network in post.variants}
        read = back(csv_bytes(sheet_rows(written, ZONE)), "posts.csv")
        assert read == [expected(post, networks) for post in written]

    @settings(max_examples=40, deadline=None)
    @given(posts())
    def test_reads_back_the_same_as_a_workbook(self, written: list[SheetPost]) -> None:
        networks = {network for post in written for network in post.variants}
        read = back(xlsx_bytes(sheet_rows(written, ZONE), title="Posts"), "posts.xlsx")
        assert read == [expected(post, networks) for post in written]

    @pytest.mark.parametrize("fold", [0, 1])
    def test_keeps_both_passes_through_the_hour_that_comes_twice(self, fold: int) -> None:
        at = datetime(2027, 11, 7, 1, 30, tzinfo=ZONE, fold=fold).astimezone(UTC)
        post = SheetPost("a", 1, "Hello", "en", at=at)
        assert back(csv_bytes(sheet_rows([post], ZONE)), "posts.csv")[0]["at"] == at
