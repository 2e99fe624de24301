from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest

from app.errors import InvalidInput, RefusedFile

HEADER = ["key", "week", "text"]


def fault_codes(reading: Any) -> list[tuple[int, str]]:
    return [(error.row, error.code) for row in reading.rows for error in row.errors]


def refusal_of(read: Any, content: bytes | str, name: str = "posts.csv") -> RefusedFile:
    """Expect a refusal that says what is wrong and what to do; return it."""
    with pytest.raises(RefusedFile) as refusal:
        read(content, name=name)
    assert refusal.value.hint
    return refusal.value


class TestCsv:
    def test_with_a_hundred_thousand_columns_is_refused_at_once(self, read: Any) -> None:
        content = ",".join(["text"] * 100_000) + "\n" + ",".join(["x"] * 100_000)
        start = time.perf_counter()
        assert "more than 200 columns" in refusal_of(read, content).message
        assert time.perf_counter() - start < 2

    def test_with_too_many_rows_is_refused(self, read: Any) -> None:
        assert "100,000 rows" in refusal_of(read, "text\n" + "x\n" * 100_001).message

    def test_with_a_giant_cell_is_refused_with_its_row(self, read: Any) -> None:
        assert "cell of row 3" in refusal_of(read, "text\na\n" + "x" * 32_768 + "\n").message
        assert "cell of row 2" in refusal_of(read, "text\n" + "x" * 200_000 + "\n").message

    def test_with_nul_characters_is_refused_with_its_line(self, read: Any) -> None:
        assert "Line 2 has a NUL" in refusal_of(read, b"text,key\na\0b,c\n" + b"x,y\n" * 40).message

    def test_whose_quotation_mark_never_closes_is_refused_rather_than_read_by_halves(self, read: Any) -> None:
        said = refusal_of(read, 'text,key\n"open,a\nb,c\n').message
        assert "Row 2 (from line 2 on)" in said
        assert "none closes it" in said

    def test_with_words_behind_a_closed_cell_is_refused(self, read: Any) -> None:
        assert "behind the quotation mark" in refusal_of(read, 'text\n"a"b\n').message

    def test_larger_than_twenty_megabytes_is_refused(self, read: Any) -> None:
        assert "larger than 20 MB" in refusal_of(read, b"x" * 20_000_001).message

    @pytest.mark.parametrize("text", ["=SUM(A1)", "+1", "-1", "@here", "\t=x"])
    def test_keeps_what_begins_like_a_formula_as_text(self, read: Any, text: str) -> None:
        reading = read(f'Text,Image URL,Tags,Posting Time\n"{text}",,,\n')
        assert reading.rows[0].values["text"] == text

    @pytest.mark.parametrize(
        ("start", "said"),
        [
            (b"%PDF-1.7 ...", "a PDF"),
            (b"\x89PNG\r\n\x1a\n", "an image"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "old Excel"),
            (b"<html><body>", "a web page"),
            (b"\x1f\x8b\x08", "a compressed file"),
            (b"MZ\x90\x00", "a program"),
        ],
    )
    def test_that_is_something_else_is_named_for_what_it_is(self, read: Any, start: bytes, said: str) -> None:
        assert said in refusal_of(read, start).message

    @pytest.mark.parametrize("content", [b"", b"\n\n\n", b"\xef\xbb\xbf"])
    def test_that_is_empty_says_so(self, read: Any, content: bytes) -> None:
        with pytest.raises(InvalidInput, match="empty"):
            read(content)


class TestWorkbooks:
    def test_with_macros_are_refused_by_name_by_part_and_by_type(
        self, read: Any, make_workbook: Any, put_part: Any
    ) -> None:
        plain = make_workbook(HEADER, ["a", 1, "Hello"])
        assert "macros" in refusal_of(read, plain, "posts.xlsm").message
        assert "macros" in refusal_of(read, put_part(plain, "xl/vbaProject.bin", b"x"), "posts.xlsx").message
        types = zipfile.ZipFile(io.BytesIO(plain)).read("[Content_Types].xml")
        enabled = types.replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
        assert "macros" in refusal_of(read, put_part(plain, "[Content_Types].xml", enabled), "posts.xlsx").message

    def test_that_would_fill_the_memory_are_refused_before_they_are_unpacked(
        self, read: Any, make_workbook: Any, put_part: Any
    ) -> None:
        bomb = put_part(make_workbook(HEADER), "xl/media/image1.bin", b"\0" * 100_000_000)
        assert len(bomb) < 200_000
        start = time.perf_counter()
        assert "would unpack to 100 MB" in refusal_of(read, bomb, "posts.xlsx").message
        assert time.perf_counter() - start < 2

    def test_that_lie_about_their_size_are_refused(self, read: Any, make_workbook: Any, put_part: Any) -> None:
        bomb = put_part(make_workbook(HEADER), "xl/media/image1.bin", b"\0" * 30_000_000)
        size = (30_000_000).to_bytes(4, "little")
        assert bomb.count(size) == 2
        assert "damaged" in refusal_of(read, bomb.replace(size, (1000).to_bytes(4, "little")), "posts.xlsx").message

    @pytest.mark.parametrize(
        "declared",
        [
            b'<!DOCTYPE x [<!ENTITY a "aaaa">]>',
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
            b'<!ENTITY a "b">',
        ],
    )
    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
    def test_that_declare_entities_are_refused_wherever_they_do(
        self, read: Any, make_workbook: Any, put_part: Any, declared: bytes, part: str
    ) -> None:
        plain = make_workbook(HEADER, ["a", 1, "Hello"])
        body = zipfile.ZipFile(io.BytesIO(plain)).read(part)
        changed = b'<?xml version="1.0"?>' + declared + body.removeprefix(b'<?xml version="1.0"?>')
        assert "entities" in refusal_of(read, put_part(plain, part, changed), "posts.xlsx").message

    @pytest.mark.parametrize("encoding", ["utf-16", "cp037", "utf-7"])
    def test_whose_parts_could_hide_entities_in_another_encoding_are_refused(
        self, read: Any, make_workbook: Any, put_part: Any, encoding: str
    ) -> None:
        text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
        data = put_part(make_workbook(HEADER), "xl/styles.xml", text.encode(encoding))
        assert "encoding" in refusal_of(read, data, "posts.xlsx").message

    def test_with_a_hundred_thousand_columns_are_refused_at_once(
        self, read: Any, make_workbook: Any, put_part: Any
    ) -> None:
        cells = b"".join(b"<c><v>%d</v></c>" % (number * 7919 % 100_003) for number in range(100_000))
        sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        sheet += b"<row>" + cells + b"</row></sheetData></worksheet>"
        data = put_part(make_workbook(HEADER), "xl/worksheets/sheet1.xml", sheet)
        start = time.perf_counter()
        assert "columns" in refusal_of(read, data, "posts.xlsx").message
        assert time.perf_counter() - start < 5

    def test_that_claim_a_last_row_far_down_are_refused_with_its_reason(
        self, read: Any, make_workbook: Any, put_part: Any
    ) -> None:
        sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        sheet += b'<row r="1000000"><c r="A1000000"><v>1</v></c></row></sheetData></worksheet>'
        data = put_part(make_workbook(HEADER), "xl/worksheets/sheet1.xml", sheet)
        assert "100,000 rows" in refusal_of(read, data, "posts.xlsx").message

    def test_formulas_are_refused_row_by_row_and_texts_that_look_like_them_are_not(
        self, read: Any, make_workbook: Any
    ) -> None:
        def change(book: Any) -> None:
            cell = book.active["C3"]
            cell.value, cell.data_type = "=HYPERLINK(1)", "s"

        data = make_workbook(HEADER, ["a", 1, '=WEBSERVICE("http://x")'], ["b", 1, ""], ["c", "=1+1", "x"],
                             change=change)  # fmt: skip
        reading = read(data, name="posts.xlsx")
        assert fault_codes(reading) == [(2, "cell.formula"), (4, "cell.formula")]
        assert reading.rows[1].values["text"] == "=HYPERLINK(1)"

    def test_giant_cells_are_refused(self, read: Any, make_workbook: Any, put_part: Any) -> None:
        sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        sheet += b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 40_000 + b"</t></is></c></row>"
        data = put_part(make_workbook(HEADER), "xl/worksheets/sheet1.xml", sheet + b"</sheetData></worksheet>")
        assert "32,767 characters" in refusal_of(read, data, "posts.xlsx").message

    @pytest.mark.parametrize("cut", [10, 200, 1000])
    def test_that_are_cut_off_are_refused(self, read: Any, make_workbook: Any, cut: int) -> None:
        data = make_workbook(HEADER, ["a", 1, "Hello"])
        assert "damaged" in refusal_of(read, data[:-cut], "posts.xlsx").message

    def test_with_a_broken_sheet_are_refused(self, read: Any, make_workbook: Any, put_part: Any) -> None:
        data = put_part(make_workbook(HEADER), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>")
        assert "damaged" in refusal_of(read, data, "posts.xlsx").message

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            ({"mimetype": b"x", "content.xml": b"<x/>"}, "OpenDocument"),
            ({"word/document.xml": b"<x/>"}, "text document"),
            ({"readme.txt": b"x"}, "archive"),
        ],
    )
    def test_archives_of_other_kinds_are_named(self, read: Any, parts: dict[str, bytes], said: str) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        assert said in refusal_of(read, made.getvalue(), "posts.xlsx").message

    def test_half_a_surrogate_pair_in_a_cell_is_an_error_of_its_row(self, read: Any, make_workbook: Any) -> None:
        data = make_workbook(HEADER, ["a", 1, "x_xD800_y"])
        assert fault_codes(read(data, name="posts.xlsx")) in ([(2, "text.control_characters")], [])

    def test_dates_and_numbers_are_read_as_what_they_are(self, read: Any, make_workbook: Any) -> None:
        from datetime import UTC, datetime  # noqa: PLC0415

        data = make_workbook([*HEADER, "at"], ["a", 1.0, 12345, datetime(2027, 1, 5, 9, 30)])  # noqa: DTZ001 - as Excel has it
        (row,) = read(data, name="posts.xlsx").rows
        assert (row.values["week"], row.values["text"]) == (1, "12345")
        assert row.values["at"] == datetime(2027, 1, 5, 14, 30, tzinfo=UTC)

    def test_other_sheets_are_named_as_not_used(self, read: Any, make_workbook: Any) -> None:
        data = make_workbook(HEADER, ["a", 1, "Hello"], change=lambda book: book.create_sheet("Notes").append(["x"]))
        assert read(data, name="posts.xlsx").unused_columns == ("Notes",)
