from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader, PdfWriter
from toolkits import TEXT, as_docx, as_pdf

from app.errors import InvalidInput, InvalidPack
from app.packs.confirming import confirmed_text, unconfirmed_in_text
from app.packs.drafting.draft import draft_of
from app.packs.drafting.files import LARGEST, read_toolkit, toolkit_lines
from app.packs.drafting.finding import find_all
from app.packs.drafting.found import Found
from app.packs.drafting.writing import draft_as_yaml
from app.packs.reading import parse_pack

POSTS = [
    (1, "At the pool", "", "Keep an adult within reach of the water. #SafeWater"),
    (1, "At the pool", "", "Close the gate behind you: watersafetyline.org/gate #SafeWater"),
    (
        1, "At the pool", "",
        "Our pool opens on [date]. Read more: [link to your pool's page] https://www.example.org/pools",
    ),
    (1, "Learning to swim", "Handbook: Swimming for All", "Lessons save lives. See the handbook. #PoolSafety"),
    (
        2, "National Lifeguard Day (5/15)", "",
        "Lifeguards watch the water so that you can enjoy it. #SafeWater",
    ),
]  # fmt: skip
FILES = {"text": TEXT.encode, "word": as_docx, "pdf": as_pdf}


def found_in(content: bytes, name: str = "toolkit") -> Found:
    return find_all(toolkit_lines(content, name))


def drafted(content: bytes = TEXT.encode()) -> str:
    return draft_as_yaml(draft_of(found_in(content)), "toolkit.txt")


@pytest.fixture(params=FILES, scope="module")
def found(request: pytest.FixtureRequest) -> Found:
    return found_in(FILES[request.param]())


class TestWhatIsFoundInEachKindOfFile:
    def test_every_sample_post_with_its_week_and_headings(self, found: Found) -> None:
        said = [(post.week, post.section, post.resource, post.text) for post in found.posts]
        assert [post[0] for post in said] == [post[0] for post in POSTS]
        assert [post[3] for post in said] == [post[3] for post in POSTS]

    def test_the_weeks_with_their_days(self, found: Found) -> None:
        weeks = [(week.number, week.title, week.starts_on, week.ends_on) for week in found.weeks]
        assert weeks == [(1, "Families", "05-06", "05-12"), (2, "Lifeguards", "05-13", "05-19")]

    def test_the_helpline(self, found: Found) -> None:
        contact = found.contact
        assert contact.name is not None
        assert contact.voice is not None
        assert contact.website is not None
        assert contact.tty is not None
        assert (contact.name.value, contact.voice.value) == ("Water Safety Line", "1-202-555-0142")
        assert (contact.keyword, contact.tty.value) == ("WATER", "711")
        assert contact.website.value == "watersafetyline.org"

    def test_the_hashtags_and_how_many(self, found: Found) -> None:
        assert [tag.value for tag in found.hashtags] == ["SafeWater", "PoolSafety"]
        assert found.limit is not None
        assert found.limit.value == "3"

    def test_title_issuer_and_year(self, found: Found) -> None:
        assert found.title is not None
        assert found.issuer is not None
        assert (found.title.value, found.year) == ("Water Safety Month", 2024)
        assert found.issuer.value == "Springfield Department of Health"


class TestEveryItemSaysWhereItStands:
    def test_by_its_line_in_a_text(self) -> None:
        lines = TEXT.splitlines()
        for post in found_in(TEXT.encode()).posts:
            number = int(post.where.removeprefix("line "))
            assert post.text[:20] in lines[number - 1]

    def test_by_page_and_line_in_a_pdf(self) -> None:
        pages = [page.extract_text().splitlines() for page in PdfReader(io.BytesIO(as_pdf())).pages]
        post = found_in(as_pdf()).posts[0]
        page, line = (int(part.split()[1]) for part in post.where.split(", "))
        assert post.text in pages[page - 1][line - 1]

    def test_by_its_paragraph_in_a_word_file(self) -> None:
        assert found_in(as_docx()).posts[0].where.startswith("paragraph ")

    def test_headings_too(self) -> None:
        posts = [(p.week, p.section, p.resource, p.text) for p in found_in(TEXT.encode()).posts]
        assert posts == POSTS


class TestADraft:
    def test_is_refused_with_every_item_named_until_a_person_confirms(self) -> None:
        text = drafted()
        with pytest.raises(InvalidPack) as refused:
            parse_pack(text, "draft.yaml")
        fields = [problem.field for problem in refused.value.problems]
        assert {"(file)", "window", "hashtags", "contact", "contact.voice"} <= set(fields)
        assert [field for field in fields if field.startswith("posts")] == [f"posts[{at}]" for at in range(5)]
        assert all("not confirmed" in problem.message for problem in refused.value.problems)
        assert "line 43" in next(p.message for p in refused.value.problems if p.field == "posts[0]")

    def test_is_a_pack_once_all_of_it_is_confirmed(self) -> None:
        text, confirmed = confirmed_text(drafted(), None)
        pack = parse_pack(text, "draft.yaml")
        assert len(confirmed) > 10
        assert [post.text for post in pack.posts] == [post[3] for post in POSTS]
        assert (pack.hashtags.limit, pack.hashtags.primary) == (3, "SafeWater")
        assert [fill_in.kind for fill_in in pack.fill_ins] == ["text", "link"]
        assert pack.posts[1].links[0].target == "https://www.watersafetyline.org/gate"
        assert (pack.posts[3].links[0].target, pack.posts[3].links[0].note) == (None, "link not in source")

    def test_keeps_what_a_person_has_corrected_while_items_are_confirmed(self) -> None:
        text = drafted().replace("Keep an adult", "Keep a grown-up")
        text, confirmed = confirmed_text(text, ["posts[0]"])
        assert [one.item for one in confirmed] == ["posts[0]"]
        left = [one.item for one in unconfirmed_in_text(text)]
        assert "posts[0]" not in left
        assert "posts[1]" in left
        assert "Keep a grown-up" in text

    def test_an_item_that_does_not_wait_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="posts\\[99\\]"):
            confirmed_text(drafted(), ["posts[99]"])

    def test_several_items_on_one_line_are_left_to_a_person(self) -> None:
        text = "a: [{b: 1, confirmed: false}, {b: 2, confirmed: false}]\n"
        with pytest.raises(InvalidInput, match="several items"):
            confirmed_text(text, ["a[1]"])
        assert "false" not in confirmed_text(text, None)[0]

    def test_makes_nothing_up(self) -> None:
        draft = draft_of(found_in(b"Sample Social Media Posts\n\n- Be kind to one another, today and always.\n"))
        assert "contact" in draft.document
        assert "voice" not in draft.document["contact"]
        assert any(said.startswith("contact") for said in draft.missing)
        assert any(said.startswith("window") for said in draft.missing)
        assert yaml.safe_load(draft_as_yaml(draft, "x"))["posts"][0]["text"].startswith("Be kind")

    def test_weeks_may_be_told_by_their_days_alone(self) -> None:
        text = "October 1-7: Listen\n\nSample Posts\n\n- One.\n\nOctober 8-14: Act\n\nSample Posts\n\n- Two.\n"
        found = found_in(text.encode())
        assert [(week.title, week.starts_on) for week in found.weeks] == [("Listen", "10-01"), ("Act", "10-08")]
        assert [(post.week, post.text) for post in found.posts] == [(1, "One."), (2, "Two.")]


class TestWhatCouldDoHarmIsRefused:
    @pytest.fixture
    def no_word(self) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b" " * 40_000_000)
        return made.getvalue()

    def test_an_archive_that_unpacks_to_far_more(self, no_word: bytes) -> None:
        with pytest.raises(InvalidInput, match="unpacks to far more"):
            toolkit_lines(no_word, "bomb.docx")

    def test_a_file_with_macros(self) -> None:
        made = io.BytesIO(as_docx())
        with zipfile.ZipFile(made, "a") as archive:
            archive.writestr("word/vbaProject.bin", b"macro")
        with pytest.raises(InvalidInput, match="macros"):
            toolkit_lines(made.getvalue(), "macro.docx")

    def test_an_archive_that_is_no_word_file(self) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("a.txt", b"text")
        with pytest.raises(InvalidInput, match="no Word file"):
            toolkit_lines(made.getvalue(), "a.zip")

    def test_a_pdf_with_a_password(self) -> None:
        writer = PdfWriter(clone_from=io.BytesIO(as_pdf()))
        writer.encrypt("secret", algorithm="RC4-128")
        made = io.BytesIO()
        writer.write(made)
        with pytest.raises(InvalidInput, match="password"):
            toolkit_lines(made.getvalue(), "locked.pdf")

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"%PDF-1.4\nbroken", "PDF"),
            (b"PK\x03\x04broken", "broken archive"),
            (b"\xd0\xcf\x11\xe0old", "old Word"),
            (b"\x00\x01\x02", "no text"),
            (b"   \n \n", "holds no text"),
            (b"x" * 30_000, "characters"),
            (b"a\n" * 100_001, "lines"),
            (b"a" * (LARGEST + 1), "larger"),
        ],
    )
    def test_what_is_broken_or_endless(self, content: bytes, word: str) -> None:
        with pytest.raises(InvalidInput, match=word):
            toolkit_lines(content, "file")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput):
            read_toolkit(tmp_path / "nothing.txt")
