"""Deterministic texts that are hard to measure: pieces of all sorts, glued together in all sorts of ways."""

from __future__ import annotations

import random
from collections.abc import Iterator

WORDS = ["January", "is", "the", "month.", "a", "Learn", "more:", "U.S.", "e.g.", "end.Next", "COVID-19.", "don’t", "café", "naïve", "Ωmega", "привет", "שלום", "مرحبا", "हिन्दी", "ภาษาไทย", "日本語です。", "中文，", "한국어", "e\u0301a\u0323\u0302", "\u1e9b\u0323", "\u212b", "ﬁ", "Z\u0300\u0301\u0302\u0303algo", "ab\u00adcd", "x\u200by", "نمی\u200cخواهم", "1,000", "27.6", "2023", "_", "&", "i\u0307", "ǅ", "ſ", "\u0345", "ᏣᎳᎩ", "ꮳ", "\u1c90", "𝐛𝐨𝐥𝐝", "𐐀", "🄰", "\ufffd", "\U000e0041", "\u1161\u11a8", "각", "ก\u0e33"]  # noqa: E501
SCHEMES = ["", "", "", "http://", "https://", "HTTP://", "HttpS://", "ftp://", "//", "http:/", "http://http://", "xhttp://", "中http://"]  # noqa: E501
HOSTS = ["example.org", "train.org", "www.state.gov", "humantraffickinghotline.org", "EXAMPLE.Com", "a.b.c.co.uk", "foo_bar.com", "foo.b_r.com", "_dmarc.example.com", "-a.com", "a-.com", "a--b.com", "münchen.de", "中文.com", "例え.jp", "пример.рф", "ПРИМЕР.РФ", "example.한국", "example.中国", "嘉里大酒店.嘉里大酒店", "a.嘉里", "भारत.भारतम्", "xn--fiqs8s.xn--fiqs8s", "xn--a中.com", "t.co", "T.co", "127.0.0.1", "localhost", "[::1]", "example.invalid", "example.intel", "example.kids", "example.c", "example.comx", "example.com9", "example..com", ".example.com", "example.com.", "a.com.b", "a.com中b.com", "中a.com中.中国", "😀.com", "a😀.com", "“example.com”", "example.vermögensberatung", "é.fr", "ab.comb中b.com", "a。com", "example．com", "😀a.org", "i❤.ws", "a" * 63 + ".com", "a" * 64 + ".com", "é" * 56 + ".com", "b." * 30 + "net", "user:pw@host.org", "ex\u200bample.com", "\u202eexample.com", "x.onion", "com.com.com"]  # noqa: E501
PORTS = ["", "", "", "", ":80", ":8080", ":", ":x", ":123456"]
PATHS = ["", "", "", "/", "/a", "/a/b.html", "/a_(b)", "/a_(b(c)d)", "/(a)", "/((a))", "/a)", "/(a", "/a.", "/a,b", "/é", "/ж", "/中", "/a–b", "/@user/", "/@user", "/a;b=c!", "/%20", "/a…", "/a’b", "/#x", "/a#b", "/x~", "/x&y", "/x|y", "/[a]", "/a'", "/λ", "/ι", "/ᲀ", "/ſK", "/a\u0301", "/AbC123", "/" + "z" * 41, "/" + "q" * 300]  # noqa: E501
QUERIES = ["", "", "", "?", "?a", "?a=b&c=d", "?a.", "?a=b!", "?q=é", "?x#y", "?a=(b)", "#frag", "#Frag.ment", "?/"]
TAGS = ["#tag", "#EndTrafficking", "#Partner2Prevent", "#2024", "#1a", "#a1", "#_", "#_a", "#a_", "#a-b", "#a.b", "##a", "#a#b", "＃full", "＃1", "#日本語", "#ハッシュ・タグ", "#한국어", "#हिन्दी", "#العربية", "#עִבְרִית", "#русский", "#é", "#e\u0301", "#\ufe0fx", "#️⃣", "#1\u20e3", "#a\u20e3b", "#a\u200db", "#a\u200cb", "#a\u200bb", "#a\u00adb", "#🙂", "#a🙂b", "#a😀", "(#x)", "[#x]", "\"#x\"", "“#x”", "&#x", "a#b", "é#b", "1#b", ".#b", "/#b", "=#b", ")#b", "-#b", "_#b", "中#b", "#a://", "#http://x.org", "#中example.com", "#a·b", "#a・b", "#٣", "#٣ع", "#a!", "#a…", "#!?", "#" + "x" * 64, "#" + "x" * 65, "#" + "e\u0301" * 64, "#$x", "#a$", "#€", "#+", "#𝐛", "#𐐀", "#①", "#Ⅷ", "#ª", "#\u0345", "#a\ufe0e#b", "#a\ufe0f#b", "🙂#b", "❤️#b", "#x.org", "#\u1c80", "#ꭰ", "#🏳️‍🌈", "# a", "#"]  # noqa: E501
EMOJI = ["🙂", "👍🏽", "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇺🇸", "🇺🇸🇨", "🇦🇦", "1️⃣", "1⃣", "*️⃣", "❤️", "❤", "❤︎", "©", "©️", "®", "™️", "☎", "☎️", "✅", "🥹", "🫶🏾", "🫨", "👁️‍🗨️", "👁‍🗨", "🧑‍🤝‍🧑", "👩‍❤️‍💋‍👩", "🏃‍♀️", "🏃🏿‍♂️", "🏃‍♀", "⛹🏽‍♀️", "🕵️‍♀️", "\U0001f3fb", "\u200d", "\ufe0f", "\U0001f1e6", "ℹ️", "〰️", "㊙", "↔️", "‼", "😀\u0301", "🐻‍❄️", "🙂‍↕️", "\ue50a"]  # noqa: E501
HANDLES = ["@POTUS", "@ACF_gov", "＠x", "@user@example.org", "a@train.org", "first.last@mail.example.com", "@a.bsky.social", "me@中train.org", "x@y@z.org", "mailto:a@b.com", "train.org@x"]  # noqa: E501
GLUE = ["", "", " ", " ", " ", "\n", "\n\n", "\r\n", "\r", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\ufeff", "\u2060", ".", ",", ":", ";", "!", "?", "/", "-", "_", "(", ")", "[", "]", "\"", "'", "“", "”", "…", "—", "@", "#", "$", "&", "=", "中", "、", "。", "\u200e", "\u202a", "\ufffe", "\U0001fffe", "+", "~", "*", "`", "|", "%"]  # noqa: E501
SEPARATE = " " * 12 + "".join(GLUE)


def url(random_: random.Random) -> str:
    pick = random_.choice
    return pick(SCHEMES) + pick(HOSTS) + pick(PORTS) + pick(PATHS) + pick(QUERIES)


def texts(count: int, seed: int) -> Iterator[str]:
    """Give `count` texts, always the same for a seed."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable texts, no secrets
    for _ in range(count):
        pieces: list[str] = []
        spaced = random_.random() < 0.5
        for _ in range(random_.randint(1, 12)):
            kind = random_.random()
            if kind < 0.3:
                pieces.append(url(random_))
            else:
                pieces.append(random_.choice(random_.choice([WORDS, WORDS, TAGS, TAGS, EMOJI, HANDLES])))
            pieces.append(" " if spaced and random_.random() < 0.6 else random_.choice(GLUE))
        yield "".join(pieces)


def noise(count: int, seed: int) -> Iterator[str]:
    """Give `count` texts of single characters that mean something to a finder."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable texts, no secrets
    letters = "aAé中#＃@.,-_:/?()=& \n1٣\u0301\u200d\ufe0f\u20e3🙂👩🏽🇺…ſß'~!com"
    for _ in range(count):
        yield "".join(random_.choices(letters, k=random_.randint(1, 40)))
