from __future__ import annotations

from typing import Any

import pytest

from app.errors import RefusedFile

TEXT = "key,text\na,“Ça va”: naïve café — prevención ñ £5\n"
JAPANESE = "key,text\na,人身取引をなくそう。気づいたら電話を。\n"


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "named"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("utf-16", "utf-16-le"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("cp1252", "cp1252"),
        ],
    )
    def test_are_recognised_and_named(self, read: Any, encoding: str, named: str) -> None:
        reading = read(TEXT.encode(encoding))
        assert reading.encoding == named
        assert reading.rows[0].values["text"] == "“Ça va”: naïve café — prevención ñ £5"

    def test_a_mark_is_no_part_of_the_first_heading(self, read: Any) -> None:
        assert read("\ufeffText,Image URL,Tags,Posting Time\nHello,,,\n").format == "buffer"

    def test_what_is_partly_utf_8_is_refused_with_its_line(self, read: Any) -> None:
        mixed = "key,text\na,café\n".encode() + "b,café\n".encode("cp1252")
        with pytest.raises(RefusedFile, match="line 3 has the byte 0xE9"):
            read(mixed)

    @pytest.mark.parametrize("content", [b"\xff\xfea\0b", b"\xef\xbb\xbfcaf\xe9"])
    def test_what_is_not_what_its_mark_says_is_refused(self, read: Any, content: bytes) -> None:
        with pytest.raises(RefusedFile, match="The file says that it is"):
            read(content)

    def test_letters_of_other_scripts_are_read_in_utf_16(self, read: Any) -> None:
        assert read(JAPANESE.encode("utf-16")).rows[0].values["text"].startswith("人身取引")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_whatever_parts_the_cells_is_found(self, read: Any, delimiter: str) -> None:
        content = "key,text,link\na,'One, two; three | four',\nb,'Five, six',\n".replace("'", '"')
        parted = "\n".join(
            delimiter.join(cells)
            for cells in (["key", "text", "link"], ["a", '"One, two; three | four"', ""], ["b", '"Five, six"', ""])
        )
        assert [row.values["text"] for row in read(parted).rows] == [row.values["text"] for row in read(content).rows]

    def test_old_line_ends_are_read(self, read: Any) -> None:
        assert [row.row for row in read(b"key,text\ra,one\rb,two\r").rows] == [2, 3]
