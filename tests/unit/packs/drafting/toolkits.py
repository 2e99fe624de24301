"""A small toolkit of another observance, as text, as Word and as PDF."""

from __future__ import annotations

import io

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

TEXT = """\
SPRINGFIELD DEPARTMENT OF HEALTH

WATER SAFETY MONTH TOOLKIT

2024

Table of Contents

About the Water Safety Line\t2
Focus Week 1: Families\t3
Sample Social Media Posts\t3
Focus Week 2: Lifeguards\t4
Sample Social Media Posts\t4
Resources\t5

About the Water Safety Line

Call: 1-202-555-0142

Text WATER to 555-014. TTY: 711

Visit watersafetyline.org for more. The Water Safety Line is confidential.

Please use no more than three hashtags per post.

Primary Hashtag

#SafeWater

Secondary Hashtags

#PoolSafety

Focus Week 1: Families
May 6-12, 2024

These posts are for parents.

Sample Social Media Posts

At the pool

- Keep an adult within reach of the water. #SafeWater
- Close the gate behind you: [watersafetyline.org/gate](https://www.watersafetyline.org/gate) #SafeWater
* Our pool opens on [date]. Read more: [link to your pool's page]
  <https://www.example.org/pools>

Learning to swim

Handbook: Swimming for All

1. Lessons save lives. See the [handbook](#). #PoolSafety

Focus Week 2: Lifeguards
May 13 to May 19

Sample Social Media Posts

National Lifeguard Day (5/15)

“Lifeguards watch the water so that you can enjoy it. #SafeWater”

Resources

- **Blog:** [Summer at the lake](#)
- Call us any time for posters. #SafeWater
"""


def as_docx() -> bytes:  # noqa: C901 - one branch for each kind of paragraph
    """The same toolkit as a Word file with headings, lists and a hyperlink."""
    document = Document()
    for text in TEXT.split("Table of Contents", maxsplit=1)[0].split("\n\n"):
        if text.strip():
            document.add_paragraph(text.strip(), style="Title")
    inside = False
    for line in TEXT.split("About the Water Safety Line", 2)[2].splitlines():
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith(("- Close", "- ", "* ", "1. ")):
            paragraph = document.add_paragraph(style="List Bullet")
            said = stripped.split(" ", 1)[1]
            if "[watersafetyline.org/gate]" in said:
                before, rest = said.split("[", 1)
                paragraph.add_run(before)
                _link(paragraph, "watersafetyline.org/gate", "https://www.watersafetyline.org/gate")
                paragraph.add_run(rest.split(")", 1)[1])
            else:
                paragraph.add_run(said)
        elif stripped.startswith("Focus Week") or stripped == "Resources":
            document.add_heading(stripped, 1)
        elif stripped == "Sample Social Media Posts":
            document.add_heading(stripped, 2)
            inside = True
        elif stripped.startswith("<"):
            document.paragraphs[-1].add_run(f"\n{stripped}")
        elif inside and stripped in {"At the pool", "Learning to swim", "Handbook: Swimming for All"}:
            document.add_heading(stripped, 3)
        else:
            document.add_paragraph(stripped)
    document.paragraphs[3].insert_paragraph_before("About the Water Safety Line", style="Heading 1")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _link(paragraph: Paragraph, text: str, address: str) -> None:
    relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link, run, words = OxmlElement("w:hyperlink"), OxmlElement("w:r"), OxmlElement("w:t")
    link.set(qn("r:id"), relation)
    words.text = text
    run.append(words)
    link.append(run)
    paragraph._p.append(link)


def as_pdf(text: str = TEXT, *, lines_a_page: int = 30) -> bytes:
    """Text as a plain PDF, line by line, with a head and a number on every page."""
    lines = text.splitlines()
    pages = [lines[at : at + lines_a_page] for at in range(0, len(lines), lines_a_page)]
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for number, page in enumerate(pages, start=1):
        shown = ["Water Safety Month", *page, str(number)]
        drawn = b"BT /F1 10 Tf 12 TL 40 760 Td\n" + b"".join(_shown(line) for line in shown) + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(made)


def _shown(line: str) -> bytes:
    written = line.replace("\t", " .... ").encode("cp1252")
    for letter in (b"\\", b"(", b")"):
        written = written.replace(letter, b"\\" + letter)
    return b"(%s) Tj T*\n" % written
