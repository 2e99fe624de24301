"""The whole API held to its own OpenAPI document, with requests made up by the thousand that fit it and that do not.

Schemathesis plays the client, in a process of its own: every operation's examples, the edges of every field, and random
requests. No answer may be an error of ours, and each must be one that the document promises. `make fuzz` makes up more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_client import Json, serving
from api_token import TOKEN
from fastapi import FastAPI
from one_of_everything import fill
from sqlalchemy import text, update
from starlette.types import ASGIApp, Receive, Scope, Send

from app.bootstrap import House
from app.db import Base
from app.main import create_app

#: How many random requests are made up per operation.
EXAMPLES = os.environ.get("FOCUSWEEK_FUZZ_EXAMPLES", "3")
SEED = os.environ.get("FOCUSWEEK_FUZZ_SEED", "20270111")
CONFIG = Path(__file__).with_name("schemathesis.toml")

#: What a client may do to itself, and then could do nothing any more.
_UNDONE = (
    "UPDATE organization SET state = 'active' WHERE id = 1 AND state <> 'active'",
    "UPDATE api_token SET revoked_at = NULL WHERE name = 'tests' AND revoked_at IS NOT NULL",
)


def undoing(app: ASGIApp, house: House) -> ASGIApp:
    """Before each request, let the client back in that has closed its organization or revoked its token."""

    async def undone(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with house.database.engine.begin() as connection:
                for statement in _UNDONE:
                    connection.execute(text(statement))
        await app(scope, receive, send)

    return undone


@pytest.fixture
def base(house: House, api: object, planned: Json) -> Iterator[str]:
    """The address of the API with a planned campaign and one of everything in it."""
    with house.database.engine.begin() as connection:
        made = fill(connection, 1)
        for table in ("alert_channel", "credential", "webhook"):
            sealed = house.vault.encrypt({"secret": "whsec_bm90aGluZyB0aGF0IGlzIHNlY3JldA==", "token": "none"})
            rows = Base.metadata.tables[table]
            connection.execute(update(rows).where(rows.c.id == made[table]).values(sealed=sealed))
    app: FastAPI = create_app(house, ticking=False)
    with serving(undoing(app, house)) as address:
        yield address


@pytest.mark.timeout(7200)
def test_no_request_breaks_the_api_or_what_its_document_says(base: str, tmp_path: Path) -> None:
    run = subprocess.run(  # noqa: S603 - our own command
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG),
            "run", f"{base}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {TOKEN}",
            "--phases", "examples,coverage,fuzzing", "--mode", "all", "--checks", "all",
            "--max-examples", EXAMPLES, "--seed", SEED,
            "--continue-on-failure", "--no-color", "--warnings", "off",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
