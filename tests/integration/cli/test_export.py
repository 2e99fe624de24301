"""`focusweek export`, `pack update`, `pack draft`, `pack confirm` and `facts`, as a person runs them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.bootstrap import open_house
from app.clock import VirtualClock
from app.packs.bundled import default_pack
from app.packs.reading import read_pack
from app.packs.writing.pack_files import pack_as_yaml
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.approvals import approve_everything
from app.services.campaigns import create_campaign
from app.services.plans import commit_plan, preview_plan
from app.settings import Settings

PLANNED_FOR = 2150


@pytest.fixture
def planned(tmp_path: Path) -> None:
    """A service's data with the bundled campaign planned for one account, far ahead of any clock."""
    house = open_house(Settings(data_dir=tmp_path / "data"), clock=VirtualClock(datetime(2026, 12, 1, tzinfo=UTC)))
    try:
        with house.write() as scope:
            campaign = create_campaign(scope, default_pack(), year=PLANNED_FOR)
            add_account(scope, house.vault, NewAccount("bluesky", "bluesky", Via.SANDBOX))
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
            approve_everything(scope, campaign, by="a reviewer")
    finally:
        house.close()


@pytest.mark.usefixtures("planned")
class TestExport:
    def test_writes_each_format(self, run, tmp_path) -> None:
        for form, name in (("pack", "a.yaml"), ("json", "a.json"), ("csv", "a.csv"), ("xlsx", "a.xlsx")):
            ran = run("export", "--format", form, "-o", str(tmp_path / name))
            assert (ran.code, ran.err) == (0, ""), ran.err
            assert "36 posts" in ran.out
        assert read_pack(tmp_path / "a.yaml") == read_pack(tmp_path / "a.json") == default_pack()
        with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["text"] for row in rows] == [post.text for post in default_pack().posts]
        assert load_workbook(tmp_path / "a.xlsx").worksheets[0].max_row == 37

    def test_tells_what_another_schedulers_file_does_not_hold(self, run, tmp_path) -> None:
        ran = run("export", "--format", "buffer", "--account", "bluesky", "-o", str(tmp_path / "b.csv"))
        assert ran.code == 0
        assert "not exported: w1-kickoff-proclamation" in ran.err
        ran = run("export", "--format", "hootsuite", "-o", str(tmp_path / "h.csv"), "--json")
        (report,) = ran.lines
        assert (ran.code, report["rows"] > 15, len(report["not_exported"]) > 5) == (0, True, True)

    def test_goes_to_standard_output_without_a_file(self, run) -> None:
        ran = run("export", "--format", "csv", "--campaign", f"hhs-htpm-2023-{PLANNED_FOR}")
        assert ran.out.startswith("key,week,section,resource,text,")

    def test_of_a_campaign_that_is_not_there_says_which_there_are(self, run) -> None:
        ran = run("export", "--format", "csv", "--campaign", "nothing")
        assert ran.code == 2
        assert "hhs-htpm-2023" in ran.err


@pytest.mark.usefixtures("planned")
class TestPackUpdate:
    def test_shows_then_commits(self, run, tmp_path) -> None:
        document = default_pack().model_dump(mode="json") | {"version": "2"}
        document["posts"][0]["section"] = "Kickoff"
        (tmp_path / "new.yaml").write_bytes(pack_as_yaml(type(default_pack()).model_validate(document)))
        ran = run("pack", "update", str(tmp_path / "new.yaml"))
        assert (ran.code, ran.err) == (0, "")
        assert "1 changed" in ran.out
        assert "Nothing was written" in ran.out
        ran = run("pack", "update", str(tmp_path / "new.yaml"), "--commit", "--json")
        (done,) = ran.lines
        assert done["committed"] == {"changed": 1, "added": 0, "left_out": 0, "kept": 0}
        assert "Nothing was written" in run("pack", "update", str(tmp_path / "new.yaml")).out


@pytest.mark.usefixtures("planned")
class TestFacts:
    def test_are_withdrawn_listed_and_lifted(self, run) -> None:
        withdrawn = ("facts", "withdraw", "--pack", "hhs-htpm-2023", "--reason", "It has moved.")
        ran = run(*withdrawn, "--number", "888-373-7888")
        assert (ran.code, ran.err) == (0, "")
        assert "deliveries stopped" in ran.out
        assert "888-373-7888" in run("facts", "list").out
        assert "Nothing that is out says it." in run("facts", "published", "1").out
        assert run(*withdrawn, "--number", "1 888 373 7888").code == 1
        assert run(*withdrawn).code == 2
        assert run("facts", "lift", "1").code == 0
        assert run("facts", "list").out == "Nothing has been withdrawn.\n"


TOOLKIT = """\
RIVER HEALTH OFFICE

CLEAN HANDS WEEK TOOLKIT

Focus Week 1: Families
October 1-7

Sample Social Media Posts

- Wash your hands before you eat. #CleanHands
- Soap works. Ask us: 1-202-555-0142 #CleanHands

Call the Clean Hands Line: 1-202-555-0142
"""


class TestDrafts:
    def test_are_made_confirmed_and_then_used(self, run, tmp_path) -> None:
        (tmp_path / "toolkit.txt").write_text(TOOLKIT, encoding="utf-8")
        draft = tmp_path / "draft.yaml"
        ran = run("pack", "draft", str(tmp_path / "toolkit.txt"), "-o", str(draft))
        assert (ran.code, ran.err) == (0, ""), ran.err
        assert "1 week, 2 posts" in ran.out
        ran = run("pack", "validate", str(draft))
        assert ran.code == 2
        assert "posts[1]: not confirmed by a person yet (line 11)" in ran.err
        assert "posts[1]" in run("pack", "confirm", str(draft)).out
        assert run("pack", "confirm", str(draft), "--item", "posts[1]").code == 0
        assert "posts[1]" not in run("pack", "validate", str(draft)).err
        assert run("pack", "confirm", str(draft), "--all").code == 0
        assert run("pack", "validate", str(draft)).code == 0
        # A draft that somebody has corrected is never written over.
        assert run("pack", "draft", str(tmp_path / "toolkit.txt"), "-o", str(draft)).code == 2

    def test_go_to_standard_output_as_json_too(self, run, tmp_path) -> None:
        (tmp_path / "toolkit.txt").write_text(TOOLKIT, encoding="utf-8")
        (made,) = run("pack", "draft", str(tmp_path / "toolkit.txt"), "--json").lines
        assert [post["drawn_from"] for post in made["draft"]["posts"]] == ["line 10", "line 11"]
        assert json.dumps(made["missing"])

    def test_of_what_could_do_harm_are_refused(self, run, tmp_path) -> None:
        (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
        ran = run("pack", "draft", str(tmp_path / "bad.pdf"))
        assert ran.code == 2
        assert "PDF" in ran.err
