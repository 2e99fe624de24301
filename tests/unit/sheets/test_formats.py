from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.errors import InvalidInput


def moments(reading: Any) -> list[Any]:
    return [row.values.get("at") for row in reading.rows]


def faults(reading: Any) -> list[tuple[int, str | None, str]]:
    return [(error.row, error.column, error.code) for row in reading.rows for error in row.errors]


class TestDetection:
    @pytest.mark.parametrize("name", ["focusweek", "buffer", "hootsuite", "sprout", "ayrshare"])
    def test_knows_each_schedulers_export_and_reads_it_whole(self, read: Any, export: Any, name: str) -> None:
        reading = read(export(name))
        assert reading.format == name
        assert (faults(reading), reading.questions, reading.unused_columns) == ([], (), ())

    def test_takes_a_sheet_of_nobody_known_for_an_agencys_own(self, read: Any, export: Any) -> None:
        assert read(export("calendar")).format == "spreadsheet"

    def test_refuses_a_format_that_the_file_plainly_is_not(self, read: Any, export: Any) -> None:
        with pytest.raises(InvalidInput, match="not as Buffer has them") as refusal:
            read(export("sprout"), form="buffer")
        assert "Text,Image URL,Tags,Posting Time" in refusal.value.hint

    def test_names_the_formats_where_one_is_unknown(self, read: Any) -> None:
        with pytest.raises(InvalidInput, match="no format 'bufer'") as refusal:
            read("Text\nx\n", form="bufer")
        assert "Did you mean buffer?" in refusal.value.hint


class TestFocusweek:
    def test_reads_every_column(self, read: Any, export: Any) -> None:
        first, second, third = read(export("focusweek")).rows
        assert first.key == "signs"
        assert first.values == {
            "week": 1,
            "section": "Training",
            "resource": "Learn the signs",
            "text": "Learn to recognize the signs. Call 1-888-373-7888. #Partner2Prevent",
            "variants": {"x": "Learn the signs. Call 1-888-373-7888."},
            "links": [],
            "media": [{"url": "https://www.example.gov/signs.png", "alt": "A poster with four signs"}],
            "language": "en",
            "pins": [date(2027, 1, 11)],
            "tags": ["poster", "signs"],
            "platforms": None,
            "at": None,
        }
        assert second.values["text"] == "=Every community has a role."
        assert second.values["links"] == [{"visible": "Community page", "target": "https://www.example.gov/role"}]
        assert (second.values["platforms"], second.values["language"]) == (["x", "bluesky"], "es-US")
        assert second.values["at"] == datetime(2027, 1, 5, 17, 30, tzinfo=UTC)
        assert third.values["at"] == datetime(2027, 1, 12, 14, 0, tzinfo=UTC)

    def test_counts_rows_as_a_spreadsheet_does_and_keeps_the_line(self, read: Any) -> None:
        reading = read('key,week,text\na,1,"one\ntwo\nthree"\n\nb,77,four\n')
        assert [(row.row, row.line) for row in reading.rows] == [(2, 2), (4, 6)]
        assert faults(reading) == [(4, "week", "week.unknown")]

    @pytest.mark.parametrize(
        ("column", "cell", "code"),
        [
            ("week", "9", "week.unknown"),
            ("week", "soon", "week.invalid"),
            ("key", "Not A Key", "key.invalid"),
            ("language", "english!", "language.invalid"),
            ("pins", "11 January", "pin.invalid"),
            ("pins", "2027-03-01", "pin.outside"),
            ("platforms", "x, blusky", "platform.unknown"),
            ("accounts", "their-page", "account.unknown"),
            ("image", "poster.png", "image.invalid"),
            ("link", "Page <ftp://x>", "link.invalid"),
            ("at", "soon", "at.invalid"),
            ("at", "2027-01-05", "at.no_time"),
            ("at", "2027-02-30 09:00", "date.invalid"),
            ("at", "2027-01-05 25:00", "time.invalid"),
            ("at", "2027-03-14 02:30", "at.nonexistent"),
            ("at", "2027-11-07 01:30", "at.ambiguous"),
            ("text", "", "text.missing"),
            ("text", "a\x07b", "text.control_characters"),
            ("section", "x" * 1001, "cell.too_long"),
            ("tags", ",".join(map(str, range(51))), "tags.too_many"),
        ],
    )
    def test_says_of_each_wrong_cell_its_row_column_and_code(
        self, read: Any, column: str, cell: str, code: str
    ) -> None:
        others = {"text": "A text."} | {column: f'"{cell}"'}
        # A key of its own beside, so that an empty text does not make an empty row.
        content = f"{','.join(others)},resource\n{','.join(others.values())},thing\n"
        (fault,) = faults(read(content, form="focusweek"))
        assert fault == (2, column, code)

    def test_refuses_a_key_that_stands_there_twice(self, read: Any) -> None:
        assert faults(read("key,text\na,one\na,two\n")) == [(3, "key", "key.repeated")]

    def test_an_alternative_text_needs_its_image(self, read: Any) -> None:
        assert faults(read("key,text,image,alt\na,one,,A poster\n")) == [(2, "alt", "alt.without_image")]

    def test_names_columns_that_are_not_used_headings_or_none(self, read: Any) -> None:
        assert read("key,text,mood,\na,one,good,extra\n").unused_columns == ("mood", "D")


class TestBuffer:
    def test_reads_wall_time_of_the_campaigns_zone_tags_and_image(self, read: Any, export: Any) -> None:
        first, second, third = read(export("buffer")).rows
        assert first.values["at"] == datetime(2027, 1, 4, 14, 0, tzinfo=UTC)
        assert first.values["tags"] == ["January", "awareness"]
        assert first.values["media"] == [{"url": "https://www.example.gov/january/signs.png", "alt": None}]
        assert "\n" in second.values["text"]
        assert (third.values["at"], third.values["week"]) == (None, 1)
        assert "no week and no time" in third.assumed

    def test_is_particular_about_the_letters_of_its_headings(self, read: Any) -> None:
        lower = "text,image url,tags,posting time\nHello,,,2027-01-04 09:00\n"
        assert read(lower).format == "spreadsheet"
        with pytest.raises(InvalidInput, match="not as Buffer"):
            read(lower, form="buffer")

    def test_takes_a_hundred_rows_and_says_of_each_further_one_that_it_is_too_many(self, read: Any) -> None:
        content = "Text,Image URL,Tags,Posting Time\n" + "Hello,,,\n" * 102
        assert faults(read(content)) == [(102, None, "rows.too_many"), (103, None, "rows.too_many")]

    def test_takes_no_other_form_of_date(self, read: Any) -> None:
        content = "Text,Image URL,Tags,Posting Time\nHello,,,01/04/2027 09:00\n"
        assert faults(read(content)) == [(2, "Posting Time", "at.invalid")]


class TestHootsuite:
    def test_reads_rows_without_headings_the_link_behind_the_message(self, read: Any, export: Any) -> None:
        reading = read(export("hootsuite"))
        assert [row.row for row in reading.rows] == [1, 2, 3]
        assert [row.line for row in reading.rows] == [1, 2, 4]
        # 15 January can be read in one way only, so all dates are read so.
        assert moments(reading)[0] == datetime(2027, 1, 4, 14, 0, tzinfo=UTC)
        assert reading.rows[0].values["text"].endswith("1-888-373-7888. https://www.example.gov/signs")

    def test_asks_which_number_is_the_day_where_no_date_decides_it(self, read: Any, export: Any) -> None:
        reading = read(export("hootsuite_ambiguous"))
        (question,) = reading.questions
        assert (question.code, question.option, question.choices) == ("dates", "dates", ("day-first", "month-first"))
        assert moments(reading) == [None, None]

    @pytest.mark.parametrize(("dates", "day"), [("day-first", (1, 4)), ("month-first", (4, 1))])
    def test_reads_them_as_it_is_told(self, read: Any, export: Any, dates: str, day: tuple[int, int]) -> None:
        reading = read(export("hootsuite_ambiguous"), dates=dates)
        assert reading.questions == ()
        assert (moments(reading)[0].month, moments(reading)[0].day) == day

    def test_asks_nothing_where_both_readings_are_the_same_day(self, read: Any) -> None:
        reading = read("02/02/2027 09:00,Hello,\n")
        assert (reading.questions, moments(reading)) == ((), [datetime(2027, 2, 2, 14, 0, tzinfo=UTC)])

    def test_asks_where_two_dates_contradict_one_another_and_then_names_the_wrong_one(self, read: Any) -> None:
        content = "13/01/2027 09:00,Hello,\n01/14/2027 09:00,Hello,\n"
        assert [question.code for question in read(content).questions] == ["dates"]
        assert faults(read(content, dates="day-first")) == [(2, "Date", "date.other_order")]

    def test_wants_five_minute_marks_and_a_time_for_every_row(self, read: Any) -> None:
        content = "01/13/2027 09:03,Hello,\n01/13/2027 09:05,Hello,\n,No time,\n"
        assert faults(read(content, form="hootsuite")) == [(1, "Date", "at.not_on_mark"), (3, "Date", "at.missing")]

    def test_takes_three_hundred_and_fifty_rows(self, read: Any) -> None:
        reading = read("01/13/2027 09:05,Hello,\n" * 351)
        assert faults(reading) == [(351, None, "rows.too_many")]

    def test_says_that_a_link_is_none(self, read: Any) -> None:
        assert faults(read("01/13/2027 09:05,Hello,example\n")) == [(1, "Link", "link.invalid")]

    def test_reads_twelve_hour_clocks(self, read: Any) -> None:
        reading = read("01/13/2027 12:05 AM,Hello,\n01/13/2027 1:30 pm,Hello,\n")
        assert [(at.astimezone(UTC).hour, at.minute) for at in moments(reading)] == [(5, 5), (18, 30)]


class TestSprout:
    def test_reads_date_and_time_of_cells_of_their_own(self, read: Any, export: Any) -> None:
        first, second = read(export("sprout")).rows
        assert first.values["at"] == datetime(2027, 1, 13, 14, 0, tzinfo=UTC)
        assert first.values["text"].endswith("trafficking. https://www.example.gov/signs")
        assert second.values["tags"] == ["community", "partners"]
        assert second.values["media"] == [{"url": "https://www.example.gov/role.png", "alt": None}]

    def test_says_which_of_the_two_is_wrong(self, read: Any) -> None:
        content = "date,time_24hr,message_text\n13/01/2027,9am,a\nsoon,09:00,b\n13/01/2027,,c\n"
        assert faults(read(content)) == [
            (2, "time_24hr", "time.invalid"),
            (3, "date", "date.invalid"),
            (4, "time_24hr", "at.no_time"),
        ]


class TestAyrshare:
    def test_reads_networks_by_its_own_names_and_times_in_utc(self, read: Any, export: Any) -> None:
        first, second = read(export("ayrshare")).rows
        assert first.values["platforms"] == ["x", "facebook"]
        assert first.values["at"] == datetime(2027, 1, 4, 14, 0, tzinfo=UTC)
        assert second.values["platforms"] == ["linkedin"]

    def test_does_not_guess_the_zone_of_a_time_without_one(self, read: Any) -> None:
        content = "post,platforms,mediaUrls,scheduleDate\nHi,x,,2027-01-04 14:00\n"
        assert faults(read(content)) == [(2, "scheduleDate", "at.no_zone")]


class TestAnAgencysOwn:
    def test_suggests_what_headings_mean_and_asks(self, read: Any, export: Any) -> None:
        reading = read(export("calendar"))
        (question,) = reading.questions
        assert (question.code, question.option) == ("columns", "columns")
        assert question.suggestion == {
            "Post copy": "text",
            "Publish date": "at",
            "Graphic": "image",
            "Alt text": "alt",
            "X version": "text_x",
        }
        assert reading.unused_columns == ("Approved by",)

    def test_reads_it_by_a_persons_mapping_and_names_what_is_left(self, read: Any, export: Any) -> None:
        mapping = {"Post copy": "text", "Publish date": "at", "X version": "text_x"}
        reading = read(export("calendar"), columns=mapping)
        assert (reading.questions, faults(reading)) == ((), [])
        assert reading.rows[0].values["variants"] == {"x": "Learn the signs."}
        assert reading.rows[0].values["at"] == datetime(2027, 1, 13, 14, 0, tzinfo=UTC)
        assert reading.unused_columns == ("Graphic", "Alt text", "Approved by")

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"Post copy": "text", "Mood": "tags"}, "no column 'Mood'"),
            ({"Post copy": "words"}, "no field"),
            ({"Post copy": "text", "Graphic": "text"}, "Two columns"),
            ({"Graphic": "image"}, "No column is mapped to the text"),
        ],
    )
    def test_refuses_a_mapping_that_makes_no_sense(
        self, read: Any, export: Any, columns: dict[str, str], said: str
    ) -> None:
        with pytest.raises(InvalidInput, match=said):
            read(export("calendar"), columns=columns)


class TestPacks:
    def test_takes_the_posts_and_names_the_rest(self, read: Any) -> None:
        from app.packs.bundled import bundled_pack_path  # noqa: PLC0415

        reading = read(bundled_pack_path().read_bytes(), name="pack.yaml")
        assert (reading.format, len(reading.rows), faults(reading)) == ("pack", 36, [])
        assert {"hashtags", "contact", "weeks"} <= set(reading.unused_columns)
        assert reading.rows[0].key
