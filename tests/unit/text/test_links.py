from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.links import find_links
from app.text.profile import LinkDialect


def found(text, dialect=None):
    return [link.text for link in find_links(text, dialect)]


class TestLinksAreFoundAsAnyNetworkLinksThem:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "Learn: humantraffickinghotline.org/what-human-trafficking. #Tag",
                ["humantraffickinghotline.org/what-human-trafficking"],
            ),
            ("www.state.gov/humantrafficking.", ["www.state.gov/humantrafficking"]),
            ("(acf.hhs.gov/otip/events)", ["acf.hhs.gov/otip/events"]),
            ("see https://en.wikipedia.org/wiki/A_(b)!", ["https://en.wikipedia.org/wiki/A_(b)"]),
            ("(see https://example.org/a_(b))", ["https://example.org/a_(b)"]),
            ("example.org/#anchor", ["example.org/#anchor"]),
            ("example.org?x=1&y=2.", ["example.org?x=1&y=2"]),
            ("http://localhost:8000/x, or not", ["http://localhost:8000/x"]),
            ("HTTPS://Example.ORG/A", ["HTTPS://Example.ORG/A"]),
            ("詳細はexample.comを参照", ["example.com"]),
            ("two: a.org,b.org", ["a.org", "b.org"]),
            ("humantraffickingh\u043etline.org", ["humantraffickingh\u043etline.org"]),
            ("“train.org/main”", ["train.org/main"]),
            ("train.org…", ["train.org"]),
            ("пример.рф", ["пример.рф"]),
        ],
    )
    def test_and_end_before_the_sentences_punctuation(self, text, expected):
        assert found(text) == expected

    @pytest.mark.parametrize(
        "text",
        ["a@train.org", "first.last@mail.train.org", "@user@example.org", "#tag.org", "end.Learn more", "e.g. this",
         "U.S. law", "3.14", "1.5.2", "example。com", "ftp://example.org", "no link", "...", "a..org", "-.-", "$a.org"],
    )  # fmt: skip
    def test_and_not_where_there_is_none(self, text):
        assert found(text) == []

    def test_pieces_are_lower_case_host_written_path_and_scheme(self):
        link = find_links("x HTTPS://Me@WWW.Example.ORG:8443/A?b=C#D.", LinkDialect.PLAIN)[0]
        assert (link.host, link.path, link.scheme) == ("www.example.org", "/A?b=C#D", "https")
        assert find_links("Example.org/A", None)[0].url == "https://Example.org/A"

    def test_a_scheme_is_needed_where_the_network_needs_one(self):
        assert found("train.org/main https://train.org/main", LinkDialect.SCHEME_ONLY) == ["https://train.org/main"]

    def test_x_counts_a_question_mark_without_path_as_text(self):
        assert found("example.org?x=1", LinkDialect.X) == ["example.org"]


class TestSpansPointIntoTheText:
    @given(st.text(alphabet=st.sampled_from(list("aA1.:/@#?()-_ é中🙂\n")) | st.sampled_from("comrg"), max_size=60))
    def test_in_order_and_apart_for_every_dialect(self, text):
        for dialect in [None, *LinkDialect]:
            links = find_links(text, dialect)
            assert all(text[slice(*link.span)] == link.text for link in links)
            assert all(link.text and link.host and link.host == link.host.lower() for link in links)
            ends = [0] + [link.span[1] for link in links]
            assert all(end <= link.span[0] for end, link in zip(ends, links, strict=False))
