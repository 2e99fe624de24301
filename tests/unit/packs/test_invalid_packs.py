"""A pack that is wrong names file, line, field and what was expected there."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from app.errors import InvalidPack, PackProblem
from app.packs.problems import MOST_PROBLEMS
from app.packs.reading import LARGEST, parse_pack, read_pack

MINIMAL = """\
schema_version: 1
key: small
title: Small
issuer: Someone
time_zone: UTC
window: {starts_on: 03-01, ends_on: 03-10}
weeks:
  - {number: 1, title: One, starts_on: 03-01, ends_on: 03-05}
  - {number: 2, title: Two, starts_on: 03-06, ends_on: 03-10}
hashtags:
  limit: 2
  primary: Small
contact:
  name: Line
  voice: {value: 555-0100}
fill_ins:
  - {key: place, text: "[place]", label: Place}
posts:
  - key: first
    week: 1
    text: Hello
  - key: second
    week: 2
    text: Bye [place]
    fill_ins: [place]
"""


# A table of one case a line reads better than the formatter's.
# ruff: noqa: E501


def problems(text: str, name: str = "p.yaml") -> tuple[PackProblem, ...]:
    with pytest.raises(InvalidPack) as raised:
        parse_pack(text, name)
    assert raised.value.file == name
    return raised.value.problems


def test_the_minimal_pack_is_one() -> None:
    assert parse_pack(MINIMAL, "p.yaml").posts[1].fill_ins == ("place",)


# What is replaced in the minimal pack, by what, and the line, field and words of the problem.
WRONG = [
    ("schema_version: 1", "schema_version: 2", 1, "schema_version", "expected 1, found '2'"),
    ("schema_version: 1\n", "", 1, "schema_version", "expected this field (Version of this schema), found none"),
    ("key: small", "key: Small Pack", 2, "key", "lower-case letters"),
    ("title: Small", "title:", 3, "title", "expected text, found nothing"),
    ("title: Small", "title: [Small]", 3, "title", "expected text, found a list"),
    ("issuer: Someone", "issuer: ' '", 4, "issuer", "expected some text"),
    ("time_zone: UTC", "time_zone: Mars/Olympus", 5, "time_zone", "IANA time zone"),
    ("starts_on: 03-01, ends_on: 03-10", "starts_on: 02-30, ends_on: 03-10", 6, "window.starts_on", "MM-DD"),
    ("starts_on: 03-01, ends_on: 03-10", "starts_on: 3-1, ends_on: 03-10", 6, "window.starts_on", "MM-DD"),
    ("ends_on: 03-10}\nweeks", "ends_on: 2027-03-10}\nweeks", 6, "window.ends_on", "MM-DD"),
    ("number: 1, title", "number: one, title", 8, "weeks[0].number", "expected a whole number, found 'one'"),
    ("number: 2, title", "number: 1, title", 9, "weeks[1].number", "a number of its own"),
    ("number: 1, title", "number: 3, title", 9, "weeks[1].number", "in order of their numbers"),
    ("starts_on: 03-06", "starts_on: 03-05", 9, "weeks[1].starts_on", "overlaps"),
    ("starts_on: 03-06", "starts_on: 04-06", 9, "weeks[1].starts_on", "inside the window (03-01 to 03-10)"),
    ("ends_on: 03-05", "ends_on: 02-28", 8, "weeks[0].ends_on", "inside the window"),
    ("starts_on: 03-06, ends_on: 03-10", "starts_on: 03-09, ends_on: 03-07", 9, "weeks[1].ends_on", "or a later day"),
    ("  limit: 2", "  limits: 2", 11, "hashtags.limits", "did you mean `limit`?"),
    ("  limit: 2", "  limit: -1", 11, "hashtags.limit", "a number of at least 0"),
    ("primary: Small", "primary: '#Not one'", 12, "hashtags.primary", "expected a hashtag"),
    ("primary: Small", "primary: '2027'", 12, "hashtags.primary", "at least one letter"),
    ("primary: Small", "primary: Small\n  secondary: [SMALL]", 13, "hashtags.secondary[0]", "a hashtag of its own"),
    ("  voice: {value: 555-0100}\n", "", 13, "contact", "at least one of `voice`"),
    ("555-0100", "call us", 15, "contact.voice.value", "telephone number"),
    ("  name: Line", "  name: Line\n  claims: [{key: tty, value: a}, {key: chat, value: b}, {key: chat, value: c}]", 15,
     "contact.claims[2].key", "a key of its own"),
    ("    week: 1", "    week: 7", 20, "posts[0].week", "one of the weeks (1, 2), found 7"),
    ("    week: 1", "    week: 1\n    pins: [03-05, 04-01]", 21, "posts[0].pins[1]", "inside the window"),
    ("    week: 1", "    week: 1\n    pins: [03-05, 03-05]", 21, "posts[0].pins[1]", "a day of its own"),
    ("key: second", "key: first", 22, "posts[1].key", "a key of its own"),
    ("    fill_ins: [place]", "    fill_ins: [plaice]", 25, "posts[1].fill_ins[0]", "one of the pack's fill-ins"),
    ("    fill_ins: [place]", "", 22, "posts[1].fill_ins", "expected 'place' among them"),
    ("Bye [place]", "Bye", 25, "posts[1].fill_ins[0]", "where it does not stand"),
    ("text: Hello", "text: ''", 21, "posts[0].text", "expected some text"),
    ("text: Hello", 'text: "He\\0llo"', 21, "posts[0].text", "U+0000 at character 3"),
    ("text: Hello", "text: Hello\n    links: [{visible: a.org}]", 22, "posts[0].links[0].visible", "words of the post's"),
    ("text: Hello", "text: Hello\n    typos: [{printed: x, correction: y}]", 22, "posts[0].typos[0].printed", "words of"),
    ("text: Hello", "text: Hello\n    links: [{visible: Hello, target: a.org}]", 22, "posts[0].links[0].target", "scheme"),
    ("text: Hello", "text: Hello\n    txet: Hello", 22, "posts[0].txet", "did you mean `text`?"),
    ("text: Hello", "text: Hello\n    week: 2", 22, "posts[0].week", "expected the field once, found it again (first in line 20)"),
    ("issuer: Someone", "issuer: Someone\nlevels: {mention.missing: note}", 5, "levels.mention.missing", "cannot fall below"),
    ("issuer: Someone", "issuer: Someone\nlevels: {link.broken: fatal}", 5, "levels.link.broken", "'error', 'warning' or 'note'"),
    ("issuer: Someone", 'issuer: Someone\nmention_forms: {en: ["Line: call 555-0100", Get help]}', 5, "mention_forms.en[1]", "mention.missing"),
    ("issuer: Someone", "issuer: Someone\nlevels: {hashtag.caes: note}", 5, "levels.hashtag.caes", "did you mean `hashtag.case`?"),
    ("issuer: Someone", "issuer: Someone\nmention_forms: {en: [a b, a b c]}", 5, "mention_forms.en[1]", "longest to shortest"),
    ("issuer: Someone", "issuer: Someone\nmention_forms: {not a tag: [a]}", 5, "mention_forms.not a tag", "form"),
    ("issuer: Someone", "issuer: Someone\nmention_forms: {en: []}", 5, "mention_forms.en", "at least 1 entry, found an empty list"),
    ("issuer: Someone", "issuer: Someone\nlanguage: English!", 5, "language", "a language tag such as en"),
    ("issuer: Someone", "issuer: Someone\nkit: [{key: a, heading: A, under: b}]", 5, "kit[0].under", "an earlier section"),
    ("issuer: Someone", "issuer: Someone\nkey_dates: [{key: a, name: A, day: 05-01}]", 5, "key_dates[0].day", "inside the window"),
]  # fmt: skip


class TestWhatIsWrong:
    @pytest.mark.parametrize(("old", "new", "line", "field", "words"), WRONG, ids=lambda value: None)
    def test_is_named_with_its_line_and_field(self, old: str, new: str, line: int, field: str, words: str) -> None:
        assert old in MINIMAL
        found = [p for p in problems(MINIMAL.replace(old, new, 1)) if p.field == field]
        assert [(p.line, words in p.message) for p in found] == [(line, True)], found

    def test_is_told_all_at_once_in_the_order_of_lines(self) -> None:
        text = MINIMAL.replace("title: Small", "title:").replace("limit: 2", "limit: two").replace("555-0100", "x")
        assert [p.field for p in problems(text)] == ["title", "hashtags.limit", "contact.voice.value"]

    def test_a_broken_post_hides_nothing_of_the_others(self) -> None:
        text = MINIMAL.replace("week: 1\n", "week: one\n").replace("week: 2\n", "week: 9\n").replace("UTC", "Nowhere")
        found = problems(text)
        assert [(p.line, p.field) for p in found] == [(5, "time_zone"), (20, "posts[0].week"), (23, "posts[1].week")]

    def test_a_message_names_the_file_and_line_for_editors(self) -> None:
        with pytest.raises(InvalidPack, match=r"^dir/p\.yaml:5: time_zone: expected an IANA"):
            parse_pack(MINIMAL.replace("UTC", "Nowhere"), "dir/p.yaml")

    def test_a_file_broken_all_over_is_told_of_by_its_first_problems(self) -> None:
        posts = "".join(f"  - {{key: p{n}, week: 9, text: T}}\n" for n in range(MOST_PROBLEMS + 50))
        found = problems(MINIMAL + posts)
        assert len(found) == MOST_PROBLEMS + 1
        assert "more problems follow" in found[-1].message


UNREADABLE = [
    ("", 1, "found an empty file"),
    ("# nothing\n", 1, "found an empty file"),
    ("---\n", 1, "found an empty file"),
    ("- a\n- b\n", 1, "expected the fields of a pack"),
    ("just words", 1, "expected the fields of a pack"),
    ("key: a\n\ttitle: b\n", 2, "found a tab"),
    ("key: a\ntitle: 'b\n", 3, "expected YAML"),
    ("key: a\nposts: [\n", 3, "expected YAML"),
    ("key: a\n---\nkey: b\n", 2, "found a second"),
    ("a: &x [1]\nb: *x\n", 1, "found the anchor &x"),
    ("a: 1\nb: *x\n", 2, "found the alias *x"),
    ("a: 1\n<<: {b: 1}\n", 2, "merge key"),
    ("a: !!python/object/apply:os.system [ls]\n", 1, "without a tag"),
    ("a: !env HOME\n", 1, "without a tag"),
    ("? [a]\n: b\n", 1, "field's name"),
    ("a: " + "[" * 2000, 1, "levels of nesting"),
    ("a: \x01\n", 1, "control character"),
    ("{", 1, "field's name in double quotes, found the end"),
    ('{"a": 1,\n "b": }', 2, "expected a JSON value, found '}'"),
    ('{"a": 1}\nrest', 2, "expected the end of the file"),
    ('{"a": "\n"}', 1, "JSON text"),
    ('{"a": 01}', 1, "`,` or `}`"),
    ('{"a":\n "\\ud800"}', 2, "lone surrogate U+D800"),
    ('{"\\udfff": 1}', 1, "lone surrogate U+DFFF"),
    ('{"a": NaN}', 1, "JSON value"),
    ('{"a": ' + "[" * 2000, 1, "levels of nesting"),
]


class TestHostileFiles:
    @pytest.mark.parametrize(
        "text",
        [
            "{" + ",".join(f'"f{n}":1' for n in range(100_000)) + "}",
            '{"posts":[' + ",".join(["{}"] * 100_000) + "]}",
            "".join(f"f{n}: 1\n" for n in range(50_000)),
            "a: " + "[" * 1_000_000,
            '{"a":' * 500_000,
            "a: {" + "b: {" * 100_000,
            "x: &a [b]\n" + "y: [*a, *a]\n" * 1000,
        ],
        ids=lambda value: None,
    )
    def test_are_refused_within_seconds(self, text: str) -> None:
        started = time.process_time()
        assert len(problems(text)) <= MOST_PROBLEMS + 1
        assert time.process_time() - started < 10


class TestNamesOfFields:
    def test_are_fit_for_a_terminal_and_cut_to_a_line(self) -> None:
        hostile = {"\x1b[31m\n": 1, "long" * 100: 2}
        fields = [p.field for p in problems(json.dumps(hostile)) if "unknown" in p.message]
        assert fields == ["\\x1b[31m\\n", ("long" * 15)[:59] + "…"]


class TestWhatIsNoPackAtAll:
    @pytest.mark.parametrize(("text", "line", "words"), UNREADABLE, ids=lambda value: None)
    def test_says_what_it_is(self, text: str, line: int, words: str) -> None:
        (problem,) = problems(text)
        assert (problem.line, problem.field) == (line, "(file)")
        assert words in problem.message

    def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(self, tmp_path: Path) -> None:
        (tmp_path / "empty.yaml").touch()
        for path, words in [
            (tmp_path / "none.yaml", "nothing there"),
            (tmp_path, "found a folder"),
            (tmp_path / "empty.yaml", "an empty file"),
            (tmp_path / "empty.yaml" / "below", "expected a file that can be read"),
            (tmp_path / "nul\0.yaml", "expected a file that can be read"),
            (tmp_path / ("x" * 300), "expected a file that can be read"),
        ]:
            with pytest.raises(InvalidPack, match=words):
                read_pack(path)

    def test_a_file_that_is_no_utf8_names_the_line(self, tmp_path: Path) -> None:
        path = tmp_path / "latin.yaml"
        path.write_bytes("key: a\ntitle: é\n".encode("latin-1"))
        with pytest.raises(InvalidPack, match=r":2: \(file\): expected UTF-8, found the byte 0xE9"):
            read_pack(path)

    def test_a_file_that_is_too_large_or_never_ends_is_not_read_through(self, tmp_path: Path) -> None:
        path = tmp_path / "large.yaml"
        path.write_bytes(b"#" * (LARGEST + 1))
        endless = [Path("/dev/zero")] if os.path.exists("/dev/zero") else []  # noqa: PTH110 - one line, no fixture
        for file in [path, *endless]:
            with pytest.raises(InvalidPack, match="at most 5,000,000 bytes"):
                read_pack(file)


class TestOneContentInManyForms:
    def test_json_reads_as_yaml_does(self) -> None:
        pack = parse_pack(MINIMAL, "p.yaml")
        for text in (pack.model_dump_json(), json.dumps(pack.model_dump(mode="json"), indent="\t", ensure_ascii=True)):
            assert parse_pack(text, "p.json") == pack

    def test_json_problems_have_lines(self) -> None:
        content = parse_pack(MINIMAL, "p.yaml").model_dump(mode="json", exclude_defaults=True)
        content["posts"][1]["week"] = 9
        text = json.dumps(content, indent=2)
        (problem,) = problems(text, "p.json")
        assert '"week": 9' in text.splitlines()[problem.line - 1]

    def test_byte_order_marks_and_windows_line_ends_change_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "p.yaml"
        path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
        assert read_pack(path) == parse_pack(MINIMAL, "p.yaml")

    @pytest.mark.parametrize(
        "text", ["no", "yes", "on", "1:30", "0x1F", "1e3", "2027-01-11", "12", "true", "01-11", "=", ".5"]
    )
    def test_a_text_that_looks_like_something_else_stays_text(self, text: str) -> None:
        assert parse_pack(MINIMAL.replace("text: Hello", f"text: {text}"), "p.yaml").posts[0].text == text

    def test_norwegian_is_a_language(self) -> None:
        assert parse_pack(MINIMAL.replace("title: Small", "title: Small\nlanguage: no"), "p.yaml").language == "no"


def test_a_hashtag_that_yaml_would_take_for_a_comment_is_refused_with_its_line() -> None:
    (problem,) = problems(MINIMAL.replace("text: Hello", "text: Hello #Small"))
    assert problem.line == MINIMAL.split("text: Hello", maxsplit=1)[0].count("\n") + 1
    assert "#Small" in problem.message
    assert "quotes" in problem.message


@pytest.mark.parametrize(
    "text", ['"Hello #Small"', "'Hello #Small'", "Hello#Small", "Hello # a comment", "|\n      Hello #Small"]
)
def test_hashtags_in_quotes_and_comments_with_a_space_are_taken(text: str) -> None:
    assert parse_pack(MINIMAL.replace("text: Hello", f"text: {text}"), "p.yaml").posts[0].text.startswith("Hello")


def test_a_network_that_is_none_is_refused_for_a_post_would_go_nowhere() -> None:
    (problem,) = problems(MINIMAL.replace("text: Hello", "text: Hello\n    platforms: [x, myspace]"))
    assert problem.field == "posts[0].platforms[1]"
    assert "bluesky" in problem.message
    assert "myspace" in problem.message
