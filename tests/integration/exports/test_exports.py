from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from export_scene import NASTY, NOW, Exporting, workbook_cells
from sqlalchemy import select

from app.errors import InvalidInput, NotFound
from app.models import AuditEvent, Campaign, Delivery
from app.packs.bundled import default_pack
from app.packs.reading import parse_pack
from app.services.exports import ExportFormat, note_export
from app.services.pauses import pause_campaign

CHANGES_NOTHING = {"added": 0, "changed": 0, "refused": 0}


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


class TestARoundTripChangesNothing:
    @pytest.mark.parametrize("form", ["pack", "json", "csv", "xlsx"])
    def test_of_the_toolkit_as_it_is(self, exporting: Exporting, form: str) -> None:
        made = exporting.export(form)
        found = exporting.preview(made.content, made.file_name)
        assert found.counts == {"rows": 36, "unchanged": 36} | CHANGES_NOTHING
        assert found.questions == ()
        # Of a pack everything but the posts is the campaign's own already.
        assert found.unused_columns == () or form in {"pack", "json"}

    @pytest.mark.parametrize("form", ["pack", "json", "csv", "xlsx"])
    def test_of_a_campaign_with_everything_in_it(self, exporting: Exporting, form: str) -> None:
        exporting.make_nasty()
        made = exporting.export(form)
        found = exporting.preview(made.content, made.file_name)
        assert [(view.key, view.fields, view.errors) for view in found.rows if view.action != "unchanged"] == []
        assert found.counts["rows"] == 36 + len(NASTY)

    @pytest.mark.parametrize("form", ["pack", "json"])
    def test_of_a_pack_gives_an_equal_pack(self, exporting: Exporting, form: str) -> None:
        made = exporting.export(form)
        assert parse_pack(made.content.decode(), made.file_name) == default_pack()
        exporting.make_nasty()
        again = exporting.export(form)
        pack = parse_pack(again.content.decode(), again.file_name)
        assert [post.text for post in pack.posts[36:]] == NASTY
        first = next(post for post in pack.posts if post.key == "w1-kickoff-partner-in-your-community")
        assert first.variants == {"x": "=x", "bluesky": "Two\nlines"}
        assert (first.pins, first.tags) == (("01-03", "01-28"), ("one", "two words"))
        assert [image.alt for image in first.media] == [None, "A, b"]

    @pytest.mark.parametrize("form", ["pack", "json", "csv", "xlsx"])
    def test_and_the_same_campaign_gives_the_same_bytes(self, exporting: Exporting, form: str) -> None:
        exporting.make_nasty()
        assert exporting.export(form).content == exporting.export(form).content


class TestSheets:
    def test_have_the_agreed_header(self, exporting: Exporting) -> None:
        header = rows_of(exporting.export("csv").content)[0]
        assert ",".join(header) == ("key,week,section,resource,text,link,image,alt,language,pins,tags,platforms,at")
        exporting.make_nasty()
        header = rows_of(exporting.export("csv").content)[0]
        assert header[4:8] == ["text", "text_bluesky", "text_x", "link"]
        assert header[-2:] == ["accounts", "left_out"]

    def test_hold_nothing_that_a_spreadsheet_would_calculate(self, exporting: Exporting) -> None:
        exporting.make_nasty()
        for row in rows_of(exporting.export("csv").content):
            assert [cell for cell in row if cell[:1] in set("=+-@\t\r")] == []
        for cells in workbook_cells(exporting.export("xlsx").content):
            assert {cell.data_type for cell in cells if cell.value is not None} <= {"s"}

    def test_keep_texts_of_several_lines(self, exporting: Exporting) -> None:
        exporting.make_nasty()
        texts = [cells[4].value for cells in workbook_cells(exporting.export("xlsx").content)]
        assert NASTY[8] in texts


class TestFilesForOtherSchedulers:
    def test_hold_the_final_checked_parts_in_the_campaigns_zone(self, exporting: Exporting) -> None:
        exporting.plan()
        made = exporting.export("buffer")
        rows = rows_of(made.content)
        assert rows[0] == ["Text", "Image URL", "Tags", "Posting Time"]
        assert made.rows == len(rows) - 1 > 25
        zone = ZoneInfo("America/New_York")
        due = {f"{row.due_at.astimezone(zone):%Y-%m-%d %H:%M}" for row in exporting.planned()}
        assert {row[3] for row in rows[1:]} <= due
        # The mention that the gate would add is in the text.
        assert all("1-888-373-7888" in row[0] or "humantraffickinghotline.org" in row[0] for row in rows[1:])

    def test_list_whatever_they_do_not_hold(self, exporting: Exporting) -> None:
        exporting.plan()
        made = exporting.export("buffer")
        left = [one for one in made.left if not one.moved]
        assert made.rows + len(left) == len(exporting.planned())
        assert {one.post for one in left} >= {"w1-kickoff-proclamation", "w1-kickoff-partner-quote"}
        assert all(one.why for one in left)

    def test_for_hootsuite_have_no_header_and_five_minute_marks(self, exporting: Exporting) -> None:
        exporting.plan()
        with exporting.house.write() as scope:
            for row in exporting.planned():
                late = scope.get(Delivery, row.id)
                late.due_at = row.due_at + timedelta(minutes=2)
        made = exporting.export("hootsuite")
        rows = rows_of(made.content)
        assert all(len(row) == 3 for row in rows)
        moments = [datetime.strptime(row[0], "%m/%d/%Y %H:%M").replace(tzinfo=UTC) for row in rows]
        assert {moment.minute % 5 for moment in moments} == {0}
        moved = [one for one in made.left if one.moved]
        assert len(moved) == made.rows == len(rows)
        assert {one.why for one in moved} == {
            "Hootsuite takes times on five-minute marks only: it is there 3 minutes later."
        }

    def test_are_read_back_as_they_were_written(self, exporting: Exporting) -> None:
        exporting.plan()
        for form in ("buffer", "hootsuite"):
            made = exporting.export(form)
            found = exporting.preview(made.content, made.file_name, {"dates": "month-first"})
            assert found.format == form
            assert [view.errors for view in found.rows if view.errors] == []
            column = 0 if form == "buffer" else 1
            rows = rows_of(made.content)[1 if form == "buffer" else 0 :]
            assert [view.draft.values["text"] for view in found.rows] == [row[column] for row in rows]
            due = {row.due_at for row in exporting.planned()}
            assert {view.draft.values["at"] for view in found.rows} <= due

    def test_never_put_an_apostrophe_before_a_text_that_is_published_as_it_stands(self, exporting: Exporting) -> None:
        exporting.add_posts("@somebody is in front. #Partner2Prevent Hotline: 1-888-373-7888")
        exporting.add_posts("=2+2 is four. #Partner2Prevent Hotline: 1-888-373-7888")
        exporting.plan()
        made = exporting.export("buffer")
        assert not any(row[0].startswith(("'", "=", "@")) for row in rows_of(made.content))
        assert any("calculate" in one.why for one in made.left)

    def test_leave_out_what_is_paused_or_past(self, exporting: Exporting) -> None:
        exporting.plan()
        with exporting.house.write() as scope:
            pause_campaign(scope, scope.get(Campaign, exporting.campaign_id), reason="a storm", week=2)
        exporting.house.clock.move_to(datetime(2027, 1, 3, 5, 0, tzinfo=UTC))  # type: ignore[attr-defined]
        why = {one.why for one in exporting.export("buffer").left}
        assert "Its time has come already." in why
        assert "It is paused (week): a storm" in why

    def test_hold_as_many_rows_as_the_scheduler_takes(self, exporting: Exporting) -> None:
        exporting.add_posts(*(f"Post {n} of many. #Partner2Prevent Hotline: 1-888-373-7888" for n in range(90)))
        with exporting.house.write() as scope:
            campaign = scope.get(Campaign, exporting.campaign_id, lock=True)
            campaign.cadence = campaign.cadence | {"slots": [f"{h:02}:{m}" for h in range(7, 22) for m in ("00", "30")]}
            campaign.cadence = campaign.cadence | {"min_gap_minutes": 30}
        exporting.plan()
        made = exporting.export("buffer")
        assert made.rows == 100
        assert any("takes 100 posts" in one.why for one in made.left)

    def test_are_for_one_account(self, exporting: Exporting) -> None:
        with pytest.raises(InvalidInput, match="Nothing is planned"):
            exporting.export("buffer")
        with pytest.raises(NotFound):
            exporting.export("buffer", "no-such-account")
        with pytest.raises(InvalidInput, match="account"):
            exporting.export("csv", "our-mastodon")


class TestTheRecord:
    def test_says_who_exported_what(self, exporting: Exporting) -> None:
        made = exporting.export("csv")
        with exporting.house.write() as scope:
            note_export(scope, scope.get(Campaign, exporting.campaign_id), ExportFormat.CSV, made)
        with exporting.house.database.read() as session:
            row = session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).one()
        assert (row.subject, row.after) == ("campaign", {"format": "csv", "rows": 36, "not_exported": 0})
        assert row.at == NOW
