"""What PostgreSQL refuses, breaks off or takes too long over ends as a `StorageUnavailable` that says what to do."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import BadConfiguration, StorageUnavailable
from app.postgres import Reach, check_version
from app.settings import Settings

pytestmark = pytest.mark.postgres

TWO_ROWS = (
    "CREATE TABLE IF NOT EXISTS scratch (id int PRIMARY KEY, n int NOT NULL);"
    "INSERT INTO scratch VALUES (1, 0), (2, 0) ON CONFLICT (id) DO UPDATE SET n = 0"
)


@pytest.fixture
def url(migrated_postgres: Database) -> Iterator[str]:
    with migrated_postgres.write() as session:
        session.execute(text(TWO_ROWS))
    yield migrated_postgres.engine.url.render_as_string(hide_password=False)
    with migrated_postgres.write() as session:
        session.execute(text("DROP TABLE scratch"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url, reach=Reach(lock=timedelta(seconds=5)))
    yield database
    database.dispose()


def change(session: Session, row: int) -> None:
    session.execute(text("UPDATE scratch SET n = n + 1 WHERE id = :row"), {"row": row})


def change_after(database: Database, statement: str) -> None:
    with database.write() as session:
        session.execute(text(statement))
        change(session, 1)


def counts(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(text("SELECT n FROM scratch ORDER BY id")))


class TestTwoChanges:
    def test_that_wait_for_one_another_end_with_one_done_and_one_told_to_try_again(self, database: Database) -> None:
        both, refused = threading.Barrier(2, timeout=10), []

        def both_rows(first: int, second: int) -> None:
            try:
                with database.write() as session:
                    change(session, first)
                    both.wait()
                    change(session, second)
            except StorageUnavailable as error:
                refused.append(error)

        threads = [threading.Thread(target=both_rows, args=rows) for rows in ((1, 2), (2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [(error.message, error.hint) for error in refused] == [
            ("Two changes met in the database and this one gave way.", "Nothing of it was kept: try again.")
        ]
        assert counts(database) == [1, 1]

    def test_meet_at_read_committed_whatever_the_servers_default(self, url: str, database: Database) -> None:
        name = database.engine.url.database
        with database.write() as session:
            session.execute(text(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'"))
        ours = Database(url)
        try:
            with ours.read() as session:
                assert session.scalars(text("SHOW default_transaction_isolation")).one() == "serializable"
                assert session.scalars(text("SHOW transaction_isolation")).one() == "read committed"
        finally:
            ours.dispose()
            with database.write() as session:
                session.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_isolation'))

    def test_of_which_one_fails_to_be_serialized_end_with_that_one_told_to_try_again(self, database: Database) -> None:
        def overtaken() -> None:
            with database.write() as session:
                session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                session.execute(text("SELECT n FROM scratch"))
                with database.write() as other:
                    change(other, 1)
                change(session, 1)

        with pytest.raises(StorageUnavailable, match="gave way"):
            overtaken()
        assert counts(database) == [1, 0]


class TestLimit:
    def test_on_a_lock_ends_the_wait_for_it(self, url: str, database: Database) -> None:
        impatient = Database(url, reach=Reach(lock=timedelta(seconds=0.1)))
        with database.write() as session:
            change(session, 1)
            with pytest.raises(StorageUnavailable, match="kept the same rows"), impatient.write() as other:
                change(other, 1)
        impatient.dispose()

    def test_on_a_statement_ends_it(self, url: str) -> None:
        impatient = Database(url, reach=Reach(statement=timedelta(seconds=0.1)))
        with pytest.raises(StorageUnavailable, match="took too long"), impatient.read() as session:
            session.execute(text("SELECT pg_sleep(5)"))
        impatient.dispose()

    def test_on_an_idle_transaction_frees_what_a_frozen_process_holds(self, url: str, database: Database) -> None:
        frozen = Database(url, reach=Reach(idle_transaction=timedelta(seconds=0.2)))

        def freeze() -> None:
            with frozen.write() as session:
                change(session, 1)
                time.sleep(0.6)
                with database.write() as other:
                    change(other, 1)
                change(session, 2)

        with pytest.raises(StorageUnavailable):
            freeze()
        assert counts(database) == [1, 0]
        with frozen.write() as session:
            change(session, 2)
        assert counts(database) == [1, 1]
        frozen.dispose()

    def test_of_the_url_is_kept_beside_ours(self, url: str) -> None:
        own = f"{url}{'&' if '?' in url else '?'}options=-c%20lock_timeout%3D3s&application_name=agency"
        both = Database(own, reach=Reach(statement=timedelta(seconds=7), lock=timedelta(seconds=5)))
        with both.read() as session:
            shown = [session.scalars(text(f"SHOW {name}")).one() for name in ("statement_timeout", "lock_timeout")]
            assert shown == ["7s", "3s"]
            assert session.scalars(text("SHOW application_name")).one() == "agency"
        both.dispose()

    def test_on_an_idle_transaction_leaves_a_network_the_time_to_renew_secrets(self) -> None:
        reach = Reach.from_settings(Settings(publish_deadline_seconds=100, send_lease_seconds=120))
        assert reach.idle_transaction is not None
        assert reach.idle_transaction >= timedelta(seconds=200)


class TestRefusal:
    def test_of_a_read_only_server_names_the_primary(self, database: Database) -> None:
        with pytest.raises(StorageUnavailable, match="read-only") as caught:
            change_after(database, "SET TRANSACTION READ ONLY")
        assert "primary" in caught.value.hint

    def test_of_a_user_without_rights_says_what_to_grant(self, database: Database) -> None:
        with pytest.raises(StorageUnavailable, match="does not let its user") as caught:
            change_after(database, "SET LOCAL ROLE pg_monitor")
        assert "owner" in caught.value.hint

    def test_of_a_connection_that_was_ended_is_over_with_the_next_one(self, database: Database) -> None:
        def end() -> None:
            with database.write() as session:
                change(session, 1)
                ours = session.scalars(text("SELECT pg_backend_pid()")).one()
                with database.write() as other:
                    other.execute(text("SELECT pg_terminate_backend(:ours)"), {"ours": ours})
                change(session, 2)

        with pytest.raises(StorageUnavailable):
            end()
        with database.write() as session:
            change(session, 2)
        assert counts(database) == [0, 1]

    def test_of_a_lost_connection_is_said_though_the_first_error_was_passed_over(self, database: Database) -> None:
        def end() -> None:
            with database.read() as session:
                ours = session.scalars(text("SELECT pg_backend_pid()")).one()
                with database.write() as other:
                    other.execute(text("SELECT pg_terminate_backend(:ours)"), {"ours": ours})
                with contextlib.suppress(OperationalError):
                    session.execute(text("SELECT 1"))
                session.execute(text("SELECT 1"))

        with pytest.raises(StorageUnavailable, match="connection to the database was lost"):
            end()

    def test_of_an_old_server_says_which_is_needed(self) -> None:
        check_version((15, 0))
        with pytest.raises(BadConfiguration, match="PostgreSQL 14; Focusweek needs 15"):
            check_version((14, 11))


class TestPassword:
    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://user:hush-hush@127.0.0.1:9/name",
            "postgresql://user:hush-hush@127.0.0.1:9/name?sslmode=none",
            "postgresql://user:hush-hush/with/slashes@127.0.0.1/name",
            "postgresql://user:hush-hush@127.0.0.1:port/name",
            "postgresql://user:hush-hush@[::1/name",
            "postgresql://user:hush-hush@127.0.0.1:9/name?secret=hush-hush",
        ],
    )
    def test_is_in_no_error(self, url: str) -> None:
        with pytest.raises((StorageUnavailable, BadConfiguration)) as caught, Database(url).read() as session:
            session.execute(text("SELECT 1"))
        assert "hush" not in f"{caught.value.message} {caught.value.hint} {caught.value.context}"

    def test_is_not_in_what_settings_show_of_themselves(self) -> None:
        assert "hush" not in repr(Settings(database_url="postgresql://user:hush-hush@127.0.0.1/name"))


class TestConnections:
    def test_with_an_option_that_there_is_none_of_are_refused_by_its_name(self) -> None:
        with pytest.raises(BadConfiguration, match="ssl_mode"):
            Database("postgresql://user@127.0.0.1/name?ssl_mode=require")

    def test_keep_what_the_url_says_of_tls(self) -> None:
        database = Database("postgresql://user@127.0.0.1:9/name?sslmode=verify-full&sslrootcert=/ca.pem")
        _, args = database.engine.dialect.create_connect_args(database.engine.url)
        assert (args["sslmode"], args["sslrootcert"]) == ("verify-full", "/ca.pem")

    def test_are_enough_for_all_workers_beside_requests(self) -> None:
        pool = Reach(workers=64).pool
        assert pool["pool_size"] > 64
        # PostgreSQL lets in 100, and administrators, migrations and a listener want some.
        assert pool["pool_size"] + pool["max_overflow"] <= 90

    def test_behind_a_pooler_tie_nothing_to_themselves(self) -> None:
        reach = Reach(statement=timedelta(seconds=1), behind_pooler=True)
        args = reach.connect_args({})
        assert args["prepare_threshold"] is None
        assert "options" not in args

    def test_behind_a_pooler_work(self, url: str) -> None:
        pooled = Database(url, reach=Reach(behind_pooler=True))
        for _ in range(10):
            with pooled.write() as session:
                change(session, 1)
        with pooled.read() as session:
            assert session.scalars(text("SELECT count(*) FROM pg_prepared_statements")).one() == 0
        assert counts(pooled) == [10, 0]
        pooled.dispose()
