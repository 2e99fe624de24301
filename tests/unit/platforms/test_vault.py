from __future__ import annotations

import os
import stat
import threading

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from app.errors import BadConfiguration
from app.platforms.vault import KEY_FILE, Vault, open_vault
from app.settings import Settings

SECRETS = {"access_token": "a-token", "motto": "gemeinsam vorbeugen ✓"}


def key() -> str:
    return Fernet.generate_key().decode()


class TestSealing:
    def test_gives_back_what_was_sealed(self) -> None:
        vault = Vault([key()])
        assert vault.decrypt(vault.encrypt(SECRETS)) == SECRETS

    def test_shows_nothing(self) -> None:
        vault = Vault([key()])
        sealed = vault.encrypt(SECRETS)
        assert b"a-token" not in sealed
        assert sealed != vault.encrypt(SECRETS)

    def test_opens_what_any_of_the_keys_sealed(self) -> None:
        old, new = key(), key()
        sealed = Vault([old]).encrypt(SECRETS)
        both = Vault([new, old])
        assert both.decrypt(sealed) == SECRETS
        assert Vault([new]).decrypt(both.rotate(sealed)) == SECRETS

    @pytest.mark.parametrize(
        "token",
        [b"", b"garbage", Fernet(Fernet.generate_key()).encrypt(b"{}")],
        ids=["empty", "garbage", "another_key"],
    )
    def test_says_what_to_do_when_no_key_opens_it(self, token) -> None:
        with pytest.raises(BadConfiguration) as caught:
            Vault([key()]).decrypt(token)
        assert KEY_FILE in caught.value.hint

    @pytest.mark.parametrize("keys", [[], [""], [" ", ""], ["not a key"], ["a" * 44], ["ключ"]])
    def test_refuses_what_is_no_key_and_does_not_repeat_it(self, keys) -> None:
        with pytest.raises(BadConfiguration) as caught:
            Vault(keys)
        assert "FOCUSWEEK_CREDENTIALS_KEYS" in caught.value.hint
        assert not any(k.strip() and k in f"{caught.value!r}{caught.value.hint}" for k in keys)

    def test_keys_stand_in_no_repr(self) -> None:
        secret = key()
        assert secret not in repr(Vault([secret]))


class TestTheKeyFile:
    def test_is_made_once_and_for_its_owner_only(self, tmp_path) -> None:
        home = tmp_path / "data"
        sealed = open_vault(None, home).encrypt(SECRETS)
        assert open_vault(None, home).decrypt(sealed) == SECRETS
        assert [path.name for path in home.iterdir()] == [KEY_FILE]
        if os.name == "posix":
            assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600

    @pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
    def test_that_others_could_read_is_closed(self, tmp_path) -> None:
        open_vault(None, tmp_path)
        (tmp_path / KEY_FILE).chmod(0o644)
        open_vault(None, tmp_path)
        assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600

    def test_is_one_for_all_who_start_at_once(self, tmp_path) -> None:
        vaults = []
        threads = [threading.Thread(target=lambda: vaults.append(open_vault(None, tmp_path))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sealed = vaults[0].encrypt(SECRETS)
        assert all(vault.decrypt(sealed) == SECRETS for vault in vaults)

    @pytest.mark.parametrize("content", [b"", b"nonsense\n", b"\xff\xfe"])
    def test_that_holds_no_key_is_named(self, tmp_path, content) -> None:
        (tmp_path / KEY_FILE).write_bytes(content)
        with pytest.raises(BadConfiguration, match=KEY_FILE):
            open_vault(None, tmp_path)
        assert (tmp_path / KEY_FILE).read_bytes() == content

    def test_in_a_place_that_cannot_be_written_is_named(self, tmp_path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(BadConfiguration, match=KEY_FILE):
            open_vault(None, tmp_path / "file")

    def test_is_not_made_where_keys_are_given(self, tmp_path) -> None:
        given = key()
        settings = Settings(data_dir=tmp_path, credentials_keys=SecretStr(f"{given}, {key()}"))
        sealed = Vault.from_settings(settings).encrypt(SECRETS)
        assert Vault([given]).decrypt(sealed) == SECRETS
        assert list(tmp_path.iterdir()) == []
