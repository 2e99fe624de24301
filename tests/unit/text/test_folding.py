from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.folding import fold
from app.text.words import Words

READINGS = [
    ("Plain ASCII, with CAPITALS\r\n", "plain ascii, with capitals\r\n"),
    ("ｆｕｌｌ　ｗｉｄｔｈ＃", "full width#"),
    ("𝕓𝖔𝗹𝒅 ⓒⓘⓡⓒⓛⓔ", "bold circle"),
    ("🅥🅘 🅴", "vi e"),
    ("vic\u200btim so\u00adft \ufeffx\u202ey\u2066z", "victim soft xyz"),
    ("tag\U000e0041s v\ufe0fs", "tags vs"),
    ("a‐b‑c‒d–e—f―g−h﹣i－j", "a-b-c-d-e-f-g-h-i-j"),
    ("‘a’ ‚b‛ “c” „d‟ «e» ′f″ `g´", '\'a\' \'b\' "c" "d" "e" \'f" `g\''),
    ("vіctim νictim victіm", "victim victim victim"),
    ("ѕаvе", "save"),
    ("ᴠɪᴄᴛɪᴍ ıt ɑll", "victim it all"),
    ("víctima naïve e\u0301", "victima naive e"),
    ("v̶i̶c", "vic"),
    ("١٢٣ ４５ 𝟞", "123 45 6"),
    ("no\u00a0break\u2003em", "no break em"),
    ("ﬁne … ½", "fine ... 1⁄2"),
    ("Act™", "act "),
    ("İstanbul", "istanbul"),
    ("nul\x00l\x7f", "null"),
    ("line\u2028next", "line\nnext"),
    ("Жертва торговли", "жертва торговли"),
    ("Κάλεσε τώρα", "καλεσε τωρα"),
    ("日本語 한국어", "日本語 한국어"),
]


class TestAFoldedText:
    @pytest.mark.parametrize(("text", "reading"), READINGS)
    def test_reads_as_a_person_sees_it(self, text, reading):
        assert fold(text).text == reading

    def test_needs_no_map_for_ascii(self):
        folded = fold("Call Now")
        assert (folded.text, folded.cased, folded.starts) == ("call now", "Call Now", None)

    def test_needs_no_map_where_every_character_stays_one(self):
        folded = fold("“Call” – vіctim")
        assert folded.starts is None
        assert folded.span(2, 5) == (2, 5)

    def test_maps_a_span_over_the_hidden_characters_inside_it_only(self):
        text = "a \u200bvic\u200b\u00adtim\u200b b"
        folded = fold(text)
        start = folded.text.index("victim")
        assert text[slice(*folded.span(start, start + 6))] == "vic\u200b\u00adtim"

    def test_maps_one_character_that_reads_as_several(self):
        folded = fold("a…b")
        assert folded.text == "a...b"
        assert folded.span(1, 4) == (1, 2)
        assert folded.span(2, 3) == (1, 2)
        assert folded.span(4, 5) == (2, 3)

    def test_maps_empty_spans(self):
        assert fold("").span(0, 0) == (0, 0)
        assert fold("\u200b").span(0, 0) == (0, 0)
        assert fold("a\u200bb").span(2, 2) == (3, 3)

    @given(st.text())
    def test_has_places_that_rise_and_lie_inside_the_original(self, text):
        folded = fold(text)
        assert len(folded.text) == len(folded.cased)
        places = [folded.span(index, index + 1) for index in range(len(folded.text))]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)

    @given(st.text(alphabet="abc XYZ.-'\n"))
    def test_of_plain_letters_is_the_text_itself(self, text):
        assert fold(text).cased == text


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("The victim's rights", ["the", "victim", "rights"]),
            ("at-risk youth’s", ["at", "risk", "youth"]),
            ("#HelpTheVictims now", ["help", "the", "victims", "now"]),
            ("#Partner2Prevent #ENDTraffickingNow", ["partner", "2", "prevent", "end", "trafficking", "now"]),
            ("#Help_The_victims", ["help", "the", "victims"]),
            ("McKinney-Vento", ["mckinney", "vento"]),
            ("victims2 233733", ["victims", "233733"]),
            ("", []),
        ],
    )
    def test_are_cut_as_they_are_read(self, text, words):
        assert Words(fold(text)).texts == words

    def test_know_their_places_in_the_original(self):
        text = "#Help\u200bTheVic\u200btims!"
        words = Words(fold(text))
        assert text[slice(*words.span(2, 2))] == "Vic\u200btims"
