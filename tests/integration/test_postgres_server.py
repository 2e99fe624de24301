"""The server that tests start for themselves where there is none; see `tests/support/postgres_server.py`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import postgres_server
import psycopg
import pytest
from postgres_server import URL_VARIABLE, WHICH_VARIABLE, NoServer, refusal, server_url

SUPPORT = Path(postgres_server.__file__).parent
#: What a run of tests does, in short: it asks for a server, then works, and never says that it has ended.
SESSION = f"""
import sys, time
sys.path.insert(0, {str(SUPPORT)!r})
from postgres_server import server_url
print(server_url(), flush=True)
time.sleep(60)
"""


def fresh() -> str:
    """Ask by the present settings; what the session found is kept for the other tests."""
    return server_url.__wrapped__()


@pytest.mark.postgres
class TestEmbeddedServer:
    def test_is_each_sessions_own_and_goes_with_it_however_that_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(URL_VARIABLE, raising=False)
        monkeypatch.setenv(WHICH_VARIABLE, "embedded")
        sessions = [
            subprocess.Popen([sys.executable, "-c", SESSION], stdout=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(2)
        ]
        folders = []
        for session in sessions:
            assert session.stdout is not None
            url = session.stdout.readline().strip()
            with psycopg.connect(url, autocommit=True) as connection:
                folders += [Path(str(row[0])) for row in connection.execute("SHOW data_directory")]
                assert connection.execute("SHOW fsync").fetchone() == ("off",)
            # Others on this machine cannot use it: it lets in whoever has its password.
            assert "password" in str(refusal(url.replace("focusweek_test:", "focusweek_test:not-")))
        assert len(set(folders)) == 2
        for session in sessions:
            session.kill()
            session.communicate()
        until = time.monotonic() + 20
        while any(folder.parent.exists() for folder in folders) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(folder.parent.exists() for folder in folders)


class TestServer:
    def test_that_is_named_and_does_not_answer_is_not_replaced_by_another(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(URL_VARIABLE, "postgresql://nobody@127.0.0.1:9/none")
        with pytest.raises(NoServer, match=URL_VARIABLE):
            fresh()

    def test_of_a_kind_that_there_is_none_of_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(URL_VARIABLE, raising=False)
        monkeypatch.setenv(WHICH_VARIABLE, "emebdded")
        with pytest.raises(NoServer, match="emebdded"):
            fresh()

    def test_says_in_one_line_why_it_does_not_answer(self) -> None:
        why = refusal("postgresql://nobody@127.0.0.1:9/none")
        assert why is not None
        assert "\n" not in why
