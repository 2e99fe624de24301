"""What the engine is measured on: the whole house as `focusweek serve` puts it together, with 1,000 accounts.

The campaign is the bundled pack's, its contact facts confirmed and its gaps filled in; the accounts are Mastodon
accounts that post through the network's adapter; their tokens are sealed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from sqlalchemy import func, insert, select, text, update

from app.bootstrap import House, open_house
from app.logs import set_up_logs
from app.main import create_app
from app.models import Account, Campaign, Delivery, Organization, Post
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.approvals import approve_everything
from app.services.campaigns import create_campaign, set_fill_ins
from app.services.composer import CampaignComposer
from app.services.contacts import confirm_contacts, contact_facts
from app.settings import Settings

YEAR = 2027
DEFAULT_THREADS = 4


@dataclass(frozen=True, slots=True)
class Work:
    """A post that passes every check for Mastodon: its row id, week and exact text."""

    post_id: int
    campaign_id: int
    week: int
    text: str


def log_to_nowhere() -> None:
    """Write logs as the service does, at its usual level, to where nobody reads them."""
    shown, sys.stderr = sys.stderr, Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # kept by the logger
    try:
        set_up_logs("INFO")
        # What libraries say goes the same way.
        logging.basicConfig(stream=sys.stderr)
    finally:
        sys.stderr = shown


def house_at(url: str, directory: Path, *, threads: int = DEFAULT_THREADS) -> House:
    """Open a house as the service does, allowed to reach this machine's own server."""
    settings = Settings(
        data_dir=directory / "data", database_url=url, allow_private_targets=True, worker_threads=threads
    )
    return open_house(settings)


def prepare(url: str, directory: Path, *, accounts: int) -> list[Work]:
    """Set up the campaign and the accounts; return the posts that pass every check. Tokens are t0, t1, and so on."""
    house = house_at(url, directory)
    try:
        with house.write() as scope:
            campaign = create_campaign(scope, default_pack(), year=YEAR)
            set_fill_ins(scope, campaign, _fill_ins(), rehearsal=True)
            keys = [fact.key for fact in contact_facts(scope.session, campaign)]
            confirm_contacts(scope, campaign, keys, by="the benchmark", method="called")
            for number in range(accounts):
                secrets = {"token": f"t{number}"}
                new = NewAccount(f"a{number}", "mastodon", Via.NETWORK, server="http://127.0.0.1:1", secrets=secrets)
                account = add_account(scope, house.vault, new)
                account.remote_id = str(number + 1)
            # One person fills in and approves here.
            scope.session.get_one(Organization, scope.organization_id).allows_own_approval = True
            approve_everything(scope, campaign, by="the benchmark")
        with house.read() as scope:
            return _passing(house, scope.session.scalars(select(Campaign)).one())
    finally:
        house.close()


def _fill_ins() -> dict[str, str]:
    return {fill_in.key: "https://example.org/help" for fill_in in default_pack().fill_ins}


def _passing(house: House, campaign: Campaign) -> list[Work]:
    composer = CampaignComposer(house.platforms)
    found = []
    with house.read() as scope:
        account = scope.session.scalars(select(Account).limit(1)).one()
        for post in scope.session.scalars(select(Post).order_by(Post.position)):
            composed = composer.compose(scope.session, post=post, account=account, campaign=campaign)
            parts = composed.composition.parts
            if len(parts) == 1 and composed.composition.verdict.sendable and not composed.refusals:
                found.append(Work(post.id, campaign.id, post.week, parts[0].text))
    return found


def plan(house: House, server_url: str, work: Sequence[Work], due: Sequence[datetime]) -> None:
    """Give account after account one delivery, due at the instants given; all accounts are on the server at the URL."""
    with house.database.write() as session:
        now = house.clock.now()
        organization = session.scalars(select(Organization.id)).one()
        session.execute(update(Account).values(server=server_url))
        accounts = session.scalars(select(Account.id).order_by(Account.id)).all()
        rows = [
            {
                "organization_id": organization,
                "campaign_id": work[number % len(work)].campaign_id,
                "post_id": work[number % len(work)].post_id,
                "account_id": accounts[number % len(accounts)],
                "occurrence": f"b{number}",
                "week": work[number % len(work)].week,
                "state_since": now,
                "due_at": at,
                "ready_at": at,
                "created_at": now,
            }
            for number, at in enumerate(due)
        ]
        session.execute(insert(Delivery), rows)
    if not house.database.is_sqlite:
        # In service a plan stands for weeks, and PostgreSQL's autovacuum has long looked at its tables.
        with house.database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def published(house: House) -> int:
    """Return how many deliveries are recorded as published."""
    with house.database.read() as session:
        return session.scalar(select(func.count()).where(Delivery.state == "published")) or 0


@contextlib.contextmanager
def ticking(house: House) -> Iterator[None]:
    """Run the scheduler over a house as the service does: by the web application's own lifespan, without its port."""
    app = create_app(house)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield


def wait_for(done: Callable[[], bool], *, seconds: float, every: float = 0.02) -> float:
    """Return when (seconds since 1970) it was seen that `done`; raise if that takes longer than `seconds`."""
    end = time.time() + seconds
    while not done():
        if time.time() > end:
            raise TimeoutError(f"not done in {seconds} seconds")
        time.sleep(every)
    return time.time()
