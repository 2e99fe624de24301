from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.packs.cells import guarded, read_links, unguarded, write_links, write_moment
from app.packs.reading import parse_pack
from app.packs.schema import Pack
from app.packs.writing.pack_files import pack_as_json, pack_as_yaml
from app.packs.writing.schedulers import BUFFER, HOOTSUITE, ReadyPost, scheduler_file
from app.packs.writing.sheet import csv_bytes

NEW_YORK = ZoneInfo("America/New_York")
#: What a pack takes as a text, and much that YAML would take for something else.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), min_size=1, max_size=200
).filter(str.strip) | st.sampled_from(
    [
        "null",
        "~",
        "yes",
        "01-11",
        "1:30",
        "- a",
        "# b",
        "a #b",
        "'",
        '"',
        "{",
        "a: b",
        "a\n\nb",
        " a ",
        "|",
        ">-",
        "\ufeffa",
    ]
)


class TestAPackAsAFile:
    @pytest.mark.parametrize("name", ["pack", "other"])
    def test_is_read_back_as_an_equal_pack(self, name: str, request: pytest.FixtureRequest) -> None:
        pack: Pack = request.getfixturevalue(name)
        assert parse_pack(pack_as_yaml(pack).decode(), "a.yaml") == pack
        assert parse_pack(pack_as_json(pack).decode(), "a.json") == pack

    @settings(max_examples=150, deadline=None)
    @given(text=TEXTS, section=TEXTS)
    def test_keeps_any_text_exactly(self, text: str, section: str, pack: Pack) -> None:
        document = pack.model_dump(mode="json")
        line = " ".join(section.split()) or "x"
        document["posts"] = [{"key": "a", "week": 1, "text": text, "section": line, "variants": {"x": text}}]
        document["kit"], document["fill_ins"] = [], []
        written = Pack.model_validate(document)
        assert parse_pack(pack_as_yaml(written).decode(), "a.yaml") == written
        assert parse_pack(pack_as_json(written).decode(), "a.json") == written

    def test_keeps_the_language_of_a_post_that_is_not_the_packs(self, pack: Pack) -> None:
        document = pack.model_dump(mode="json") | {"language": "es"}
        document["posts"] = [post | {"language": "en" if at else "es"} for at, post in enumerate(document["posts"])]
        written = Pack.model_validate(document)
        assert parse_pack(pack_as_yaml(written).decode(), "a.yaml") == written


class TestACell:
    @given(st.text(max_size=30) | st.from_regex(r"\A'{0,3}[=+\-@\t\r].{0,5}\Z"))
    def test_that_begins_like_a_formula_is_guarded_and_read_back(self, text: str) -> None:
        assert unguarded(guarded(text)) == text
        assert guarded(text)[:1] not in set("=+-@\t\r")

    def test_keeps_what_a_link_reads_as_and_where_it_leads(self) -> None:
        links = [("here", "https://example.org/a"), ("gone", None), ("https://example.org", "https://example.org")]
        assert list(read_links(write_links(links))) == links

    def test_tells_a_moment_by_the_wall_clock_unless_that_says_too_little(self) -> None:
        assert write_moment(datetime(2027, 1, 11, 14, 30, tzinfo=UTC), NEW_YORK) == "2027-01-11 09:30"
        twice = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
        assert datetime.fromisoformat(write_moment(twice, NEW_YORK)) == twice
        seconds = datetime(2027, 1, 11, 14, 30, 7, tzinfo=UTC)
        assert datetime.fromisoformat(write_moment(seconds, NEW_YORK)) == seconds
        assert write_moment(None, NEW_YORK) == ""

    def test_that_a_spreadsheet_would_part_at_a_semicolon_is_quoted(self) -> None:
        assert csv_bytes([["a;=b", "c"]]) == b'"a;=b",c\r\n'


class TestASchedulersFile:
    def test_parts_tags_by_commas_only_where_one_ends(self) -> None:
        post = ReadyPost("a", "Text", datetime(2027, 1, 11, 14, 30, tzinfo=UTC), ["one, two", "three"])
        made = scheduler_file(BUFFER, [post], NEW_YORK)
        assert made.content.decode().splitlines()[1] == 'Text,,"one  two,three",2027-01-11 09:30'

    def test_says_of_images_that_it_cannot_hold(self) -> None:
        at = datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
        two = ReadyPost("two", "Text", at, images=["https://example.org/a.png", "https://example.org/b.png"])
        one = ReadyPost("one", "Text", at, images=["https://example.org/a.png"])
        assert [left.post for left in scheduler_file(BUFFER, [one, two], NEW_YORK).left] == ["two"]
        assert [left.post for left in scheduler_file(HOOTSUITE, [one, two], NEW_YORK).left] == ["one", "two"]

    def test_puts_a_time_on_the_next_five_minute_mark(self) -> None:
        post = ReadyPost("a", "Text", datetime(2027, 1, 11, 14, 56, 1, tzinfo=UTC))
        made = scheduler_file(HOOTSUITE, [post], NEW_YORK)
        assert made.content.startswith(b"01/11/2027 10:00,Text,")
        assert [left.moved for left in made.left] == [True]
