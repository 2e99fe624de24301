from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import open_house
from app.packs.bundled import default_pack
from app.services.campaigns import create_campaign
from app.services.posts import count_posts
from app.settings import Settings

Run = Callable[..., Any]
YEAR = 2050
SHEET = f"""Text,Image URL,Tags,Posting Time
"Help victims. Call 1-888-373-7888. #Partner2Prevent",,,{YEAR}-01-04 09:00
"Two
lines",,,{YEAR}-01-05 09:00
"Never",,,{YEAR}-03-13 02:30
"""
GOOD = f"Text,Image URL,Tags,Posting Time\nHello,,,{YEAR}-01-04 09:00\n"


@pytest.fixture
def data(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def campaign(data: Settings) -> str:
    """The bundled campaign of a year far ahead of any clock."""
    house = open_house(data)
    with house.write() as scope:
        made = create_campaign(scope, default_pack(), year=YEAR)
    house.close()
    return made.slug


def posts_in(data: Settings) -> int:
    house = open_house(data)
    try:
        with house.read() as scope:
            from app.services.campaigns import campaigns  # noqa: PLC0415

            return sum(count_posts(scope, one) for one in campaigns(scope))
    finally:
        house.close()


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., str]:
    def write(content: str | bytes, name: str = "posts.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


class TestLooking:
    def test_gives_one_document_without_any_campaign(self, run: Run, sheet: Any) -> None:
        ran = run("import", sheet(SHEET), "--json")
        assert ran.code == 0
        (found,) = ran.lines
        assert {"format", "rows", "errors", "findings", "questions", "unused_columns"} <= set(found)
        assert (found["format"], found["rows"], found["campaign"]) == ("buffer", 3, None)
        (error,) = found["errors"]
        assert set(error) == {"row", "column", "code", "message"}
        assert (error["row"], error["column"], error["code"]) == (4, "Posting Time", "at.nonexistent")
        victim = next(one for one in found["findings"] if one["code"] == "language.victim")
        assert (victim["row"], victim["level"], victim["span"]) == (2, "warning", [5, 12])
        assert found["committed"] is None

    def test_writes_nothing(self, run: Run, sheet: Any, campaign: str, data: Settings) -> None:
        (found,) = run("import", sheet(GOOD), "--json").lines
        assert found["counts"]["added"] == 1
        assert found["changes"][0]["action"] == "added"
        assert posts_in(data) == 36

    def test_shows_a_person_a_table_and_what_is_open(self, run: Run, sheet: Any) -> None:
        ran = run("import", sheet("04/01/2027 09:00,Hello victims,\n"))
        assert ran.code == 0
        assert "language.victim" in ran.out
        assert "Question: Is 01/02 the first of February" in ran.out
        assert "--dates day-first or --dates month-first" in ran.out
        assert "Nothing was written." in ran.out

    def test_suggests_a_mapping_that_can_be_copied(self, run: Run, sheet: Any) -> None:
        ran = run("import", sheet("Post copy;Publish date;Mood\nHello;2027-01-05 09:00;good\n"))
        assert '--map "Post copy=text" --map "Publish date=at"' in ran.out
        assert "Not used: Mood" in ran.out

    @pytest.mark.parametrize(
        ("content", "name", "said"),
        [
            (b"%PDF-1.4", "a.csv", "PDF"),
            (b"text\n\xe9\xc3\xa9\n", "a.csv", "partly UTF-8"),
            (",".join(["text"] * 100_000), "a.csv", "more than 200 columns"),
            (b"PK\x03\x04broken", "a.xlsx", "damaged"),
            (b"", "a.csv", "empty"),
            (b"{}", "a.json", "schema_version"),
        ],
    )
    def test_refuses_what_is_no_spreadsheet_with_exit_code_2(
        self, run: Run, sheet: Any, content: str | bytes, name: str, said: str
    ) -> None:
        ran = run("import", sheet(content, name), "--json")
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err

    @pytest.mark.parametrize(
        "options",
        [
            ("--format", "excel"),
            ("--campaign", "nothing"),
            ("--campaign", "99"),
            ("--map", "Text"),
            ("--map", "Text=words"),
            ("--save-mapping", "x"),
            ("--fix", "shout"),
            ("--rows", "2"),
            ("--rows", "two", "--fix", "keep_first_two_hashtags"),
            ("--commit", "some"),
            ("--dates", "year-first"),
        ],
    )
    def test_refuses_options_that_make_no_sense(self, run: Run, sheet: Any, campaign: str, options: Any) -> None:
        ran = run("import", sheet(GOOD), *options)
        assert (ran.code, ran.out) == (2, "")

    def test_needs_a_file_that_is_there(self, run: Run, tmp_path: Path) -> None:
        for arguments in ((), (str(tmp_path / "nothing.csv"),), (str(tmp_path),)):
            assert run("import", *arguments).code == 2


class TestCommitting:
    def test_writes_all_and_says_how_to_undo_it(self, run: Run, sheet: Any, campaign: str, data: Settings) -> None:
        ran = run("import", sheet(GOOD), "--commit", "all")
        assert ran.code == 0
        assert "focusweek import --undo 1" in ran.out
        assert posts_in(data) == 37
        again = run("import", sheet(GOOD), "--commit", "all", "--json").lines[0]
        assert (again["counts"]["unchanged"], again["committed"]["run"]) == (1, 2)
        assert posts_in(data) == 37
        assert run("import", "--undo", "1").out == "Import 1 is undone: 1 posts removed, 0 put back.\n"
        assert posts_in(data) == 36
        assert run("import", "--undo", "1").code == 1
        assert run("import", "--undo", "99").code == 2

    def test_of_all_with_a_bad_row_changes_nothing_and_ends_with_2(
        self, run: Run, sheet: Any, campaign: str, data: Settings
    ) -> None:
        bad = GOOD + f"Never,,,{YEAR}-01-05\n"
        ran = run("import", sheet(bad), "--commit", "all", "--json")
        assert ran.code == 2
        assert ran.lines[0]["committed"] is None
        assert "row 3" in ran.err
        assert posts_in(data) == 36
        good = run("import", sheet(bad), "--commit", "good", "--campaign", campaign, "--json")
        assert good.code == 0
        assert good.lines[0]["committed"]["refused"] == 1
        assert posts_in(data) == 37

    def test_waits_for_answers(self, run: Run, sheet: Any, campaign: str, data: Settings) -> None:
        path = sheet(f"04/01/{YEAR} 09:00,Hello,\n")
        assert run("import", path, "--commit", "good").code == 2
        assert run("import", path, "--commit", "good", "--dates", "day-first").code == 0
        assert posts_in(data) == 37

    def test_without_a_campaign_is_refused(self, run: Run, sheet: Any) -> None:
        assert run("import", sheet(GOOD), "--commit", "all").code == 2

    def test_by_a_mapping_that_is_saved_and_used_again(
        self, run: Run, sheet: Any, campaign: str, data: Settings
    ) -> None:
        first = sheet("Words;When\nHello;2050-01-05 09:00\n")
        mapped = ("--map", "Words=text", "--map", "When=at", "--save-mapping", "Our calendar")
        assert run("import", first, *mapped, "--commit", "all").code == 0
        second = sheet("When;Words\n2050-01-06 09:00;Another\n", "more.csv")
        found = run("import", second, "--mapping", "Our calendar", "--commit", "all", "--json").lines[0]
        assert (found["questions"], found["counts"]["added"]) == ([], 1)
        assert posts_in(data) == 38
        unknown = run("import", second, "--mapping", "theirs")
        assert unknown.code == 2
        assert "Saved: Our calendar" in unknown.err

    def test_with_bulk_changes_of_chosen_rows(self, run: Run, sheet: Any, campaign: str) -> None:
        path = sheet("Text,Image URL,Tags,Posting Time\nHello #A #B #C,,,\nOther #A #B #C,,,\n")
        found = run("import", path, "--fix", "keep_first_two_hashtags", "--rows", "2", "--json").lines[0]
        assert [one["row"] for one in found["findings"] if one["code"] == "hashtag.limit"] == [3]

    def test_a_campaign_by_its_id(self, run: Run, sheet: Any, campaign: str) -> None:
        assert json.loads(run("import", sheet(GOOD), "--campaign", "1", "--json").out)["campaign"] == campaign
