from __future__ import annotations

import pytest

from app.errors import InvalidInput
from app.packs.replacing import changed_facts, replaced_in_pack
from app.packs.schema import Pack


class TestAWithdrawnFactOfThePackItself:
    def test_a_number_is_replaced_in_contact_and_mention_forms(self, pack: Pack) -> None:
        changed = replaced_in_pack(pack, "number", "888 373 7888", "1-202-555-0142")
        assert changed is not None
        assert changed.contact.voice is not None
        assert changed.contact.voice.value == "1-202-555-0142"
        forms = [form for forms in changed.mention_forms.values() for form in forms]
        assert not any("373-7888" in form for form in forms)
        assert any("1-202-555-0142" in form for form in forms)
        assert changed_facts(pack, changed) == ("voice",)
        assert changed.posts == pack.posts

    def test_a_website_is_replaced_wherever_the_pack_says_it(self, pack: Pack) -> None:
        changed = replaced_in_pack(pack, "link", "https://www.humantraffickinghotline.org/", "https://help.example.org")
        assert changed is not None
        assert changed.contact.website is not None
        assert changed.contact.website.value == "help.example.org"
        assert "help.example.org" in changed.known_hosts
        forms = [form for forms in changed.mention_forms.values() for form in forms]
        assert not any("humantraffickinghotline" in form for form in forms)
        assert set(changed_facts(pack, changed)) == {"website", "chat"}

    def test_what_the_pack_does_not_say_changes_nothing(self, pack: Pack) -> None:
        assert replaced_in_pack(pack, "number", "1-202-555-0199", "1-202-555-0142") is None
        assert replaced_in_pack(pack, "words", "human", "person") is None

    def test_a_value_that_cannot_stand_there_is_refused(self, pack: Pack) -> None:
        with pytest.raises(InvalidInput):
            replaced_in_pack(pack, "number", "8883737888", "call us")
