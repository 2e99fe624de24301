from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from delivery_stage import Stage
from sqlalchemy import select

from app.delivery.credentials import StoredCredentials, connection_for
from app.errors import BadConfiguration
from app.models import Credential
from app.platforms.base import Via
from app.platforms.vault import Vault


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


def stored(stage: Stage, vault: Vault) -> StoredCredentials:
    account = stage.account(stage.campaign())
    return StoredCredentials(stage.database, vault, account.id, stage.clock)


class TestStoredCredentials:
    def test_come_back_as_they_were_kept_and_lie_sealed_in_the_database(self, stage: Stage, vault: Vault) -> None:
        credentials = stored(stage, vault)
        credentials.store({"token": "a-secret"})
        credentials.store({"token": "another-secret"})
        assert credentials.read() == {"token": "another-secret"}
        with stage.database.read() as session:
            row = session.scalars(select(Credential)).one()
        assert row.version == 2
        assert b"secret" not in row.sealed

    def test_of_an_account_without_any_are_empty(self, stage: Stage, vault: Vault) -> None:
        assert stored(stage, vault).read() == {}

    def test_cannot_be_opened_with_another_key(self, stage: Stage, vault: Vault) -> None:
        credentials = stored(stage, vault)
        credentials.store({"token": "a-secret"})
        other = StoredCredentials(
            stage.database, Vault([Fernet.generate_key().decode()]), credentials._account_id, stage.clock
        )
        with pytest.raises(BadConfiguration):
            other.read()

    def test_show_no_secret_when_printed(self, stage: Stage, vault: Vault) -> None:
        credentials = stored(stage, vault)
        credentials.store({"token": "a-secret"})
        connection = connection_for(stage.account(stage.campaign(slug="two"), "other"), credentials)
        assert "a-secret" not in repr(connection)
        assert connection.via is Via.SANDBOX

    def test_let_one_refresh_at_a_time_in_and_its_result_be_seen_by_the_next(self, stage: Stage, vault: Vault) -> None:
        credentials = stored(stage, vault)
        credentials.store({"n": "0"})
        start = threading.Barrier(4)

        def refresh() -> None:
            mine = StoredCredentials(stage.database, vault, credentials._account_id, stage.clock)
            start.wait()
            with mine.lock():
                mine.store({"n": str(int(mine.read()["n"]) + 1)})

        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(refresh) for _ in range(4)]:
                future.result()
        assert credentials.read() == {"n": "4"}
