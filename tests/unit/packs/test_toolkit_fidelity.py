"""The bundled pack says what the toolkit prints.

The digests were taken from the toolkit's own text by another program than the one that made the pack.
"""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from app.packs.schema import Pack

# SHA-256 of every post's text in the toolkit's order.
DIGESTS = [
    "8624806c7c929c07bbb7b9a75906b6506a4092bcd900390d6b9411e8f17ffed9",
    "6f49b563f36fc35b0702d2075823b003ddecf3e37e8499a8d3dc512e686c62e7",
    "b7feb895f7622ced7ce3ce94de52b37cdd828d410f87d5f1ceccb892280920e1",
    "e1664c4e58e48457eccd73ba5215c1c3413772c32005350926e99fae1bb721ee",
    "f2e95455d5397dead109f031f43cce9d3d07a38927b6f2a81e57dd03194a111c",
    "54473b55af7258a56ab48703fa3b272e269dcaa6512cc28b51b161551deda5e3",
    "5a0ddcf0f8a4292133ddd2e4f0d041663a061584844d6280f542b187a68bbe75",
    "374ffb15ac7500aa939ba2ebc6abccce0c16e4138fc18b646f1b6fa9b5ad4e2a",
    "2b46948c64d2c708b5809996abd87fe7ba4b6e307348560b87680dd2ebd33005",
    "070f7e7a50a907b0677e53c1777d026b3efd9b5540425b32908f1c9875ec3b0f",
    "857ffd7e74675efa74194b24daa86bd1ef37b43dfbdec9db4d08ad46f38d65b5",
    "6c974686996006d16cf2c6a263a5555da0f28c1ce18a561a889aa6c9c13bc727",
    "7c14d0e45b875e6cdfe97e42b167ae376829e6f4328ab673558efb7a72212649",
    "be30e7be0b0363e071798a0ef6fc6ad55ea0816fbcaee0a81112fc33b304963e",
    "f913358c37080eb1fe1b8a7a088b59e655ea2055ee41d8020c48a85ac3bbf127",
    "4fccddae627cab9c9b4eeec31efc2b76a1649a1cb4c0476af011ddb9d244d027",
    "bcfc0370afb06fbfeef65bf11ddda510be97e775d17579bd5a553c79a2753767",
    "447cfbae85b33cc45e5e57362dcd78f2b43ec43ec1e245811ef392460da67d4b",
    "3aaf3d95b6a4996f873dffa9eb6fa2bfbba0e32f37d421d1764f866fb3f2b87e",
    "37d1bcc8364be3aadfc253142260802f55497ef0a8301c4484d1cab410b9bcf4",
    "7555ffd083a96c39a00526538bbfee636c649cedf8dbd4144742b2bb027dbc6c",
    "00a5b48a5082e083607f7e7b60d06998fcfc71698f29456398ae26a239bcaaf1",
    "25716253a5d1728867edf19bebe19214aee0f0be2254afe9ba7f1c8b1001f422",
    "1880b41bbc1483592f313d21a1e322f63de26de8db146de8a6867b4e57424bd6",
    "5b85439d8099448c009fec8f8d4d4e3470fa2d8668b88afc627459fc23b6047f",
    "e3e7775d19aadab21277af632565e381015877b554228a8d29481bb80682011e",
    "e743d31041f347cf3d83589cd40158d49a8f563d5cdc24e96fc0f0b944bfea66",
    "658aab67cd6d343a9973db7acef19d345b5c33cdd110691e477ab85643f04346",
    "186f6c0402acb4e4890f6a34eda0477be8e4b2188e6aa93174bb5b0b6fd45109",
    "1cd7d18642bd62e4f7dffccd485dad1b9201fffc9a92655198915d3291f6b90e",
    "e91f699fc4d664a59992e01c5dd58dcb29eedc24d067662cfb57498267969278",
    "7bb65e545d93b6d17d802c6a05e88795e95b70fa618d77c4d349225df7e51594",
    "cddfec7b033c35e8cbc746fbab6aa6066ed246da03d9410374ae1a826105639f",
    "7119032f5b12423a136d5ef3c9aee9fafcae1425bf494feb06dcb8ff495d7be1",
    "09f6f6b2319f63c1785164a714fdb3fbf5b831567d5ce218d5774ba4ca00ed61",
    "7bbec49e4fe611888b8f80360c0fbd763d47f509ac5625a35dc9a6156a961f33",
]

SECTIONS = [
    ((1, "Human Trafficking Prevention Month / National Day of Human Trafficking Awareness (1/11)"), 3),
    ((1, "Education Opportunities"), 5),
    ((1, "Toolkits and Resources"), 6),
    ((1, "Voices of Freedom"), 3),
    ((2, "Training Opportunities"), 5),
    ((2, "Toolkits and Resources"), 1),
    ((2, "Voices of Freedom"), 3),
    ((3, "Training Opportunities"), 3),
    ((3, "Toolkits and Resources"), 3),
    ((3, "Voices of Freedom"), 1),
    ((4, "Training Opportunities"), 1),
    ((4, "Toolkits and Resources"), 2),
]


class TestThePosts:
    def test_every_text_is_exactly_as_printed(self, pack: Pack) -> None:
        assert [hashlib.sha256(post.text.encode()).hexdigest() for post in pack.posts] == DIGESTS

    def test_the_weeks_hold_17_9_7_and_3(self, pack: Pack) -> None:
        assert Counter(post.week for post in pack.posts) == {1: 17, 2: 9, 3: 7, 4: 3}

    def test_every_post_stands_in_its_section(self, pack: Pack) -> None:
        assert list(Counter((post.week, post.section) for post in pack.posts).items()) == SECTIONS

    def test_resources_are_titled_as_printed(self, pack: Pack) -> None:
        titles = Counter(post.resource for post in pack.posts if post.resource)
        assert len(titles) == 17
        assert titles["Resources for People who have Experienced Human Trafficking"] == 4
        assert titles["SOAR Online: Responding to Human Trafficking Through the Child Welfare System"] == 2
        assert titles["SOAR Online: Disaster Management – Preventing and Responding to Human Trafficking"] == 1

    def test_only_the_kickoff_post_without_fill_ins_is_pinned(self, pack: Pack) -> None:
        first = [post for post in pack.posts if post.section and "1/11" in post.section]
        assert [post.pins for post in first] == [(), ("01-01", "01-11"), ()]
        assert not any(post.pins for post in pack.posts if post not in first)

    def test_two_posts_wait_for_fill_ins(self, pack: Pack) -> None:
        waiting = {post.key: post.fill_ins for post in pack.posts if post.fill_ins}
        assert waiting == {
            "w1-kickoff-proclamation": ("proclamation-link",),
            "w1-kickoff-partner-quote": ("partnership-quote", "proclamation-or-recording-link"),
        }

    def test_every_post_but_those_two_has_one_link_with_its_target(self, pack: Pack) -> None:
        for post in pack.posts:
            assert len(post.links) == (0 if post.fill_ins else 1), post.key
            assert all(link.target and link.target.startswith("https://") for link in post.links)

    @pytest.mark.parametrize(
        ("visible", "target"),
        [
            ("acf.hhs.gov/otip/events", "https://www.acf.hhs.gov/otip/events"),
            ("youtube.com/watch?v=Epks5Iwo7NU", "https://www.youtube.com/watch?v=Epks5Iwo7NU"),
            ("youtube.com/watch?v=FHuhdZdX4wo", "https://youtube.com/watch?v=FHuhdZdX4wo"),
            ("humantraffickinghotline.org", "https://humantraffickinghotline.org"),
            ("www.state.gov/humantrafficking", "https://www.state.gov/humantrafficking"),
            ("https://www.train.org/main/course/1087536", "https://www.train.org/main/course/1087536"),
        ],
    )
    def test_links_lead_where_the_toolkit_says(self, pack: Pack, visible: str, target: str) -> None:
        found = {link.visible: link.target for post in pack.posts for link in post.links}
        assert found[visible] == target

    def test_slips_are_kept_with_their_correction(self, pack: Pack) -> None:
        slips = {typo.printed: typo.correction for post in pack.posts for typo in post.typos}
        assert slips == {
            "nhtta.acf.hhs.gov": "nhttac.acf.hhs.gov",
            "anti- trafficking": "anti-trafficking",
            "during the COVID-19.": "during the COVID-19 pandemic.",
            "the student safety": "student safety",
        }


class TestTheFacts:
    def test_the_hotline_is_the_toolkits(self, pack: Pack) -> None:
        facts = {fact.key: fact.value for fact in pack.contact.facts}
        assert facts["voice"] == "1-888-373-7888"
        assert facts["text-line"] == "233733 (BEFREE)"
        assert facts["website"] == "humantraffickinghotline.org"
        assert facts["tty"] == "711"
        assert {"confidential", "hours", "languages"} <= facts.keys()

    def test_what_the_toolkit_does_not_say_is_marked(self, pack: Pack) -> None:
        chat = next(fact for fact in pack.contact.facts if fact.key == "chat")
        assert chat.source == "Not in the toolkit"

    def test_the_hashtags_are_one_primary_and_five_others_two_a_post(self, pack: Pack) -> None:
        assert pack.hashtags.limit == 2
        assert pack.hashtags.primary == "Partner2Prevent"
        assert pack.hashtags.secondary == (
            "EndTrafficking",
            "HumanTrafficking",
            "ForcedLabor",
            "LaborTrafficking",
            "SexTrafficking",
        )

    def test_the_shortest_english_mention_leaves_most_posts_whole_on_x(self, pack: Pack) -> None:
        assert pack.mention_forms["en"][-1] == "Hotline: 1-888-373-7888"

    def test_no_mention_form_carries_the_website(self, pack: Pack) -> None:
        assert not any("hotline.org" in form for forms in pack.mention_forms.values() for form in forms)

    def test_every_fill_in_of_the_toolkit_is_there(self, pack: Pack) -> None:
        assert {fill_in.text for fill_in in pack.fill_ins} == {
            "[link to proclamation]",
            "[Quote on how you are partnering to prevent human trafficking.]",
            "[link to proclamation or your Voices of Freedom recording on local collaboration]",
            "[XX]",
            "[State/Organization]",
            "(insert State, City, County, etc.)",
            "(title: Governor, Mayor, etc.)",
        }

    def test_the_language_rules_quote_the_toolkits_guidelines(self, pack: Pack) -> None:
        rules = {rule.code: rule for entry in pack.languages for rule in entry.rules}
        names = (
            "victim",
            "homeless",
            "runaway",
            "vulnerable",
            "marginalized",
            "high_risk",
            "at_risk",
            "rescue",
            "save",
        )
        assert set(rules) == {f"language.{name}" for name in names}
        guidelines = " ".join(
            item.text or "" for section in pack.kit if section.key == "messaging" for item in section.items
        )
        assert all(rule.wording in guidelines for rule in rules.values())
        assert {rule.heading for rule in rules.values()} == {"Guidelines for Messaging and Images › Messaging"}


class TestTheKit:
    def test_the_ten_topics_of_resources_are_kept(self, pack: Pack) -> None:
        topics = {section.heading: len(section.items) for section in pack.kit if section.under == "resources"}
        assert topics == {
            "Children and Youth": 10,
            "Disaster Management": 4,
            "Diversity, Equity, Inclusion, and Accessibility": 7,
            "Healthcare and Behavioral Healthcare": 8,
            "Housing and Economic Mobility": 10,
            "Resources for People who have Experienced Human Trafficking": 4,
            "Strengthening Services for People Who Have Experienced Human Trafficking": 10,
            "Substance Use Disorders": 6,
            "Survivor Engagement": 4,
            "Technology Facilitated Human Trafficking": 3,
        }

    def test_a_link_without_an_address_says_so(self, pack: Pack) -> None:
        links = [link for section in pack.kit for link in section.links]
        assert links
        assert all(link.target is None and link.note == "link not in source" for link in links)

    @pytest.mark.parametrize(
        ("key", "items"),
        [
            ("goals", 4),
            ("audiences", 5),
            ("accounts-to-follow", 4),
            ("add-your-voice", 7),
            ("sample-proclamation", 14),
            ("statistics", 7),
            ("images", 3),
            ("images-to-avoid", 5),
            ("endnotes", 4),
        ],
    )
    def test_the_lists_are_whole(self, pack: Pack, key: str, items: int) -> None:
        assert {section.key: len(section.items) for section in pack.kit}[key] == items
